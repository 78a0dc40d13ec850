"""WebSocket frames as bytes, the wrong ones included (RFC 6455, 5.2), and what a row of them amounts to.

What is right goes over the wire by a library; here is what no library lets one send.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from mockagent.protocol.events import Frame, Side


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
class WireFrame:
    """One frame as it goes out. With `rsv1` it says that it is compressed.

    With `flipped_mask` a client does not mask it, or a server does.
    """

    opcode: Opcode
    payload: Payload
    fin: bool = True
    rsv1: bool = False
    flipped_mask: bool = False

    @property
    def data(self) -> bytes:
        return self.payload.data

    def encoded(self, sender: Side) -> bytes:
        """The bytes of the frame as that side puts them on the connection (RFC 6455, 5.2)."""
        data, masked = self.data, (sender is Side.CLIENT) is not self.flipped_mask
        head = bytes([self.fin << 7 | self.rsv1 << 6 | self.opcode])
        head += _length(len(data), masked << 7)
        return head + _MASK + _masked(data) if masked else head + data

    @property
    def must_close_with(self) -> int | None:
        """The close code by which RFC 6455 has its receiver close, by this frame alone; None where it may go on."""
        if self.rsv1 or self.flipped_mask or self.opcode is Opcode.RESERVED:
            return _PROTOCOL_ERROR
        if self.opcode >= Opcode.CLOSE and (not self.fin or self.payload.size > _LARGEST_CONTROL):
            return _PROTOCOL_ERROR
        if self.opcode is Opcode.CLOSE:
            return _of_close(self.data)
        is_whole_text = self.opcode is Opcode.TEXT and self.fin
        return _NO_UTF_8 if is_whole_text and not is_utf_8(self.data) else None


class Assembling:
    """Puts the messages together that frames make, as a receiver does: what RFC 6455 forbids is none."""

    def __init__(self) -> None:
        self._begun: Opcode | None = None
        self._parts = b""

    def takes(self, frame: WireFrame) -> bool:
        """Whether it has its place here: no continuation of nothing, no other message within one (RFC 6455, 5.4)."""
        return frame.opcode >= Opcode.RESERVED or (frame.opcode is Opcode.CONTINUATION) is not (
            self._begun is None
        )

    def message(self, frame: WireFrame) -> Frame | None:
        """The message that this frame completes."""
        if frame.rsv1 or frame.flipped_mask or frame.opcode >= Opcode.RESERVED or not self.takes(frame):
            return None
        self._begun = self._begun or frame.opcode
        self._parts += frame.data
        if not frame.fin:
            return None
        whole = Frame(self._parts, binary=self._begun is Opcode.BINARY)
        self._begun, self._parts = None, b""
        return whole


def must_be_closed_over(frames: Iterable[WireFrame]) -> bool:
    """Whether RFC 6455 has a receiver close over these frames, one after the other."""
    assembling = Assembling()
    for frame in frames:
        if frame.must_close_with is not None or not assembling.takes(frame):
            return True
        whole = assembling.message(frame)
        if whole is not None and not whole.binary and not is_utf_8(whole.data):
            return True
    return False


def is_utf_8(data: bytes) -> bool:
    """Whether it is text as WebSocket has it."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


_MASK = b"mock"
_SHORT, _MIDDLE = 126, 1 << 16
_LARGEST_CONTROL = 125
_PROTOCOL_ERROR, _NO_UTF_8 = 1002, 1007
_FOR_NO_FRAME = frozenset({1004, 1005, 1006, 1015})
"""Codes that no close frame may carry (RFC 6455, 7.4.1)."""


def _of_close(data: bytes) -> int | None:
    """RFC 6455, 5.5.1 and 7.4: nothing, or a code that may be sent and a reason in UTF-8."""
    code = int.from_bytes(data[:2], "big")
    if data and (len(data) == 1 or not 1000 <= code < 5000 or code in _FOR_NO_FRAME):
        return _PROTOCOL_ERROR
    return None if is_utf_8(data[2:]) else _NO_UTF_8


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
