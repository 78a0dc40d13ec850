"""The user's turn as a script: what begins it, what ends it, and what the agent does before it is confirmed."""

from collections.abc import Callable
from dataclasses import dataclass

from mockagent.protocol.events import Audio
from mockagent.scenario.calls import Calls, calls_answered, calls_made
from mockagent.scenario.cues import Cue, Happened, Heard, Script, TimeUp, TurnForced, Waiting, Want
from mockagent.scenario.matching import difference
from mockagent.scenario.model import Speculation, Trigger, UserTurn
from mockagent.scenario.scene import Scene
from mockagent.scenario.templates import filled
from mockagent.scenario.turns import message_of

BEGINS_AFTER = 0.1
"""Seconds of the client's audio after which an utterance has begun."""
QUIET_FOR = 1.0
"""Seconds without audio after which an utterance that had some is over."""
PAUSES_AFTER = 0.5
"""How much of an utterance, as a share, the user has said when they pause and seem to be done."""


@dataclass(slots=True)
class _Utterance:
    """One turn being spoken. `mark` is how much audio will have been heard when it ends, `limit` when it must."""

    scene: Scene
    step: UserTurn
    limit: float
    mark: float


def user_turn(scene: Scene, step: UserTurn) -> Script:
    """The user speaks, or types; unless the turn has begun by barge-in, wait for what triggers it."""
    limit = scene.now + step.lasts + (step.within or scene.switches.step_within)
    utterance = _Utterance(scene, step, limit, scene.heard_for + step.lasts)
    typed = None
    if scene.user_speaks:
        utterance.mark -= BEGINS_AFTER
    else:
        cue = yield from _beginning(utterance)
        typed = _typed(cue, step)
        if typed is None or scene.floor.current:
            scene.user_starts(cue.at)
    calls = None
    if typed is None and step.speculates:
        typed, calls = yield from _speculated(utterance, step.speculates)
    elif typed is None:
        typed = _typed_by((yield from _end(utterance, utterance.mark, step.lasts)), step)
    text = filled(step.text, scene.names) if typed is None else typed
    scene.user_ends(text, scene.now, step.breaks, step.languages)
    if calls is not None:
        calls.send_all()
        yield from calls_answered(scene, calls)


def _speculated(utterance: _Utterance, how: Speculation) -> Waiting[tuple[str | None, Calls | None]]:
    """The agent thinks ahead; what was typed in the user's place, and the calls that are left to be answered."""
    scene, step = utterance.scene, utterance.step
    rest = step.lasts * (1.0 - PAUSES_AFTER) if how.resumed else 0.0
    cue = yield from _end(utterance, utterance.mark - rest, step.lasts - rest)
    typed = _typed_by(cue, step)
    calls = calls_made(scene, how.call) if how.call and typed is None else None
    if typed is not None or isinstance(cue, TurnForced):
        return typed, None if how.resumed else calls
    if calls is not None:
        calls.send_undeferred()
    cue = yield from _window(utterance, how)
    if isinstance(cue, TurnForced) or not how.resumed:
        return None, calls
    scene.user_starts(cue.at)
    return _typed_by((yield from _end(utterance, utterance.mark, rest)), step), None


def _window(utterance: _Utterance, how: Speculation) -> Waiting[Cue]:
    """Until the turn is confirmed (perhaps by force) or the user goes on."""
    scene, step = utterance.scene, utterance.step
    is_heard = how.resumed and step.trigger is Trigger.SPEECH
    return (
        yield Want(
            lambda cue: isinstance(cue, TurnForced) or (is_heard and isinstance(cue, Heard) and cue.started),
            until=utterance.limit if is_heard else scene.now + how.lasts,
            expects="the user to go on",
            place=step.place,
            listens=is_heard,
            must=is_heard,
            pause=not is_heard,
        )
    )


def _beginning(utterance: _Utterance) -> Waiting[Cue]:
    scene, step = utterance.scene, utterance.step
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

    return (yield _want_of_user(step, begins, utterance.limit))


def _end(utterance: _Utterance, enough: float, lasts: float) -> Waiting[Cue | None]:
    """Wait for the utterance to end, by `enough` seconds of audio heard or, timed, after `lasts`; what ended it."""
    scene, step = utterance.scene, utterance.step
    limit = scene.now + lasts if step.trigger is Trigger.TIMER else utterance.limit
    began_at = scene.now
    while step.trigger is not Trigger.AUDIO or scene.heard_for < enough:
        quiet_at = limit if scene.heard_at is None else max(scene.heard_at, began_at) + QUIET_FOR
        until = min(limit, quiet_at) if step.trigger is Trigger.AUDIO else limit
        is_last = until == limit and step.trigger is not Trigger.TIMER
        cue = yield _want_of_user(step, lambda cue: _may_end(cue, step), until, must=is_last)
        if _typed(cue, step) is not None or isinstance(cue, TimeUp | TurnForced | Heard):
            return cue
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


def _typed_by(cue: Cue | None, step: UserTurn) -> str | None:
    return None if cue is None else _typed(cue, step)
