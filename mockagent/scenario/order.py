"""What comes before what, by when, and never: scripts around scripts, and the bans that hold meanwhile. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockagent.protocol.events import Audio, Content, Message, Side
from mockagent.protocol.ruling import words_for
from mockagent.scenario.actions import Action, Send, Speak
from mockagent.scenario.cues import FirstOf, Script, StepFailed, Together, Want
from mockagent.scenario.matching import matches, one_line
from mockagent.scenario.model import Ban, Before, ClientSends

_SOUND = Audio(1)


def in_time(first: Script, rest: Script, step: Before) -> Script:
    """Both at once, but `first` is to be over before `rest` is."""
    is_there = False

    def coming() -> Script:
        nonlocal is_there
        yield from first
        is_there = True

    def passing() -> Script:
        yield from rest
        if not is_there:
            last = step.steps[-1].place.line
            got = f"the end of the steps up to line {last}" if last else "their end"
            pattern = step.first.pattern if isinstance(step.first, ClientSends) else None
            raise StepFailed(step.place, f"{_awaited(step)} before the steps under it are over", got, pattern)

    yield Together((coming(), passing()))


def limited(script: Script, until: float) -> Script:
    """The same script, all of which must be over by then; a pause in it lasts as long as it lasts."""
    try:
        wanted = next(script)
        while True:
            try:
                cue = yield _sooner(wanted, until)
            except StepFailed as failure:
                wanted = script.throw(failure)
            else:
                wanted = script.send(cue)
    except StopIteration:
        return
    finally:
        script.close()


def forbidding(held: list[Ban], bans: tuple[Ban, ...], script: Script) -> Script:
    """The same script; while it is played, the bans are among those that hold."""
    held += bans
    try:
        yield from script
    finally:
        for ban in bans:
            if ban in held:
                held.remove(ban)


def broken_bans(held: list[Ban], side: Side, content: Content) -> Iterator[StepFailed]:
    """What this breaks of the bans that hold; a ban that is broken holds no longer."""
    for ban in list(held):
        if is_banned(ban, side, content):
            held.remove(ban)
            yield StepFailed(ban.place, f"no {ban_in_words(ban)} of the {side}", words_for(content))


def is_banned(ban: Ban, side: Side, content: Content) -> bool:
    """Is this what the ban is about?"""
    if ban.side is not side:
        return False
    if ban.pattern is None:
        return isinstance(content, Audio)
    return isinstance(content, Message) and matches(ban.pattern, content.body)


def content_of(action: Action) -> Content | None:
    """What the client gets to see of an action, as far as a ban can be about it."""
    match action:
        case Send(body=body):
            return Message(str(body.get("type")), body)
        case Speak():
            return _SOUND
    return None


def ban_in_words(ban: Ban) -> str:
    return "audio" if ban.pattern is None else message_in_words(ban.pattern)


def message_in_words(pattern: Any) -> str:
    """A message by its type and what else it must hold."""
    rest = {key: value for key, value in pattern.items() if key != "type"}
    return f"{pattern['type']} with {one_line(rest)}" if rest else str(pattern["type"])


def _awaited(step: Before) -> str:
    first = step.first
    return (
        message_in_words(first.pattern) if isinstance(first, ClientSends) else f"{first.seconds:g} s of audio"
    )


def _sooner(wanted: Want | Together | FirstOf, until: float) -> Want | Together | FirstOf:
    if not isinstance(wanted, Want):
        return replace(wanted, scripts=tuple(limited(script, until) for script in wanted.scripts))
    if not wanted.must or wanted.pause:
        return wanted
    return replace(wanted, until=until if wanted.until is None else min(until, wanted.until))
