"""Faults of frames: a right message in wrong frames, and frames that WebSocket does not allow.

Source: RFC 6455, sections 5.2 to 5.5, 7.4 and 8.1; what it allows stands here too, since receivers differ.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from mockagent.fuzz.near_miss import Kind, NearMiss, Opcode, Payload, Way, Wire, binary, name_of, text
from mockagent.protocol.codec import encode
from mockagent.protocol.events import Dialect, JsonObject, Side

_RFC_5_4 = "RFC 6455, 5.4 allows it"
_RFC_5_5 = "RFC 6455, 5.5 allows it"
_PROTOCOL_ERROR = 1002
_NO_UTF_8 = 1007
_TOO_BIG = 1009
_PINGS = 1000
_MEGABYTE = 1_000_000
_LARGEST_CONTROL = 125


@dataclass(frozen=True, slots=True)
class FrameFault:
    """A fault by its name: the frames it makes of a message, if any, and the close code it calls for."""

    name: str
    summary: str
    make: Callable[[bytes], tuple[Wire, ...]]
    legal: str = ""
    fault: str = ""
    close_code: int | None = None


def frames(dialect: Dialect, side: Side, body: JsonObject, way: Way) -> Iterator[NearMiss]:
    """Every fault of frames that can be made of that message."""
    data = encode(body).data
    for each in FAULTS:
        wires = each.make(data)
        if not wires:
            continue
        id = name_of(dialect, side, body["type"], f"frame:{each.name}")
        yield NearMiss(
            id,
            Kind.FRAME,
            dialect,
            side,
            body["type"],
            each.summary,
            way,
            wires,
            legal=each.legal,
            fault=each.fault,
            close_code=each.close_code,
        )


def _parts(data: bytes, *cuts: int) -> tuple[Wire, ...]:
    """The message in fragments, cut at these places."""
    edges = (0, *cuts, len(data))
    pieces = [data[start:end] for start, end in pairwise(edges)]
    first, *rest = (
        Wire(Opcode.CONTINUATION if index else Opcode.TEXT, Payload(piece), fin=index == len(pieces) - 1)
        for index, piece in enumerate(pieces)
    )
    return first, *rest


def _between(*inner: Wire) -> Callable[[bytes], tuple[Wire, ...]]:
    def make(data: bytes) -> tuple[Wire, ...]:
        first, last = _parts(data, len(data) // 2)
        return first, *inner, last

    return make


def _in_a_character(data: bytes) -> tuple[Wire, ...]:
    """Cut within a character of two bytes in place of the last letter, where the message ends in a text."""
    if not data.endswith(b'"}'):
        return ()
    place = max(data.rfind(bytes([letter])) for letter in b"abcdefghijklmnopqrstuvwxyz")
    return _parts(data[:place] + "é".encode() + data[place + 1 :], place + 1)


def _wrong_utf_8(wrong: bytes) -> Callable[[bytes], tuple[Wire, ...]]:
    return lambda data: (text(data[:-1] + b',"mockagent_unknown":"' + wrong + b'"}'),)


def _control(opcode: Opcode, data: bytes = b"", **more: bool) -> Callable[[bytes], tuple[Wire, ...]]:
    return lambda _: (Wire(opcode, Payload(data), **more),)


def _whole(*, rsv1: bool = False, flipped_mask: bool = False) -> Callable[[bytes], tuple[Wire, ...]]:
    return lambda data: (replace(text(data), rsv1=rsv1, flipped_mask=flipped_mask),)


def _close(code: int, reason: bytes = b"") -> Callable[[bytes], tuple[Wire, ...]]:
    return _control(Opcode.CLOSE, code.to_bytes(2, "big") + reason)


def _forbidden(
    name: str, summary: str, make: Callable[[bytes], tuple[Wire, ...]], fault: str = ""
) -> FrameFault:
    return FrameFault(name, summary, make, fault=fault, close_code=_PROTOCOL_ERROR)


def _garbled(name: str, summary: str, wrong: bytes) -> FrameFault:
    return FrameFault(name, summary, _wrong_utf_8(wrong), fault="invalid_utf8", close_code=_NO_UTF_8)


def _allowed(
    name: str, summary: str, make: Callable[[bytes], tuple[Wire, ...]], why: str, fault: str = ""
) -> FrameFault:
    return FrameFault(name, summary, make, why, fault)


_PING = Wire(Opcode.PING, Payload(b"mockagent"))

FAULTS: tuple[FrameFault, ...] = (
    FrameFault(
        "text-as-binary",
        "the message in a binary frame",
        lambda data: (binary(data),),
        fault="text_as_binary",
    ),
    FrameFault(
        "audio-as-text",
        "audio in a text frame",
        lambda _: (text(b"\xff\xfe\x80" * 200),),
        fault="binary_as_text",
        close_code=_NO_UTF_8,
    ),
    FrameFault(
        "silence-as-text",
        "silent audio, which is UTF-8, in a text frame",
        lambda _: (text(bytes(640)),),
        fault="binary_as_text",
    ),
    _garbled("invalid-utf-8", "bytes that are never UTF-8", b"\xff\xfe"),
    _garbled("overlong-utf-8", "a slash in two bytes", b"\xc0\xaf"),
    _garbled("surrogate-utf-8", "half of a surrogate pair in three bytes", b"\xed\xa0\x80"),
    _garbled("cut-utf-8", "a character without its last byte", b"\xe2\x82"),
    _garbled("beyond-unicode", "a character beyond U+10FFFF", b"\xf4\x90\x80\x80"),
    _allowed(
        "fragmented",
        "the message in two frames",
        lambda data: _parts(data, len(data) // 2),
        _RFC_5_4,
        "fragmented",
    ),
    _allowed(
        "fragmented-in-bytes",
        "each byte in a frame of its own",
        lambda data: _parts(data, *range(1, len(data))),
        _RFC_5_4,
        "fragmented",
    ),
    _allowed(
        "fragmented-in-a-character", "a cut within a character", _in_a_character, _RFC_5_4, "fragmented"
    ),
    _allowed(
        "empty-fragments",
        "empty frames around it",
        lambda data: _parts(data, 0, 0, len(data)),
        _RFC_5_4,
        "fragmented",
    ),
    _allowed("ping-between-fragments", "a ping between two fragments", _between(_PING), _RFC_5_4),
    _allowed("ping", "a ping before it", lambda data: (_PING, text(data)), _RFC_5_5),
    _allowed(
        "unasked-pong",
        "a pong that answers no ping",
        lambda data: (replace(_PING, opcode=Opcode.PONG), text(data)),
        _RFC_5_5,
    ),
    _allowed(
        "ping-flood",
        f"{_PINGS} pings before it",
        lambda data: (_PING,) * _PINGS + (text(data),),
        _RFC_5_5,
        "ping_flood",
    ),
    _forbidden(
        "text-between-fragments",
        "another message between two fragments",
        _between(text('{"type":"KeepAlive"}')),
    ),
    _forbidden(
        "continuation-first",
        "a continuation of nothing",
        lambda data: (Wire(Opcode.CONTINUATION, Payload(data)),),
    ),
    _forbidden("reserved-opcode", "a frame of an opcode without a meaning", _control(Opcode.RESERVED)),
    _forbidden(
        "reserved-bit",
        "a frame that says it is compressed, where nothing was negotiated",
        _whole(rsv1=True),
        "unasked_compression",
    ),
    _forbidden("mask", "a frame masked by a server, or not masked by a client", _whole(flipped_mask=True)),
    _forbidden("long-ping", "a ping of 126 bytes", _control(Opcode.PING, bytes(_LARGEST_CONTROL + 1))),
    _forbidden("fragmented-ping", "a ping that is not all", _control(Opcode.PING, b"x", fin=False)),
    _forbidden("short-close", "a close frame of one byte", _control(Opcode.CLOSE, b"\x03")),
    _forbidden("close-999", "a close code below 1000", _close(999)),
    _forbidden("close-1005", "the close code that stands for none", _close(1005)),
    _forbidden("close-1006", "the close code that stands for a lost connection", _close(1006)),
    _forbidden("close-5000", "a close code that nobody may use", _close(5000)),
    FrameFault(
        "close-reason", "a reason for the close that is no UTF-8", _close(1000, b"\xff"), close_code=_NO_UTF_8
    ),
    FrameFault(
        "unfinished",
        "a message whose last fragment never comes",
        lambda data: _parts(data, len(data) // 2)[:1],
        "RFC 6455 gives no time for it",
        "stall",
    ),
    FrameFault(
        "many-megabytes",
        "a binary frame of eight megabytes",
        lambda _: (Wire(Opcode.BINARY, Payload(fill=b"\x00\x01", times=4 * _MEGABYTE)),),
        "RFC 6455 sets no limit; a receiver may close with 1009",
        "oversized_text",
        _TOO_BIG,
    ),
)
