"""A trace: a recorded session as JSON lines, with a header and a footer. Values to lines and back; no files.

A trace without its footer was cut off. Each line fits `schemas/files/trace.json`. Audio is kept as its length and
hash, secrets as "[redacted]".
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from mockagent.errors import TraceError
from mockagent.protocol.events import (
    Audio,
    Closed,
    Content,
    Dialect,
    Elapsed,
    Event,
    JsonObject,
    Malformed,
    Message,
    Opened,
    Side,
)
from mockagent.protocol.judge import Violation
from mockagent.protocol.redaction import redacted
from mockagent.protocol.switches import BeforeSettings, Switches

VERSION = 1

_ENDLESS = 1e9


@dataclass(frozen=True, slots=True)
class Header:
    """What a trace is of. `started` is ISO 8601; `recorder` the side on which it was recorded.

    `switches` are those by which the session was held, as far as they are not the usual ones.
    """

    mockagent: str
    dialect: Dialect
    scenario: str | None
    started: str
    speed: float
    tolerance: str
    session: str
    recorder: Side = Side.SERVER
    seed: int | None = None
    switches: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Footer:
    """How a session came out. `violations` counts them by requirement."""

    events: int
    lasted: float
    outcome: str
    violations: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole trace as read; `footer` is None where it was cut off."""

    header: Header
    events: tuple[Event, ...]
    breaks: tuple[frozenset[str], ...]
    footer: Footer | None


def header_line(header: Header) -> str:
    body = {"trace": VERSION, **_plain(header)}
    return _line(body)


def cast_line(scenario: str | None, switches: Mapping[str, Any]) -> str:
    """The line that says which scenario Settings chose, where the header could not know it yet."""
    return _line({"cast": {"scenario": scenario, "switches": dict(switches)}})


def unusual(switches: Switches) -> dict[str, Any]:
    """The switches that are not at their defaults, as a header says them."""
    usual = Switches()
    values = {each.name: getattr(switches, each.name) for each in fields(Switches)}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def switches_of(header: Header) -> Switches:
    """The switches by which the session of that header was held; ValueError for one that does not exist."""
    known = {each.name for each in fields(Switches)}
    if not set(header.switches) <= known:
        raise ValueError("switches")
    values = dict(header.switches)
    if "before_settings" in values:
        values["before_settings"] = BeforeSettings(values["before_settings"])
    return Switches(**values)


def footer_line(footer: Footer) -> str:
    return _line({"end": True, **_plain(footer)})


def event_line(
    event: Event, number: int, violations: Sequence[Violation] = (), breaks: frozenset[str] = frozenset()
) -> str:
    """The line of one event: when, from whom, what, and what was found against it."""
    line: dict[str, Any] = {"n": number, "at": round(event.at, 6), "from": event.sender.value}
    line.update(_content(event.content))
    if isinstance(event.content, Message) and event.content.problems:
        line["problems"] = [str(problem) for problem in event.content.problems]
    if violations:
        line["violations"] = [
            {"requirement": v.requirement.id, "expected": v.expected, "got": v.got, "pointer": v.pointer}
            for v in violations
        ]
    if breaks:
        line["breaks"] = sorted(breaks)
    return _line(line)


def read(lines: Iterable[str], name: str = "trace") -> Trace:
    """The trace that these lines hold; TraceError names the line that is none.

    Each line ends with a newline: one that does not was cut short, and is left out with all that follows.
    """
    header, footer = None, None
    events: list[Event] = []
    breaks: list[frozenset[str]] = []
    for number, text in enumerate(lines, 1):
        body = _parsed(text, name, number)
        if body is None:
            break
        if (number == 1) is not ("trace" in body) or footer is not None:
            raise TraceError(f"{name}:{number}: expected one trace, header first and footer last")
        try:
            if "trace" in body:
                header = _header(body)
            elif "cast" in body and header is not None:
                header = replace(header, **_cast(body["cast"]))
            elif "end" in body:
                footer = _footer(body)
            else:
                events.append(Event(_number(body, "at"), Side(body["from"]), _read_content(body)))
                breaks.append(_names(body, "breaks"))
        except (KeyError, ValueError) as error:
            raise TraceError(
                f"{name}:{number}: expected a line of a trace, got one with no right {error}"
            ) from None
    if header is None:
        raise TraceError(f"{name}:1: expected the header of a trace, got none")
    return Trace(header, tuple(events), tuple(breaks), footer)


def _line(body: JsonObject) -> str:
    return json.dumps(body, separators=(",", ":")) + "\n"


def _plain(value: Header | Footer) -> dict[str, Any]:
    return {name: _scalar(getattr(value, name)) for name in value.__dataclass_fields__}


def _scalar(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _content(content: Content) -> dict[str, Any]:
    match content:
        case Message(body=body):
            return {"message": redacted(body)}
        case Audio(size=size, frames=frames, largest=largest, data=data, json=is_json, marked=mark):
            audio: dict[str, Any] = {"bytes": size, "frames": frames, "largest": largest}
            if data:
                audio["sha256"] = hashlib.sha256(data).hexdigest()
            audio |= {"json": True} if is_json else {}
            return {"audio": audio | ({"marked": mark} if mark else {})}
        case Malformed(reason=reason, found=found, size=size):
            return {"malformed": {"reason": reason, "found": found, "bytes": size}}
        case Opened(dialect=dialect):
            return {"opened": {"dialect": dialect.value}}
        case Closed(code=code, reason=reason):
            return {"closed": {"code": code, "reason": reason}}
        case Elapsed(limit=limit):
            return {"elapsed": {"limit": limit}}


def _read_content(body: Mapping[str, Any]) -> Content:
    match body:
        case {"message": {"type": str(type)} as message}:
            return Message(type, message)
        case {"audio": {"bytes": int(size), "frames": int(frames)} as audio}:
            largest = _typed({"largest": size, **audio}, "largest", int)
            mark = _typed({"marked": "", **audio}, "marked", str)
            return Audio(size, frames, largest, json=audio.get("json") is True, marked=mark)
        case {"malformed": {"reason": str(reason), "found": str(found), "bytes": int(size)}}:
            return Malformed(reason, found, size)
        case {"opened": {"dialect": dialect}}:
            return Opened(Dialect(dialect))
        case {"closed": {"code": int() | None as code, "reason": str(reason)}}:
            return Closed(code, reason)
        case {"elapsed": {"limit": str(limit)}}:
            return Elapsed(limit)
    raise ValueError("event")


def _header(body: Mapping[str, Any]) -> Header:
    if body["trace"] != VERSION:
        raise KeyError("trace")
    return Header(
        _typed(body, "mockagent", str),
        Dialect(body["dialect"]),
        _typed(body, "scenario", str, type(None)),
        _typed(body, "started", str),
        _number(body, "speed"),
        _typed(body, "tolerance", str),
        _typed(body, "session", str),
        Side(body["recorder"]),
        _typed(body, "seed", int, type(None)),
        _typed(body, "switches", dict),
    )


def _cast(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise KeyError("cast")
    return {"scenario": _typed(body, "scenario", str, type(None)), "switches": _typed(body, "switches", dict)}


def _footer(body: Mapping[str, Any]) -> Footer:
    return Footer(
        _typed(body, "events", int),
        _number(body, "lasted"),
        _typed(body, "outcome", str),
        _typed(body, "violations", dict),
    )


def _typed(body: Mapping[str, Any], key: str, *types: type) -> Any:
    if not isinstance(body[key], types) or isinstance(body[key], bool):
        raise KeyError(key)
    return body[key]


def _number(body: Mapping[str, Any], key: str) -> float:
    number = _typed(body, key, int, float)
    if not 0 <= number < _ENDLESS:
        raise KeyError(key)
    return float(number)


def _names(body: Mapping[str, Any], key: str) -> frozenset[str]:
    names = body.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise KeyError(key)
    return frozenset(names)


def _parsed(text: str, name: str, number: int) -> Mapping[str, Any] | None:
    if not text.endswith("\n"):
        return None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise TraceError(f"{name}:{number}: expected a JSON line, got something else") from None
    if not isinstance(body, dict):
        raise TraceError(f"{name}:{number}: expected a JSON object, got something else")
    return body
