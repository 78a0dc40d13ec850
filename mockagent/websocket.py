"""One WebSocket over asyncio: bytes to whole messages and back, with nothing known of what they mean.

Built on the sans-I/O layer of `websockets`, so that no task, queue or timer exists per connection, and so that
closes, aborts and frames are exactly what was asked for. The only module that touches a transport.
"""

import asyncio
import contextlib
import json
import re
import socket
import struct
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from websockets.datastructures import Headers
from websockets.exceptions import InvalidMessage
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from mockagent.limits import (
    CLOSES_WITHIN,
    LARGEST_MESSAGE,
    MOST_BYTES_A_TURN,
    MOST_MESSAGES_A_TURN,
    MOST_UNSENT,
    OPENS_WITHIN,
)
from mockagent.protocol.events import NO_CLOSE_FRAME, NO_STATUS, Side

_NOT_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_OTHER_METHOD = re.compile(rb"(CONNECT|DELETE|HEAD|OPTIONS|PATCH|POST|PUT|QUERY|TRACE) ")
_LONGEST_METHOD = 8
_END_OF_BLOCK = b"\x00\x00\xff\xff"
"""What ends each compressed message and is left out on the wire (RFC 7692, 7.2.1)."""
_RSV1 = 0x40
"""The bit of a frame's first byte that says "compressed" (RFC 7692, 6)."""


class Listener(Protocol):
    """Who wants to hear what comes in over a WebSocket."""

    def on_message(self, data: bytes, binary: bool) -> None:
        """A whole message came."""

    def on_unread(self) -> None:
        """The client does not read, and so much waits for it that the server ends the connection."""

    def on_closed(self, side: Side, code: int | None, reason: str) -> None:
        """A side ended the connection: `code` None for a close frame without status, 1006 for no close frame."""


@dataclass(frozen=True, slots=True)
class Later:
    """An answer to a handshake that is to be made after so many seconds."""

    seconds: float
    make: Callable[[], Response]


class WebSocket(asyncio.Protocol):
    """The server's end of one connection. `admit` answers its HTTP request, and gives the listener if it is a 101.

    It may give None: then `respond` is called later, if the client is still there. What a client sends is read in
    small helpings, between which all others have their turn; so a flood is slow for nobody but its sender.
    """

    def __init__(
        self,
        admit: Callable[["WebSocket", Request], "Response | Later | None"],
        ended: Callable[["WebSocket"], None],
    ) -> None:
        self.listener: Listener | None = None
        self.protocol = ServerProtocol(max_size=LARGEST_MESSAGE)
        self._admit = admit
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._parts = bytearray()
        self._is_binary = False
        self._told = False
        self._owes_answer = False
        self._begins_with = b""
        self._timer: asyncio.TimerHandle | None = None
        self._held: list[bytes] | None = None
        self._held_until = 0.0
        self._is_gone = False
        self._is_unread = False
        self._bytes = b""
        self._events: deque[Frame | Request | Response] = deque()
        self._has_turn_to_come = False
        self._has_ended = False
        self._is_lost = False

    @property
    def peer(self) -> str:
        """The address of the client; "" where it has none."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if isinstance(name, tuple) and name else ""

    def respond(self, response: Response) -> None:
        """Give the answer that `admit` left for later."""
        if self._owes_answer:
            self._owes_answer = False
            self._answer(response)
            self._drop_later(CLOSES_WITHIN)

    def send(self, data: bytes, binary: bool) -> None:
        """Send one message; nothing happens once the connection is closing."""
        if self.protocol.state is not State.OPEN:
            return
        if binary:
            self.protocol.send_binary(data)
        else:
            self.protocol.send_text(data)
        self._write()

    def close(self, code: int | None, reason: str = "") -> None:
        """Begin the close; `code` None sends a close frame without status."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, reason)
            self._write()
            self._drop_later(CLOSES_WITHIN)

    def send_in_parts(self, data: bytes, binary: bool, parts: int) -> None:
        """Send one message in so many frames, as far as it has bytes for them."""
        if self.protocol.state is not State.OPEN:
            return
        size = max(1, -(-len(data) // parts))
        pieces = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        begin = self.protocol.send_binary if binary else self.protocol.send_text
        begin(pieces[0], fin=len(pieces) == 1)
        for number, piece in enumerate(pieces[1:], 2):
            self.protocol.send_continuation(piece, fin=number == len(pieces))
        self._write()

    def send_stalling(self, data: bytes, binary: bool, seconds: float) -> None:
        """Send the first half of a message's frame; the rest, and whatever else is sent, goes out later."""
        if self._held is not None or self.protocol.state is not State.OPEN:
            self.send(data, binary)
            return
        (self.protocol.send_binary if binary else self.protocol.send_text)(data)
        frame = b"".join(self.protocol.data_to_send())
        half = len(frame) // 2
        self._put(frame[:half])
        self._held = [frame[half:]]
        loop = asyncio.get_running_loop()
        self._held_until = loop.time() + seconds
        loop.call_later(seconds, self._let_go)

    def send_compressed(self, data: bytes, binary: bool) -> None:
        """Send one message compressed (RFC 7692), whether or not that was agreed upon."""
        if self.protocol.extensions:
            self.send(data, binary)
        elif self.protocol.state is State.OPEN:
            deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            packed = deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
            opcode = Opcode.BINARY if binary else Opcode.TEXT
            frame = Frame(opcode, packed.removesuffix(_END_OF_BLOCK)).serialize(mask=False)
            self._put(bytes([frame[0] | _RSV1]) + frame[1:])  # `websockets` refuses to set it unasked

    def put(self, data: bytes) -> None:
        """Send these bytes as they are, whatever frames they make."""
        if self.protocol.state is State.OPEN and self._transport is not None:
            self._transport.set_write_buffer_limits(
                high=MOST_UNSENT + self._transport.get_write_buffer_size() + len(data)
            )
            self._put(data)

    def ping(self, count: int) -> None:
        """Send so many pings."""
        if self.protocol.state is State.OPEN:
            for number in range(count):
                self.protocol.send_ping(str(number).encode())
            self._write()

    def hang_up(self) -> None:
        """Close TCP in good order, without a close frame."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Reset TCP: the client's next read or write fails."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                lingers_not = struct.pack("ii", 1, 0)
                self._transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, lingers_not
                )
            self._transport.abort()

    def vanish(self, seconds: float) -> None:
        """Neither read nor write any more, and reset TCP after so many seconds."""
        if self._transport is not None:
            self._transport.pause_reading()
            self._held = []
            self._is_gone = True
            self._drop_later(seconds, self.reset)

    def abort(self) -> None:
        """Drop the connection as it is."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=MOST_UNSENT)
        self._drop_later(OPENS_WITHIN)

    def data_received(self, data: bytes) -> None:
        if self._owes_answer:
            return  # nothing that comes before it can be anything but noise
        if len(self._begins_with) < _LONGEST_METHOD:
            self._begins_with += data[:_LONGEST_METHOD]
        self._bytes += data
        self._read()

    def eof_received(self) -> None:
        self._owes_answer = False
        self._has_ended = True
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owes_answer = False
        self._is_lost = True
        self._read()

    def pause_writing(self) -> None:
        """The client has not read for so long that the buffer is full."""
        self._is_unread = True
        self.abort()

    def _read(self) -> None:
        """Take a helping of what has come; the rest when the others have had their turn."""
        if self._has_turn_to_come:
            return
        if not self._events and self._bytes:
            helping, self._bytes = self._bytes[:MOST_BYTES_A_TURN], self._bytes[MOST_BYTES_A_TURN:]
            self.protocol.receive_data(helping)
            self._events += self.protocol.events_received()
        taken = size = 0
        while self._events and taken < MOST_MESSAGES_A_TURN and size < MOST_BYTES_A_TURN:
            event = self._events.popleft()
            if isinstance(event, Frame):
                self._take(event)
                size += len(event.data)  # much more than came, where it was compressed
            elif isinstance(event, Request):
                self._open(event)
            taken += 1
        self._write()
        if self._events or self._bytes:
            self._read_on_later()
        else:
            self._look_at_end()

    def _read_on_later(self) -> None:
        self._has_turn_to_come = True
        if self._transport is not None and not self._is_lost:
            self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._has_turn_to_come = False
        self._read()
        if not self._has_turn_to_come and not self._is_lost and not self._is_gone and self._transport:
            self._transport.resume_reading()

    def _look_at_end(self) -> None:
        """All that came has been taken: is there an end behind it?"""
        if (self._has_ended or self._is_lost) and self.protocol.state is not State.CLOSED:
            self._has_ended = False
            self.protocol.receive_eof()
            self._write()
        if self.protocol.state is not State.OPEN:
            if self.protocol.close_expected() and not self._is_lost:
                self._drop_later(CLOSES_WITHIN)
            self._tell_of_close(lost=self._is_lost)
        if self._is_lost:
            self._stop_timer()
            self._ended(self)

    def _open(self, request: Request) -> None:
        if self.protocol.eof_sent:  # what came right behind the request was no frame
            self.abort()
            return
        method = self._other_method
        response = _only_get(method) if method else self._admit(self, request)
        if isinstance(response, Later):
            asyncio.get_running_loop().call_later(response.seconds, self._answer_late, response.make)
            self._drop_later(response.seconds + OPENS_WITHIN)
            return
        self._stop_timer()
        if response is None:
            self._owes_answer = True
        else:
            self._answer(response)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _answer_late(self, make: Callable[[], Response]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._stop_timer()
            self._answer(make())
            self._read()

    def _answer(self, response: Response) -> None:
        if self._transport is not None and response.body:
            self._transport.set_write_buffer_limits(high=MOST_UNSENT + len(response.body))
        self.protocol.send_response(response)
        self._write()  # before anything that the listener says to a message in the same segment

    @property
    def _other_method(self) -> str | None:
        """The method of the request if it is not GET; some versions of `websockets` let it pass."""
        found = _OTHER_METHOD.match(self._begins_with)
        return found[1].decode() if found else None

    def _take(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            if frame.fin:
                self._hand_over(bytes(frame.data), frame.opcode is Opcode.BINARY)
                return
            self._is_binary = frame.opcode is Opcode.BINARY
            self._parts = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT:
            self._parts += frame.data
            if frame.fin:
                parts, self._parts = self._parts, bytearray()
                self._hand_over(bytes(parts), self._is_binary)

    def _hand_over(self, data: bytes, binary: bool) -> None:
        if self.listener is not None and not self._told:
            self.listener.on_message(data, binary)

    def _tell_of_close(self, *, lost: bool = False) -> None:
        if self.listener is None or self._told:
            return
        received, sent, fault = self.protocol.close_rcvd, self.protocol.close_sent, self.protocol.parser_exc
        if received is not None:
            code = None if received.code == NO_STATUS else received.code
            self._tell(Side.CLIENT, code, received.reason)
        elif fault is not None and not isinstance(fault, EOFError) and sent is not None:
            self._tell(Side.SERVER, sent.code, sent.reason)
        elif self._is_unread:
            self.listener.on_unread()
            self._tell(Side.SERVER, NO_CLOSE_FRAME, "")
        elif lost or fault is not None:
            self._tell(Side.CLIENT, NO_CLOSE_FRAME, "")

    def _tell(self, side: Side, code: int | None, reason: str) -> None:
        self._told = True
        if self.listener is not None:
            self.listener.on_closed(side, code, reason)

    def _write(self) -> None:
        if self._transport is None or self._transport.is_closing():
            self.protocol.data_to_send()
            return
        for data in self.protocol.data_to_send():
            if data:
                self._put(data)
            elif self._held is not None:
                self._held.append(b"")
            else:
                if isinstance(self.protocol.handshake_exc, InvalidMessage):
                    self._transport.write(  # where `websockets` says nothing
                        _only_get(method).serialize() if (method := self._other_method) else _NOT_HTTP
                    )
                self._end(self._transport)

    def _end(self, transport: asyncio.Transport) -> None:
        """Send nothing more; over TLS, where no side can end alone, that is the end of both."""
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()

    def _put(self, data: bytes) -> None:
        """Put bytes on the wire, or behind those that are held back."""
        if self._held is not None:
            self._held.append(data)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _let_go(self) -> None:
        """What was held back goes out."""
        if self._is_gone:
            return
        held, self._held = self._held, None
        for data in held or ():
            if data:
                self._put(data)
            elif self._transport is not None and self._transport.can_write_eof():
                self._transport.write_eof()

    def _drop_later(self, seconds: float, drop: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        held_for = max(0.0, self._held_until - loop.time())  # what is held back has to be read first
        self._timer = loop.call_later(seconds + held_for, drop or self.abort)


def _only_get(method: str) -> Response:
    """The answer to another method; to HEAD without a body, which it never has (RFC 9110, 9.3.2)."""
    error = {"error": f"expected GET, got {method}"}
    body = b"" if method == "HEAD" else json.dumps(error).encode() + b"\n"
    headers = Headers([("Allow", "GET"), ("Connection", "close"), ("Content-Length", str(len(body)))])
    if body:
        headers["Content-Type"] = "application/json"
    return Response(405, "Method Not Allowed", headers, body)
