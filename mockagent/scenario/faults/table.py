"""The table of faults: every one by its name, what it does and when, its parameters, and what it breaks.

A new fault is a row here and its deed beside it (`mangling` for messages, `distortion` for audio, `deeds` for what
happens at once, the player and the server for the opening and the handshake). Whoever lists, reads, proves or
documents faults reads this table. Where a row says why clients care, that was seen of published SDKs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mockagent.errors import nearest
from mockagent.scenario.close_codes import WHICH, is_sendable
from mockagent.scenario.durations import seconds, written
from mockagent.scenario.faults import raw_frame


class Level(StrEnum):
    """Where in the stack a fault sits."""

    HANDSHAKE = "handshake"
    OPENING = "opening"
    MESSAGE = "message"
    FRAME = "frame"
    AUDIO = "audio"
    TRANSPORT = "transport"


class Strikes(StrEnum):
    """What a fault hits."""

    HANDSHAKE = "the handshake"
    OPENING = "the opening"
    AT_ONCE = "at once"
    NEXT_MESSAGE = "the next message"
    NEXT_REPLY = "the next speech"


class Per(StrEnum):
    """How often `--fault NAME:P` throws its dice."""

    CONNECTION = "connection"
    MESSAGE = "message"
    REPLY = "reply"


class Kind(StrEnum):
    """What a parameter is."""

    LENGTH = "a length such as '2 s'"
    WHOLE = "a whole number"
    CODE = "a close code"
    TEXT = "a text"
    TYPE = "the type of a server message"
    ANY_TEXT = "a text, which may be empty"
    OPCODE = f"one of {', '.join(raw_frame.OPCODES)}"
    TRUTH = "true or false"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure of a fault. Lengths are seconds, limits are inclusive.

    `default` None is nothing in particular, `unset` in a word.
    """

    name: str
    summary: str
    kind: Kind
    default: Any = None
    low: float = 0
    high: float = 0
    unset: str = "none"

    def read(self, value: object) -> Any:
        """The value as it stands in a file or behind a flag; ValueError says what was expected instead."""
        match self.kind:
            case Kind.LENGTH:
                length = seconds(value)
                if not self.low <= length <= self.high:
                    limits = f"{written(self.low)} to {written(self.high)}"
                    raise ValueError(f"expected a length from {limits}, got {value!r}")
                return length
            case Kind.WHOLE:
                number = _whole(value)
                if number is None or not self.low <= number <= self.high:
                    limits = f"{self.low:.0f} to {self.high:.0f}"
                    raise ValueError(f"expected a whole number from {limits}, got {value!r}")
                return number
            case Kind.CODE:
                code = _whole(value)
                if code is None or not is_sendable(code):
                    raise ValueError(f"expected a code that a close frame may carry ({WHICH}), got {value!r}")
                return code
            case Kind.TRUTH:
                return _truth(value)
            case Kind.ANY_TEXT | Kind.OPCODE:
                if not isinstance(value, str) or (
                    self.kind is Kind.OPCODE and value not in raw_frame.OPCODES
                ):
                    raise ValueError(f"expected {self.kind}, got {value!r}")
                return value
            case _:
                if not isinstance(value, str) or not value.strip():
                    raise ValueError(f"expected {self.kind}, got {value!r}")
                return value

    @property
    def usual(self) -> str:
        """The default in words."""
        if self.default is None:
            return self.unset
        return self.written(self.default)

    def goes_without_saying(self, value: Any) -> bool:
        """Whether nobody need be told: there is no value, or it is the usual one of a choice."""
        return value is None or (self.kind in (Kind.TRUTH, Kind.OPCODE) and value == self.default)

    def written(self, value: Any) -> str:
        """A value as one would write it."""
        match self.kind:
            case Kind.LENGTH:
                return written(value)
            case Kind.TRUTH:
                return str(value).lower()
            case Kind.ANY_TEXT:
                more = f" … ({len(value)} characters)" if len(value) > _MOST_SHOWN else ""
                return json.dumps(value[:_MOST_SHOWN], ensure_ascii=False) + more
        return str(value)


@dataclass(frozen=True, slots=True)
class Closing:
    """The close code by which a right client may leave a fault. `source` is what demands it; "" where it may stay."""

    code: int
    source: str = ""

    @property
    def must(self) -> bool:
        """Whether a client that stays is wrong."""
        return bool(self.source)

    def __str__(self) -> str:
        return f"{'must' if self.must else 'may'}, {self.code}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `breaks` are the requirements that it breaks by its nature.

    With `varies` it may break others too: that depends on what it hits. `ends` says that the session is over, and
    `closing` how a right client ends it, `closing_by` where that depends on its figures. `check` refuses figures that
    contradict each other (ValueError).
    """

    name: str
    summary: str
    level: Level
    strikes: Strikes
    per: Per
    parameters: tuple[Parameter, ...] = ()
    breaks: frozenset[str] = frozenset()
    varies: bool = False
    ends: bool = False
    closing: Closing | None = None
    closing_by: Callable[[Mapping[str, Any]], Closing | None] | None = None
    check: Callable[[Mapping[str, Any]], None] | None = None

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; ValueError with the nearest one when there is none."""
        for each in self.parameters:
            if each.name == name:
                return each
        known = [each.name for each in self.parameters]
        others = nearest(name, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
        raise ValueError(f"the fault {self.name} has no parameter {name!r}{others}")

    def values(self, given: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """Every parameter with its value: as given, else its default; ValueError where they contradict each other."""
        values = {each.name: given.get(each.name, each.default) for each in self.parameters}
        if self.check is not None:
            self.check(values)
        return values

    def closing_after(self, values: Mapping[str, Any]) -> Closing | None:
        """How a right client ends the session over this fault with these figures; None where it goes on."""
        return self.closing_by(values) if self.closing_by else self.closing


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those parameters of a fault that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def _whole(value: object) -> int | None:
    """A whole number, also where it is written as text, as flags are."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:_MOST_DIGITS])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _truth(value: object) -> bool:
    """True or false, also where it is written as text, as flags are."""
    found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ValueError(f"expected {Kind.TRUTH}, got {value!r}")
    return found


_MOST_DIGITS = 20
_MOST_SHOWN = 200
_HALF_AN_HOUR = 1800.0
_NO_UTF_8 = 1007


def _seconds(summary: str, default: float) -> Parameter:
    return Parameter("seconds", summary, Kind.LENGTH, default, 0.001, _HALF_AN_HOUR)


_TYPE = Parameter("type", "only a message of this type is hit", Kind.TYPE, unset="any")
_FIELD = Parameter(
    "field", "the field; otherwise the first whose loss the schema forbids", Kind.TEXT, unset="any"
)
_REFUSALS = {401: "bad credentials", 403: "not allowed", 404: "nothing there", 429: "too many connections"}
_REFUSALS[503] = "not available"


_OF_FRAME = (
    Parameter("text", "its payload; a flag has it without commas and colons", Kind.ANY_TEXT),
    Parameter("base64", "its payload, where that is no text", Kind.ANY_TEXT),
    Parameter("opcode", "what the frame says that it is", Kind.OPCODE, "text"),
    Parameter("fin", "whether it is the last of its message", Kind.TRUTH, True),
    Parameter("rsv1", "whether it says that it is compressed", Kind.TRUTH, False),
    Parameter("masked", "whether it is masked, which no server's may be", Kind.TRUTH, False),
    Parameter("fill", "what follows it over and over, written as it is", Kind.ANY_TEXT),
    Parameter("times", "how often", Kind.WHOLE, None, 1, raw_frame.LARGEST),
    Parameter("tail", "what comes after that, written as it is", Kind.ANY_TEXT),
    Parameter("count", "how often the frame comes", Kind.WHOLE, None, 1, 100_000, "once"),
    Parameter("before", "it comes right before the next message of this type", Kind.TYPE),
    Parameter("instead_of", "it comes in place of the next message of this type", Kind.TYPE),
    Parameter(
        "may_close", "whether a client that closes over it, with any code, is right", Kind.TRUTH, False
    ),
)


def _closing_of_frame(values: Mapping[str, Any]) -> Closing | None:
    code = raw_frame.frame_of(values).must_close_with
    return None if code is None else Closing(code, "RFC 6455, 8.1" if code == _NO_UTF_8 else "RFC 6455, 5")


def _refused(status: int, reason: str) -> Fault:
    usual = 1.0 if status in (429, 503) else None
    after = Parameter("retry_after", "what Retry-After says", Kind.LENGTH, usual, 0.001, _HALF_AN_HOUR)
    summary = f"The handshake is answered with {status} ({reason})."
    return Fault(f"refused_{status}", summary, Level.HANDSHAKE, Strikes.HANDSHAKE, Per.CONNECTION, (after,))


def _opening(
    name: str, summary: str, *parameters: Parameter, breaks: str = "", varies: bool = False
) -> Fault:
    ids = frozenset(breaks.split())
    return Fault(
        name, summary, Level.OPENING, Strikes.OPENING, Per.CONNECTION, parameters, ids, varies=varies
    )


def _extra(
    name: str,
    summary: str,
    *parameters: Parameter,
    breaks: str = "",
    varies: bool = False,
    closing: Closing | None = None,
) -> Fault:
    return Fault(
        name,
        summary,
        Level.MESSAGE,
        Strikes.AT_ONCE,
        Per.MESSAGE,
        parameters,
        frozenset(breaks.split()),
        varies=varies,
        closing=closing,
    )


def _mangled(
    name: str,
    summary: str,
    *parameters: Parameter,
    breaks: str = "",
    varies: bool = False,
    level: Level = Level.MESSAGE,
    per: Per = Per.MESSAGE,
    closing: Closing | None = None,
) -> Fault:
    return Fault(
        name,
        summary,
        level,
        Strikes.NEXT_MESSAGE,
        per,
        (*parameters, _TYPE),
        frozenset(breaks.split()),
        varies=varies,
        closing=closing,
    )


def _heard(
    name: str,
    summary: str,
    *parameters: Parameter,
    breaks: str = "",
    level: Level = Level.AUDIO,
    closing: Closing | None = None,
) -> Fault:
    ids = frozenset(breaks.split())
    return Fault(name, summary, level, Strikes.NEXT_REPLY, Per.REPLY, parameters, ids, closing=closing)


def _cut(name: str, summary: str, *parameters: Parameter, ends: bool = True) -> Fault:
    return Fault(name, summary, Level.TRANSPORT, Strikes.AT_ONCE, Per.CONNECTION, parameters, ends=ends)


_ROWS = (
    *(_refused(status, reason) for status, reason in _REFUSALS.items()),
    Fault(
        "slow_handshake",
        "The answer to the handshake takes its time.",
        Level.HANDSHAKE,
        Strikes.HANDSHAKE,
        Per.CONNECTION,
        (Parameter("seconds", "how long", Kind.LENGTH, 2.0, 0.001, _HALF_AN_HOUR),),
    ),
    Fault(
        "compressed",
        "Frames are compressed (permessage-deflate), if the client offers it.",
        Level.HANDSHAKE,
        Strikes.HANDSHAKE,
        Per.CONNECTION,
    ),
    _opening("no_welcome", "Welcome is never sent.", breaks="OPN-001", varies=True),
    _opening(
        "late_settings_applied",
        "Settings are applied late; what the client sends meanwhile waits.",
        _seconds("how long they take", 2.0),
    ),
    _opening(
        "no_settings_applied",
        "SettingsApplied is never sent; the conversation begins without it.",
        breaks="SET-005",
        varies=True,
    ),
    _extra("malformed_json", "A text frame that is no JSON.", breaks="MSG-006"),
    _extra("empty_text", "An empty text frame.", breaks="MSG-006"),
    _extra("non_object", "A text frame with a JSON array in place of an object.", breaks="MSG-006"),
    _extra("no_type", "A JSON object without a type.", breaks="MSG-006"),
    _extra(
        "oversized_text",
        "A message that is too large for most clients, though of its schema.",
        Parameter("bytes", "its size; many clients take 1 MiB at most", Kind.WHOLE, 2_097_152, 1, 67_108_864),
        varies=True,
        closing=Closing(1009),
    ),
    _extra("unknown_type", "A message of a type that nobody knows.", breaks="MSG-007"),
    _mangled("truncated_json", "The message breaks off in the middle.", breaks="MSG-006", varies=True),
    _mangled("unknown_field", "The message has one more field, which nobody knows.", breaks="MSG-009"),
    _mangled("missing_field", "The message lacks a field.", _FIELD, breaks="MSG-008", varies=True),
    _mangled(
        "mistyped_field", "A field of the message is of another type.", _FIELD, breaks="MSG-008", varies=True
    ),
    _mangled("duplicated", "The message comes twice.", varies=True),
    _mangled("reordered", "The message comes after the one that follows it.", varies=True),
    _mangled(
        "delayed", "The message comes late; others overtake it.", _seconds("how late", 1.0), varies=True
    ),
    _mangled(
        "stall",
        "Half of the message's frame comes; the rest, and all that follows, comes later.",
        _seconds("how long nothing comes", 3.0),
        level=Level.FRAME,
        per=Per.CONNECTION,
    ),
    _mangled(
        "fragmented",
        "The message comes in several frames.",
        Parameter("parts", "how many", Kind.WHOLE, 3, 2, 1000),
        level=Level.FRAME,
    ),
    _mangled(
        "unasked_compression",
        "The message is compressed, though that was not negotiated; a client must close with 1002.",
        level=Level.FRAME,
        closing=Closing(1002, "RFC 6455, 5.2"),
    ),
    _mangled("text_as_binary", "The message comes in a binary frame.", varies=True, level=Level.FRAME),
    Fault(
        "invalid_utf8",
        "A text frame whose bytes are no UTF-8; a client must close with 1007.",
        Level.FRAME,
        Strikes.AT_ONCE,
        Per.MESSAGE,
        breaks=frozenset({"MSG-006"}),
        closing=Closing(_NO_UTF_8, "RFC 6455, 8.1"),
    ),
    Fault(
        "frame",
        "One frame as it is given, right or wrong.",
        Level.FRAME,
        Strikes.AT_ONCE,
        Per.MESSAGE,
        _OF_FRAME,
        varies=True,
        closing_by=_closing_of_frame,
        check=raw_frame.check,
    ),
    _heard(
        "binary_as_text",
        "The first frame of the speech comes as text.",
        breaks="MSG-006",
        level=Level.FRAME,
        closing=Closing(_NO_UTF_8),  # a must where its bytes are no UTF-8, as those of silence are
    ),
    _heard("odd_audio", "No frame of the speech holds whole samples.", breaks="AUD-004"),
    _heard("empty_audio", "Among the frames of the speech is an empty one.", breaks="AUD-003"),
    _heard("late_audio", "The speech begins late.", _seconds("how late", 2.0)),
    _heard(
        "bursty_audio",
        "The speech comes in bursts, each after a silence as long as itself.",
        _seconds("how much at a time", 0.5),
    ),
    _heard("corrupted_audio", "The speech is noise of the right length."),
    _heard("misencoded_audio", "The speech is in another encoding than Settings asks for."),
    _cut(
        "close",
        "The connection is closed.",
        Parameter("code", "of the close frame; otherwise it has none (clients see 1005)", Kind.CODE),
    ),
    _cut("tcp_close", "TCP is closed, without a close frame (clients see 1006)."),
    _cut("tcp_reset", "TCP is reset."),
    _cut(
        "half_open",
        "Nothing is read or written any more, not even pongs, but the connection stays.",
        _seconds("after which TCP is reset", 30.0),
    ),
    _cut(
        "ping_flood",
        "Pings come in a flood.",
        Parameter("count", "how many", Kind.WHOLE, 1000, 1, 100_000),
        ends=False,
    ),
)

FAULTS: Mapping[str, Fault] = MappingProxyType({each.name: each for each in _ROWS})
"""Every fault by its name, from the handshake down to the transport."""
