"""What a near-miss is: one departure from the protocol, by a stable id, with the exact frames that commit it.

Nothing is sampled: the same id is the same bytes, in this version and the next. An id is
`DIALECT/SIDE/TYPE/POINTER#KIND[:DETAIL]`: who sends it, the message, the place in it, and what is wrong there. A step
of the pointer may name a branch of the schema, as in `provider(type=groq)`. An id depends on nothing but its own
place, so that what is added to the schemas elsewhere leaves it as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.codec import encode
from mockagent.protocol.events import Dialect, JsonObject, Side, Tolerance
from mockagent.protocol.wire_frames import Opcode as Opcode
from mockagent.protocol.wire_frames import Payload as Payload
from mockagent.protocol.wire_frames import WireFrame


class Kind(StrEnum):
    """What it departs from."""

    SCHEMA = "schema"
    TEXT = "text"
    FRAME = "frame"
    ORDER = "order"
    TIME = "time"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Wire(WireFrame):
    """One WebSocket frame as it goes out, `after` so many seconds from the one before (or from the end of the way)."""

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One proper thing that happens on the way to a near-miss: a message, or audio (bytes)."""

    sender: Side
    said: JsonObject | bytes


Way: TypeAlias = tuple[Line, ...]
"""What both sides do from the open connection on: one's own lines are to be sent, the peer's awaited."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One departure. `type` is the message it is about, "" for none; `way` leads to where nothing but it is wrong.

    `pointer` and `keyword` are where and by what the schema refuses it, and `refused_from` the lowest tolerance that
    does; all empty where no schema is asked. `legal` is the reason why it is allowed nevertheless, "" where it is not.
    `fault` names the fault that a server can inflict, where that is the same thing. `close_code` is that by which
    RFC 6455 has the receiver close. `silent_for` is how many seconds the sender then does nothing at all.
    """

    id: str
    kind: Kind
    dialect: Dialect
    side: Side
    type: str
    summary: str
    way: Way = ()
    wires: tuple[Wire, ...] = ()
    pointer: str = ""
    keyword: str = ""
    refused_from: Tolerance | None = None
    legal: str = ""
    fault: str = ""
    close_code: int | None = None
    silent_for: float = 0.0

    def frames(self) -> list[tuple[Opcode, bytes, bool]]:
        """The exact frames, in order: opcode, payload, and whether it is the last of its message."""
        return [(wire.opcode, wire.data, wire.fin) for wire in self.wires]


def text(data: bytes | str, **more: Any) -> Wire:
    """A text frame."""
    return Wire(Opcode.TEXT, Payload(data.encode() if isinstance(data, str) else data), **more)


def binary(data: bytes, **more: Any) -> Wire:
    """A binary frame."""
    return Wire(Opcode.BINARY, Payload(data), **more)


def message(body: Mapping[str, Any], **more: Any) -> Wire:
    """The text frame of a message."""
    return Wire(Opcode.TEXT, Payload(encode(body).data), **more)


def name_of(dialect: Dialect, side: Side, place: str, what: str) -> str:
    """The id of a near-miss: `place` is a type with the pointer into it, or "" for what is about no message."""
    return "/".join(part for part in (dialect, side, place) if part) + f"#{what}"
