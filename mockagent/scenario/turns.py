"""Whole turns of a conversation as scripts: the user's, the agent's, and the agent's function calls."""

import json
from collections.abc import Callable, Iterable

from mockagent.protocol import messages
from mockagent.protocol.events import Audio, Dialect, JsonObject, Message
from mockagent.protocol.messages import FunctionCall, FunctionResult
from mockagent.protocol.wording import choices
from mockagent.scenario.actions import Close
from mockagent.scenario.cues import (
    Cue,
    Happened,
    Heard,
    ReplyBegan,
    ReplyEnded,
    Script,
    StepFailed,
    TimeUp,
    TurnForced,
    Waiting,
    Want,
)
from mockagent.scenario.floor import Reply
from mockagent.scenario.matching import difference
from mockagent.scenario.model import AgentTurn, Call, CallTurn, Interruption, Place, Trigger, UserTurn
from mockagent.scenario.scene import Scene
from mockagent.scenario.templates import filled

BEGINS_AFTER = 0.1
"""Seconds of the client's audio after which an utterance has begun."""
QUIET_FOR = 1.0
"""Seconds without audio after which an utterance that had some is over."""
RUNS_FOR = 0.1
"""Seconds that a function with an endpoint seems to take, when its result comes from the scenario."""


def message_of(cue: Cue, type: str) -> JsonObject | None:
    """The body of the message that the client sent, if it is of that type."""
    if (
        isinstance(cue, Happened)
        and isinstance(cue.event.content, Message)
        and cue.event.content.type == type
    ):
        return cue.event.content.body
    return None


def pause(scene: Scene, seconds: float, place: Place = Place()) -> Script:
    """Nothing is done for so long."""
    yield Want(lambda _: False, until=scene.now + seconds, place=place, must=False)


def user_turn(scene: Scene, step: UserTurn) -> Script:
    """The user speaks, or types; unless the turn has begun by barge-in, wait for what triggers it."""
    limit = scene.now + step.lasts + (step.within or scene.switches.step_within)
    typed = None
    if not scene.user_speaks:
        cue = yield from _beginning(scene, step, limit)
        typed = _typed(cue, step)
        if typed is None or scene.floor.current:
            scene.user_starts(cue.at)
    if typed is None:
        typed = yield from _end(scene, step, limit)
    scene.user_ends(filled(step.text, scene.names) if typed is None else typed, scene.now, step.breaks)


def agent_turn(scene: Scene, step: AgentTurn) -> Script:
    """The agent thinks as long as it takes to, says its texts, and is perhaps interrupted."""
    reply = yield from reply_begun(scene, step)
    if step.interrupted:
        yield from _until_interrupted(scene, reply, step.interrupted, step.place)
    else:
        yield from until_over(reply, step.place)


def reply_begun(scene: Scene, step: AgentTurn) -> Waiting[Reply]:
    """The agent thinks as long as it takes to, and begins to speak."""
    yield from _thinking(scene, step.thinking)
    texts = tuple(filled(text, scene.names) for text in step.texts)
    reply = Reply(texts, step.wav, scene.asked_at(), step.breaks)
    scene.floor.say(reply, scene.now)
    return reply


def until_over(reply: Reply, place: Place = Place()) -> Script:
    """Wait until a reply has been said or cut short."""
    if not reply.is_over:
        yield Want(
            lambda cue: isinstance(cue, ReplyEnded) and cue.reply is reply,
            place=place,
            expects="the reply's end",
        )


def call_turn(scene: Scene, step: CallTurn) -> Script:
    """The agent calls functions, all in one request, and waits for every answer."""
    yield from _thinking(scene, step.thinking)
    calls = [(_function_call(scene, call, step), call) for call in step.calls]
    for body in messages.function_call_requests(scene.dialect, (made for made, _ in calls)):
        scene.send(body, step.breaks)
    answers: dict[str, str] = {}
    if any(not made.client_side for made, _ in calls):
        yield from pause(scene, RUNS_FOR, step.place)
    for made, call in calls:
        if not made.client_side:
            answers[made.id] = call.result if call.result is not None else "{}"
            if scene.dialect is Dialect.V1:
                scene.send(
                    messages.function_call_response(scene.dialect, made, answers[made.id]), step.breaks
                )
    yield from _client_answers(scene, step, calls, answers)
    scene.floor.remember(messages.history_calls((made, answers[made.id]) for made, _ in calls))
    for made, call in calls:
        if call.capture:
            scene.names[call.capture] = answers[made.id]


def _beginning(scene: Scene, step: UserTurn, limit: float) -> Waiting[Cue]:
    if step.trigger is Trigger.TIMER:
        return (yield Want(lambda _: False, until=scene.now, place=step.place, must=False))
    mark = scene.heard_for + BEGINS_AFTER

    def begins(cue: Cue) -> bool:
        match cue:
            case Happened(event=event) if isinstance(event.content, Audio):
                return step.trigger is Trigger.AUDIO and scene.heard_for >= mark
            case Heard(started=started):
                return step.trigger is Trigger.SPEECH and started
            case _:
                return _typed(cue, step) is not None

    return (yield _want_of_user(step, begins, limit))


def _end(scene: Scene, step: UserTurn, limit: float) -> Waiting[str | None]:
    """Wait for the utterance to end; what was typed in its place, if it was typed."""
    if step.trigger is Trigger.TIMER:
        limit = scene.now + step.lasts
    mark = scene.heard_for - BEGINS_AFTER + step.lasts
    while True:
        quiet_at = scene.heard_at + QUIET_FOR if scene.heard_at is not None else limit
        until = min(limit, max(quiet_at, scene.now)) if step.trigger is Trigger.AUDIO else limit
        is_last = until == limit and step.trigger is not Trigger.TIMER
        cue = yield _want_of_user(step, lambda cue: _may_end(cue, step), until, must=is_last)
        typed = _typed(cue, step)
        if typed is not None or isinstance(cue, TimeUp | TurnForced | Heard):
            return typed
        if scene.heard_for >= mark:
            return None


def _may_end(cue: Cue, step: UserTurn) -> bool:
    match cue:
        case Happened(event=event) if isinstance(event.content, Audio):
            return step.trigger is Trigger.AUDIO
        case Heard(started=started):
            return step.trigger is Trigger.SPEECH and not started
        case TurnForced():
            return True
        case _:
            return _typed(cue, step) is not None


def _want_of_user(step: UserTurn, accepts: Callable[[Cue], bool], until: float, *, must: bool = True) -> Want:
    return Want(
        accepts,
        until=until,
        expects=_EXPECTED_OF_USER[step.trigger],
        place=step.place,
        pattern={"type": "InjectUserMessage", "content": step.pattern},
        takes_held=True,
        listens=step.trigger is Trigger.SPEECH,
        must=must,
    )


_EXPECTED_OF_USER = {
    Trigger.AUDIO: "audio of the user's turn (or an InjectUserMessage)",
    Trigger.SPEECH: "speech of the user's turn (or an InjectUserMessage)",
    Trigger.TEXT: "an InjectUserMessage",
    Trigger.TIMER: "the user's turn",
}


def _typed(cue: Cue, step: UserTurn) -> str | None:
    body = message_of(cue, "InjectUserMessage")
    if body is None or difference(step.pattern, body.get("content")):
        return None
    return str(body.get("content"))


def _thinking(scene: Scene, thought: str | None) -> Script:
    if scene.user_ended_at is not None:
        wait = scene.user_ended_at + scene.switches.think_for - scene.now
        if thought is not None:
            scene.send(messages.agent_thinking(filled(thought, scene.names)))
        if wait > 0:
            yield from pause(scene, wait)


def _until_interrupted(scene: Scene, reply: Reply, how: Interruption, place: Place) -> Script:
    if reply.began_at is None:
        yield Want(
            lambda cue: isinstance(cue, ReplyBegan) and cue.reply is reply, place=place, expects="the reply"
        )

    def is_over(cue: Cue) -> bool:
        if isinstance(cue, Heard):
            return how.by is Trigger.SPEECH and cue.started
        if message_of(cue, "InjectUserMessage") is not None:
            return how.by is Trigger.TEXT
        return isinstance(cue, ReplyEnded) and cue.reply is reply

    until = None if how.after is None or reply.began_at is None else reply.began_at + how.after
    cue = yield Want(
        is_over,
        until=until,
        place=place,
        expects="the interruption",
        listens=how.by is Trigger.SPEECH,
        must=False,
    )
    if isinstance(cue, Happened):
        scene.held.append(cue.event)
    if not isinstance(cue, ReplyEnded):
        scene.user_starts(cue.at)


def _function_call(scene: Scene, call: Call, step: CallTurn) -> FunctionCall:
    defined = messages.functions_of(scene.settings)
    if call.name not in defined and not step.breaks:
        description = f"The function {call.name} was called, but it is not defined in the settings."
        scene.send(messages.error(scene.dialect, "NON_EXISTENT_FUNCTION_CALLED", description))
        scene.out(Close())
        known = f"it defines {choices(defined)}" if defined else "it defines none"
        raise StepFailed(step.place, f"Settings with a function {call.name!r}", f"Settings where {known}")
    on_server = call.server_side
    if on_server is None:
        on_server = messages.runs_on_server(defined.get(call.name, {}))
    arguments = json.dumps(filled(call.arguments, scene.names), ensure_ascii=False)
    return FunctionCall(scene.new_id(), call.name, arguments, not on_server)


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
