"""The agent's function calls as a script: asked for in one request, and every answer waited for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockagent.protocol import codes, configuration, messages
from mockagent.protocol.messages import FunctionCall, FunctionResult
from mockagent.protocol.wording import choices
from mockagent.scenario.actions import Close
from mockagent.scenario.cues import CallsAbandoned, Cue, Happened, Script, StepFailed, Want
from mockagent.scenario.matching import difference
from mockagent.scenario.model import Call, CallTurn, Interruption, Trigger
from mockagent.scenario.scene import Scene
from mockagent.scenario.server_calls import server_answers
from mockagent.scenario.templates import filled
from mockagent.scenario.turns import interrupts, message_of, thinking

_LATER = 1.0
"""Seconds after the time for an answer at which the step fails: by then it has been said that FUN-006 is broken."""


@dataclass(slots=True)
class Calls:
    """The calls of one step: each as it is on the wire and as the script has it; `answers` by their ids."""

    scene: Scene
    step: CallTurn
    made: tuple[tuple[FunctionCall, Call], ...]
    answers: dict[str, str] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)

    def send_undeferred(self) -> None:
        """Ask for the calls that need not wait for the end of the user's turn."""
        defined = configuration.functions_of(self.scene.settings)
        self._send(
            c for c, _ in self.made if not configuration.waits_for_end_of_turn(defined.get(c.name, {}))
        )

    def send_all(self) -> None:
        """Ask for the calls that have not been asked for yet."""
        self._send(call for call, _ in self.made)

    def _send(self, calls: Iterable[FunctionCall]) -> None:
        due = [call for call in calls if call.id not in self._sent]
        if not due:
            return
        self._sent |= {call.id for call in due}
        self.scene.calls.update((call.id, call) for call in due)
        for body in messages.function_call_requests(self.scene.dialect, due):
            self.scene.send(body, self.step.breaks)

    @property
    def is_abandoned(self) -> bool:
        """Whether the user has talked over a call that had no answer yet."""
        return any(call.id in self.scene.abandoned for call, _ in self.made)

    def take_answer(self, id: str, content: str) -> None:
        """An answer has come."""
        self.answers[id] = content
        self.scene.calls.pop(id, None)


def call_turn(scene: Scene, step: CallTurn) -> Script:
    """The agent calls functions, all in one request, and waits for every answer, or for the user to interrupt."""
    yield from thinking(scene, step.thinking, step.place)
    calls = calls_made(scene, step)
    calls.send_all()
    if step.interrupted:
        yield from _until_interrupted(scene, calls, step.interrupted)
    else:
        yield from calls_answered(scene, calls)


def calls_made(scene: Scene, step: CallTurn) -> Calls:
    """The calls of a step, with ids and arguments, before anybody is asked for them."""
    return Calls(scene, step, tuple((_function_call(scene, call, step), call) for call in step.calls))


def calls_answered(scene: Scene, calls: Calls) -> Script:
    """Every answer comes, of either side, unless the user talks over it."""
    yield from server_answers(scene, calls.step, calls.made, calls.take_answer)
    yield from _client_answers(scene, calls)
    _remember(scene, calls)
    scene.names.update(
        (call.capture, calls.answers[made.id])
        for made, call in calls.made
        if call.capture and made.id in calls.answers
    )


def _remember(scene: Scene, calls: Calls) -> None:
    completed = [(made, calls.answers[made.id]) for made, _ in calls.made if made.id in calls.answers]
    if completed:
        scene.floor.remember(messages.history_calls(completed))


def _until_interrupted(scene: Scene, calls: Calls, how: Interruption) -> Script:
    """Answers may come until the user speaks up, or types; what is not answered by then is cancelled."""
    limit = scene.now + (
        (calls.step.within or scene.switches.step_within) if how.after is None else how.after
    )
    while True:
        cue = yield Want(
            lambda cue: interrupts(cue, how) or _answered(cue, calls) is not None,
            until=limit,
            expects="the interruption",
            place=calls.step.place,
            listens=how.by is Trigger.SPEECH,
            takes_held=True,
            must=how.after is None,
        )
        found = _answered(cue, calls)
        if found is None:
            break
        calls.take_answer(found[0].id, found[1].content)
    if isinstance(cue, Happened):
        scene.held.append(cue.event)
    _remember(scene, calls)
    scene.user_starts(cue.at)


def _function_call(scene: Scene, call: Call, step: CallTurn) -> FunctionCall:
    defined = configuration.functions_of(scene.settings)
    is_known = call.name in defined or configuration.names_stored_agent(scene.settings)
    if not is_known and not step.breaks:
        description = f"The function {call.name} was called, but it is not defined in the settings."
        scene.send(codes.error(scene.dialect, "NON_EXISTENT_FUNCTION_CALLED", description))
        scene.out(Close())
        known = f"it defines {choices(defined)}" if defined else "it defines none"
        raise StepFailed(step.place, f"Settings with a function {call.name!r}", f"Settings where {known}")
    on_server = configuration.runs_on_server(defined.get(call.name, {}), scene.dialect)
    if call.server_side is not None and call.server_side is not on_server:
        if call.name in defined and not step.breaks:
            wanted = "with" if call.server_side else "without"
            raise StepFailed(
                step.place, f"{call.name!r} defined {wanted} an endpoint", "the opposite in Settings"
            )
        on_server = call.server_side
    arguments = json.dumps(filled(call.arguments, scene.names), ensure_ascii=False)
    return FunctionCall(scene.new_id(), call.name, arguments, not on_server)


def _client_answers(scene: Scene, calls: Calls) -> Script:
    limit = scene.now + (calls.step.within or scene.switches.answer_within + _LATER)
    while not calls.is_abandoned:
        open_calls = [made.id for made, _ in calls.made if made.id not in calls.answers]
        if not open_calls:
            return
        cue = yield Want(
            lambda cue: isinstance(cue, CallsAbandoned) or _answered(cue, calls) is not None,
            until=limit,
            expects=f"a FunctionCallResponse to {choices(open_calls)}",
            place=calls.step.place,
            pattern={"type": "FunctionCallResponse"},
            takes_held=True,
        )
        found = _answered(cue, calls)
        if found is None:
            continue
        made, result = found
        _keep_order(calls, made)
        calls.take_answer(made.id, result.content)
        wanted = next(call.answer for each, call in calls.made if each is made)
        wrong = difference(wanted, result.content)
        if wrong:
            raise StepFailed(calls.step.place, f"an answer of {made.name}: {wrong.expected}", wrong.got)


def _keep_order(calls: Calls, made: FunctionCall) -> None:
    """Whatever is named before it in the order must have been answered."""
    order = calls.step.order
    earlier = order[: order.index(made.name)] if made.name in order else ()
    left = [each.name for each, _ in calls.made if each.name in earlier and each.id not in calls.answers]
    if left:
        raise StepFailed(
            calls.step.place,
            f"an answer of {left[0]} before that of {made.name}",
            f"that of {made.name} first",
        )


def _answered(cue: Cue, calls: Calls) -> tuple[FunctionCall, FunctionResult] | None:
    """The call of the client that the cue answers, and the answer."""
    body = message_of(cue, "FunctionCallResponse")
    if body is None:
        return None
    result = messages.result_of(body)
    for made, _ in calls.made:
        if made.id in calls.answers or not made.client_side:
            continue
        if result.id == made.id if result.id else result.name == made.name:
            return made, result
    return None
