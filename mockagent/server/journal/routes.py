"""What a request asks the journal: its path and query as a value, or what is wrong with them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from mockagent.errors import nearest
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.server.journal import PREFIX

MOST_COUNT = 10_000
LONGEST_WAIT = 60.0
"""Seconds of the wall that a wait may take."""
USUAL_WAIT = 5.0
_SHOWN = 60
_ENDPOINTS = ("health", "sessions", "sessions/ID", "sessions/ID/trace", "sessions/ID/wait")


@dataclass(frozen=True, slots=True)
class Health:
    """How the server is."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which sessions there are."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one session has come to. `name` is an id, a number or "latest"."""

    name: str


@dataclass(frozen=True, slots=True)
class TraceOf:
    """Everything that happened in a session, as a trace."""

    name: str


@dataclass(frozen=True, slots=True)
class WaitFor:
    """The messages of a side and type, once there are `count` of them; `timeout` is in seconds of the wall."""

    name: str
    type: str
    side: Side = Side.CLIENT
    count: int = 1
    timeout: float = USUAL_WAIT


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that cannot be answered: the HTTP status, and why."""

    status: int
    text: str


Question: TypeAlias = Health | Listing | Look | TraceOf | WaitFor | Wrong


class _Bad(ValueError):
    """A parameter that cannot be used; the text says what was expected."""


def question(target: str) -> Question:
    """What a request for `target` (path and query) asks."""
    try:
        url = urlsplit(target)
        parameters = _parameters(url.query)
        steps = [unquote(step) for step in url.path.removeprefix(PREFIX).split("/")[1:]]
        match steps:
            case ["sessions", name, "wait"] if name:
                return _wait(name, parameters)
            case _ if parameters and _plain(steps):
                raise _Bad(f"expected no parameters here, got {_shown(next(iter(parameters)))}")
        return _plain(steps) or _nothing_at(steps)
    except ValueError as error:
        return Wrong(400, str(error))


def _plain(steps: Sequence[str]) -> Question | None:
    match steps:
        case ["health"]:
            return Health()
        case ["sessions"]:
            return Listing()
        case ["sessions", name] if name:
            return Look(name)
        case ["sessions", name, "trace"] if name:
            return TraceOf(name)
    return None


def _nothing_at(steps: Sequence[str]) -> Wrong:
    known = _ENDPOINTS
    asked = "/".join(steps)
    if len(steps) > 1 and steps[0] == "sessions":
        asked = "/".join(("sessions", "ID", *steps[2:]))
    there = ", ".join(f"{PREFIX}/{each}" for each in known)
    return Wrong(404, f"nothing is at {_shown('/'.join(steps))}, but at {there}{nearest(asked, known)}")


def _wait(name: str, parameters: Mapping[str, str]) -> WaitFor:
    known = ("type", "side", "count", "timeout")
    for key in parameters:
        if key not in known:
            raise _Bad(f"expected {', '.join(known)}, got the parameter {_shown(key)}{nearest(key, known)}")
    side = _side(parameters.get("side", Side.CLIENT.value))
    return WaitFor(
        name,
        _type(parameters.get("type", ""), side),
        side,
        _count(parameters.get("count", "1")),
        _timeout(parameters.get("timeout", str(USUAL_WAIT))),
    )


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key in found:
            raise _Bad(f"expected {_shown(key)} once, got it twice")
        found[key] = value
    return found


def _side(text: str) -> Side:
    sides = [side.value for side in Side]
    if text not in sides:
        raise _Bad(f"side: expected {' or '.join(sides)}, got {_shown(text)}{nearest(text, sides)}")
    return Side(text)


def _type(text: str, side: Side) -> str:
    types = _types(side)
    if text in types:
        return text
    if not text:
        raise _Bad("type: expected the type of a message, such as KeepAlive, got nothing")
    if text in _types(side.other):
        raise _Bad(f"type: only the {side.other} sends {text}; say side={side.other}")
    raise _Bad(f"type: expected a message of the {side}, got {_shown(text)}{nearest(text, types)}")


def _types(side: Side) -> list[str]:
    return sorted({type for dialect in Dialect for type in TYPES[dialect, side]})


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= MOST_COUNT):
        raise _Bad(f"count: expected a whole number from 1 to {MOST_COUNT}, got {_shown(text)}")
    return int(text)


def _timeout(text: str) -> float:
    expected = f"timeout: expected seconds from 0 to {LONGEST_WAIT:g}, got {_shown(text)}"
    try:
        seconds = float(text)
    except ValueError:
        raise _Bad(expected) from None
    if not 0 <= seconds <= LONGEST_WAIT:
        raise _Bad(expected)
    return seconds


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
