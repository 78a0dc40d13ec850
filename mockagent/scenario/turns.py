"""Whole turns of a conversation as scripts: the user's and the agent's."""

from collections.abc import Callable

from mockagent.protocol import messages
from mockagent.protocol.events import Audio, JsonObject, Message
from mockagent.scenario.cues import (
    Cue,
    Happened,
    Heard,
    ReplyBegan,
    ReplyEnded,
    Script,
    TimeUp,
    TurnForced,
    Waiting,
    Want,
)
from mockagent.scenario.fallback import serves
from mockagent.scenario.matching import difference
from mockagent.scenario.model import AgentTurn, Interruption, Place, Trigger, UserTurn
from mockagent.scenario.reply import Reply
from mockagent.scenario.scene import Scene
from mockagent.scenario.templates import filled

BEGINS_AFTER = 0.1
"""Seconds of the client's audio after which an utterance has begun."""
QUIET_FOR = 1.0
"""Seconds without audio after which an utterance that had some is over."""


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
    yield Want(
        lambda _: False, until=scene.now + seconds, expects="the pause to pass", place=place, must=False
    )


def user_turn(scene: Scene, step: UserTurn) -> Script:
    """The user speaks, or types; unless the turn has begun by barge-in, wait for what triggers it."""
    limit = scene.now + step.lasts + (step.within or scene.switches.step_within)
    enough, typed = scene.heard_for + step.lasts, None
    if scene.user_speaks:
        enough -= BEGINS_AFTER
    else:
        cue = yield from _beginning(scene, step, limit)
        typed = _typed(cue, step)
        if typed is None or scene.floor.current:
            scene.user_starts(cue.at)
    if typed is None:
        typed = yield from _end(scene, step, limit, enough)
    scene.user_ends(filled(step.text, scene.names) if typed is None else typed, scene.now, step.breaks)


def agent_turn(scene: Scene, step: AgentTurn) -> Script:
    """The agent thinks as long as it takes to, says its texts, and is perhaps interrupted."""
    if not serves(scene, step):
        return
    reply = yield from reply_begun(scene, step)
    if step.interrupted:
        yield from _until_interrupted(scene, reply, step.interrupted, step.place)
    else:
        yield from until_over(reply, step.place)


def reply_begun(scene: Scene, step: AgentTurn) -> Waiting[Reply]:
    """The agent thinks as long as it takes to, and begins to speak."""
    yield from thinking(scene, step.thinking, step.place)
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
            expects="the end of the agent's speech",
        )


def _beginning(scene: Scene, step: UserTurn, limit: float) -> Waiting[Cue]:
    if step.trigger is Trigger.TIMER:
        return (yield _want_of_user(step, lambda cue: False, scene.now, must=False))
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


def _end(scene: Scene, step: UserTurn, limit: float, enough: float) -> Waiting[str | None]:
    """Wait for the utterance to end, by `enough` seconds of audio heard; what was typed in its place, if it was."""
    if step.trigger is Trigger.TIMER:
        limit = scene.now + step.lasts
    began_at = scene.now
    while step.trigger is not Trigger.AUDIO or scene.heard_for < enough:
        quiet_at = limit if scene.heard_at is None else max(scene.heard_at, began_at) + QUIET_FOR
        until = min(limit, quiet_at) if step.trigger is Trigger.AUDIO else limit
        is_last = until == limit and step.trigger is not Trigger.TIMER
        cue = yield _want_of_user(step, lambda cue: _may_end(cue, step), until, must=is_last)
        typed = _typed(cue, step)
        if typed is not None or isinstance(cue, TimeUp | TurnForced | Heard):
            return typed
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


def thinking(scene: Scene, thought: str | None, place: Place = Place()) -> Script:
    """The agent thinks until the time for it has passed since the user's turn, perhaps aloud."""
    if scene.user_ended_at is not None:
        wait = scene.user_ended_at + scene.switches.think_for - scene.now
        if thought is not None:
            scene.send(messages.agent_thinking(filled(thought, scene.names)))
        if wait > 0:
            yield from pause(scene, wait, place)


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
