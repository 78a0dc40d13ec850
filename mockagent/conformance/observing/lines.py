"""The lines of an observation file as values. Pure. Unknown keys are ignored, and so are lines that are none.

Source: conformance/clients/README.md, which is the contract with those who write them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

MOST_BYTES = 32 * 1024 * 1024
"""Of an observation file; what is longer was not written by an application that observes."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class SawEvent:
    """A message as the application saw it: its type, None where the SDK hides it, and its fields, if it tells them."""

    type: str | None
    message: Mapping[str, Any] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class GotAudio:
    """So many bytes of the agent's audio were handed to the application since the last such line."""

    size: int


@dataclass(frozen=True, slots=True)
class StoppedPlayback:
    """The application stopped to play the agent's audio, and dropped what it had of it."""


@dataclass(frozen=True, slots=True)
class ToldError:
    """The application was told of an error by its SDK."""

    text: str


@dataclass(frozen=True, slots=True)
class ToldClose:
    """The application was told of the close; `code` is None where its SDK does not tell it."""

    code: int | None


Line: TypeAlias = SawEvent | GotAudio | StoppedPlayback | ToldError | ToldClose


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be read: its number from 1, what was expected, and what it says."""

    number: int
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Observations:
    """What an application wrote in one case, in its order."""

    lines: tuple[Line, ...] = ()
    broken: tuple[Broken, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether this is level 2: every line can be read, and both messages and audio are told of."""
        kinds = set(map(type, self.lines))
        return not self.broken and {SawEvent, GotAudio} <= kinds


class _Bad(ValueError):
    """What was expected of a line."""


def read(text: str) -> Observations:
    """The lines of that text; a last one without its end may be cut off, and is broken only if it cannot be read."""
    lines: list[Line] = []
    broken: list[Broken] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            lines += _read(line) if line.strip() else ()
        except _Bad as bad:
            shown = line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
            broken.append(Broken(number, str(bad), repr(shown)))
    return Observations(tuple(lines), tuple(broken))


def _read(line: str) -> Iterator[Line]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise _Bad("a JSON object")
    if "event" in body:
        yield _event(body)
    if "audio" in body:
        yield GotAudio(_size(body["audio"]))
    if "playback" in body:
        if body["playback"] != "stopped":
            raise _Bad('"playback": "stopped"')
        yield StoppedPlayback()
    if "error" in body:
        yield ToldError(str(body["error"]))
    if "closed" in body:
        yield ToldClose(_code(body["closed"]))


def _event(body: Mapping[str, Any]) -> SawEvent:
    type, message = body["event"], body.get("message")
    if not isinstance(type, str | None):
        raise _Bad('"event" to be the type of a message, or null')
    if not isinstance(message, dict | None):
        raise _Bad('"message" to be an object with the fields of the message')
    return SawEvent(type, message, str(body.get("name") or ""))


def _size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _Bad('"audio" to be a number of bytes')
    return value


def _code(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | None):
        raise _Bad('"closed" to be a close code, or null')
    return value
