"""What a near-miss is: one departure from the protocol, by a stable id, with the exact frames that commit it.

Nothing is sampled: the same id is the same bytes, in this version and the next. An id is
`DIALECT/SIDE/TYPE/POINTER#KIND[:DETAIL]`: who sends it, the message, the place in it, and what is wrong there. A step
of the pointer may name a branch of the schema, as in `provider(type=groq)`. An id depends on nothing but its own
place, so that what is added to the schemas elsewhere leaves it as it is.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.codec import encode
from mockagent.protocol.events import Dialect, JsonObject, Side, Tolerance


class Kind(StrEnum):
    """What it departs from."""

    SCHEMA = "schema"
    TEXT = "text"
    FRAME = "frame"
    ORDER = "order"
    TIME = "time"
    AUDIO = "audio"


class Opcode(IntEnum):
    """What a WebSocket frame is (RFC 6455, 5.2)."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    RESERVED = 0x3
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of a frame: `head`, then `fill` so many `times`, then `tail`; big ones are only made when asked for."""

    head: bytes = b""
    fill: bytes = b""
    times: int = 0
    tail: bytes = b""

    @property
    def data(self) -> bytes:
        return self.head + self.fill * self.times + self.tail

    @property
    def size(self) -> int:
        return len(self.head) + len(self.fill) * self.times + len(self.tail)


@dataclass(frozen=True, slots=True)
class Wire:
    """One WebSocket frame as it goes out, `after` so many seconds from the one before (or from the end of the way).

    With `rsv1` it says that it is compressed. With `flipped_mask` a client does not mask it, or a server does.
    """

    opcode: Opcode
    payload: Payload
    fin: bool = True
    rsv1: bool = False
    flipped_mask: bool = False
    after: float = 0.0

    @property
    def data(self) -> bytes:
        return self.payload.data

    def encoded(self, sender: Side) -> bytes:
        """The bytes of the frame as that side puts them on the connection (RFC 6455, 5.2)."""
        data, masked = self.data, (sender is Side.CLIENT) is not self.flipped_mask
        head = bytes([self.fin << 7 | self.rsv1 << 6 | self.opcode])
        head += _length(len(data), masked << 7)
        return head + _MASK + _masked(data) if masked else head + data


_MASK = b"mock"
_SHORT, _MIDDLE = 126, 1 << 16


def _length(size: int, mask: int) -> bytes:
    if size < _SHORT:
        return bytes([mask | size])
    if size < _MIDDLE:
        return struct.pack("!BH", mask | 126, size)
    return struct.pack("!BQ", mask | 127, size)


def _masked(data: bytes) -> bytes:
    key = (_MASK * (len(data) // len(_MASK) + 1))[: len(data)]
    number = int.from_bytes(data, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(len(data), "big")


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
