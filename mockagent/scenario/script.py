"""Every kind of step as a script. What a step means when the server's part is played stands here and in the
modules of the whole turns.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from typing import Any

from mockagent.protocol import messages
from mockagent.protocol.causes import wanting
from mockagent.protocol.events import Audio, Closed, Elapsed, Message
from mockagent.protocol.session import SESSION_END, SILENCE
from mockagent.scenario.actions import Close, Strike
from mockagent.scenario.calls import call_turn
from mockagent.scenario.cues import Cue, FirstOf, Happened, Script, StepFailed, Together, Want
from mockagent.scenario.matching import matches
from mockagent.scenario.model import (
    AgentTurn,
    AnyOrder,
    Before,
    CallTurn,
    ClientCloses,
    ClientSends,
    ClientStays,
    ClientStaysSilent,
    ClientStreams,
    Either,
    FaultStrikes,
    Never,
    Pause,
    Repeat,
    ServerCloses,
    ServerSends,
    Step,
    UserTurn,
)
from mockagent.scenario.order import forbidding, in_time, limited, message_in_words
from mockagent.scenario.scene import Scene, kind_of_answer
from mockagent.scenario.templates import UnknownName, filled, value_at
from mockagent.scenario.turns import agent_turn, pause
from mockagent.scenario.user_turns import user_turn


def play(scene: Scene, steps: Iterable[Step]) -> Script:
    """The steps one after the other."""
    for step in steps:
        yield from perform(scene, step)


def perform(scene: Scene, step: Step) -> Script:
    """One step, from the server's side. What it quotes must be there by now."""
    try:
        yield from _performed(scene, step)
    except UnknownName as unknown:
        raise StepFailed(step.place, f"something for ${{{unknown.path}}}", unknown.reason) from None


def _performed(scene: Scene, step: Step) -> Script:
    match step:
        case ClientSends():
            yield from _client_sends(scene, step)
        case ClientStreams():
            yield from _client_streams(scene, step)
        case ClientCloses():
            yield from _client_closes(scene, step)
        case ClientStaysSilent(place=place, breaks=breaks):
            yield Want(_is_silence, expects="no message at all", place=place, excuses=breaks | {"LIV-002"})
        case ClientStays(place=place):
            expects = "the client to stay until the session ends for its length"
            yield Want(_is_end_of_session, expects=expects, place=place)
        case ServerSends():
            _server_sends(scene, step)
        case ServerCloses(code=code, reason=reason, breaks=breaks):
            scene.out(Close(code, reason, breaks))
        case FaultStrikes():
            scene.out(strike_of(step))
        case UserTurn():
            yield from user_turn(scene, step)
        case AgentTurn():
            yield from agent_turn(scene, step)
        case CallTurn():
            yield from call_turn(scene, step)
        case Pause(seconds=seconds, place=place):
            yield from pause(scene, seconds, place)
        case Either(within=within) | AnyOrder(within=within) | Repeat(within=within):
            script = _composed(scene, step)
            yield from script if within is None else limited(script, scene.now + within)
        case Before(first=first, steps=steps):
            late = first if first.within is not None else replace(first, within=inf)
            yield from in_time(perform(scene, late), play(scene, steps), step)
        case Never(bans=bans, steps=steps):
            yield from forbidding(scene.bans, bans, play(scene, steps))


def _composed(scene: Scene, step: Either | AnyOrder | Repeat) -> Script:
    match step:
        case Either(branches=branches):
            yield FirstOf(tuple(play(scene, branch) for branch in branches))
        case AnyOrder(parts=parts):
            yield Together(tuple(play(scene, part) for part in parts))
        case Repeat(times=times, steps=steps):
            for _ in range(times):
                yield from play(scene, steps)


def strike_of(step: FaultStrikes) -> Strike:
    """The strike that a step asks for."""
    return Strike(step.fault, step.values, step.breaks, step.place)


def _client_sends(scene: Scene, step: ClientSends) -> Script:
    pattern = filled(step.pattern, scene.names)
    cue = yield Want(
        lambda cue: _fits(cue, pattern),
        until=_limit(scene, step.within),
        expects=message_in_words(pattern),
        place=step.place,
        pattern=pattern,
        takes_held=True,
        excuses=step.breaks,
    )
    if isinstance(cue, Happened) and isinstance(cue.event.content, Message):
        for name, pointer in step.captures.items():
            scene.names[name] = _at(cue.event.content.body, pointer, step)


def _client_streams(scene: Scene, step: ClientStreams) -> Script:
    mark = scene.heard_for + step.seconds
    limit = _limit(scene, step.within)
    yield Want(
        lambda cue: (
            isinstance(cue, Happened) and isinstance(cue.event.content, Audio) and scene.heard_for >= mark
        ),
        until=None if limit is None else limit + step.seconds,
        expects=f"{step.seconds:g} s of audio",
        place=step.place,
    )


def _limit(scene: Scene, within: float | None) -> float | None:
    """When the time for a step is up; never, where something else than time limits it."""
    return None if within == inf else scene.now + (within or scene.switches.step_within)


def _client_closes(scene: Scene, step: ClientCloses) -> Script:
    wanted = "" if step.code is None else f" with code {step.code}"
    cue = yield Want(
        lambda cue: isinstance(cue, Happened) and isinstance(cue.event.content, Closed),
        until=scene.now + (step.within or scene.switches.step_within),
        expects=f"the close of the client{wanted}",
        place=step.place,
    )
    if isinstance(cue, Happened) and isinstance(cue.event.content, Closed):
        code = cue.event.content.code
        if step.code is not None and code != step.code:
            raise StepFailed(step.place, f"a close with code {step.code}", f"code {code or 'none'}")


def _server_sends(scene: Scene, step: ServerSends) -> None:
    kind = kind_of_answer(step.body)
    if kind in scene.sent_unasked and not step.breaks:
        scene.sent_unasked.remove(kind)
        return
    type, _ = kind
    if type == "UserStartedSpeaking":
        scene.user_speaks = True
        if not step.breaks:
            scene.floor.clear(scene.now)
    scene.send(filled(step.body, scene.names), step.breaks | wanting(step.body))
    if type == "Error" and not step.stays_open:
        scene.out(Close())


def _is_silence(cue: Cue) -> bool:
    return isinstance(cue, Happened) and cue.event.content == Elapsed(SILENCE)


def _is_end_of_session(cue: Cue) -> bool:
    return isinstance(cue, Happened) and cue.event.content == Elapsed(SESSION_END)


def _fits(cue: Cue, pattern: Any) -> bool:
    if not isinstance(cue, Happened) or not isinstance(cue.event.content, Message):
        return False
    return matches(pattern, cue.event.content.body)


def _at(body: Any, pointer: str, step: ClientSends) -> Any:
    try:
        return value_at(body, pointer)
    except LookupError:
        kind = messages.bare(str(body.get("type")))["type"]
        raise StepFailed(step.place, f"{kind} with something at {pointer}", "nothing there") from None
