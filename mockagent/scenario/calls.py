"""The agent's function calls as a script: asked for in one request, and every answer waited for."""

import json
from collections.abc import Iterable

from mockagent.protocol import codes, messages
from mockagent.protocol.events import Dialect
from mockagent.protocol.messages import FunctionCall, FunctionResult
from mockagent.protocol.wording import choices
from mockagent.scenario.actions import Close
from mockagent.scenario.cues import Cue, Script, StepFailed, Want
from mockagent.scenario.matching import difference
from mockagent.scenario.model import Call, CallTurn
from mockagent.scenario.scene import Scene
from mockagent.scenario.templates import filled
from mockagent.scenario.turns import message_of, pause, thinking

RUNS_FOR = 0.1
"""Seconds that a function with an endpoint seems to take, when its result comes from the scenario."""


def call_turn(scene: Scene, step: CallTurn) -> Script:
    """The agent calls functions, all in one request, and waits for every answer."""
    yield from thinking(scene, step.thinking, step.place)
    calls = [(_function_call(scene, call, step), call) for call in step.calls]
    for body in messages.function_call_requests(scene.dialect, (made for made, _ in calls)):
        scene.send(body, step.breaks)
    answers: dict[str, str] = {}
    yield from _server_answers(scene, step, calls, answers)
    yield from _client_answers(scene, step, calls, answers)
    scene.floor.remember(messages.history_calls((made, answers[made.id]) for made, _ in calls))
    scene.names.update((call.capture, answers[made.id]) for made, call in calls if call.capture)


def _function_call(scene: Scene, call: Call, step: CallTurn) -> FunctionCall:
    defined = messages.functions_of(scene.settings)
    is_known = call.name in defined or messages.names_stored_agent(scene.settings)
    if not is_known and not step.breaks:
        description = f"The function {call.name} was called, but it is not defined in the settings."
        scene.send(codes.error(scene.dialect, "NON_EXISTENT_FUNCTION_CALLED", description))
        scene.out(Close())
        known = f"it defines {choices(defined)}" if defined else "it defines none"
        raise StepFailed(step.place, f"Settings with a function {call.name!r}", f"Settings where {known}")
    on_server = messages.runs_on_server(defined.get(call.name, {}), scene.dialect)
    if call.server_side is not None and call.server_side is not on_server:
        if call.name in defined and not step.breaks:
            wanted = "with" if call.server_side else "without"
            raise StepFailed(
                step.place, f"{call.name!r} defined {wanted} an endpoint", "the opposite in Settings"
            )
        on_server = call.server_side
    arguments = json.dumps(filled(call.arguments, scene.names), ensure_ascii=False)
    return FunctionCall(scene.new_id(), call.name, arguments, not on_server)


def _server_answers(
    scene: Scene, step: CallTurn, calls: Iterable[tuple[FunctionCall, Call]], answers: dict[str, str]
) -> Script:
    """The server runs its own functions; the client of V1 is told what came of them."""
    own = [(made, call) for made, call in calls if not made.client_side]
    if own:
        yield from pause(scene, RUNS_FOR, step.place)
    for made, call in own:
        answers[made.id] = "{}" if call.result is None else call.result
        if scene.dialect is Dialect.V1:
            scene.send(messages.function_call_response(scene.dialect, made, answers[made.id]), step.breaks)


def _client_answers(
    scene: Scene, step: CallTurn, calls: Iterable[tuple[FunctionCall, Call]], answers: dict[str, str]
) -> Script:
    open_calls = {made.id: (made, call) for made, call in calls if made.client_side}
    limit = scene.now + (step.within or scene.switches.answer_within)
    while open_calls:
        ids = choices(open_calls)
        cue = yield Want(
            lambda cue: _answered(cue, open_calls) is not None,
            until=limit,
            expects=f"a FunctionCallResponse to {ids}",
            place=step.place,
            pattern={"type": "FunctionCallResponse"},
            takes_held=True,
        )
        found = _answered(cue, open_calls)
        if found is None:
            continue
        made, call = open_calls.pop(found[0])
        answers[made.id] = found[1].content
        wrong = difference(call.answer, found[1].content)
        if wrong:
            raise StepFailed(step.place, f"an answer of {call.name}: {wrong.expected}", wrong.got)


def _answered(
    cue: Cue, open_calls: dict[str, tuple[FunctionCall, Call]]
) -> tuple[str, FunctionResult] | None:
    body = message_of(cue, "FunctionCallResponse")
    if body is None:
        return None
    result = messages.result_of(body)
    for id, (made, _) in open_calls.items():
        if result.id == id if result.id else result.name == made.name:
            return id, result
    return None
