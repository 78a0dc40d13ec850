"""A raw end of a WebSocket: whatever bytes are to go out do, and what comes in is kept, message by message."""

import asyncio
import contextlib
import json
from collections import Counter
from typing import Any

from websockets.client import ClientProtocol
from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from mockagent.fuzz.near_miss import Wire
from mockagent.protocol import transitions
from mockagent.protocol.events import NO_STATUS, Side

_KEPT = 200
"""How many of the last messages are kept."""


class Link(asyncio.Protocol):
    """Either end. `messages` are the last ones that came, `types` how many of each type, `close` how it ended.

    `close` is the code of the peer's close frame, NO_STATUS for one without, None before or without any. `sent` are the
    frames that were put out as they are, for whoever empties it now and then.
    """

    def __init__(self, protocol: ClientProtocol | ServerProtocol) -> None:
        self.protocol = protocol
        self.messages: list[Any] = []
        self.types: Counter[str] = Counter()
        self.close: int | None = None
        self.response: Response | None = None
        self.request: Request | None = None
        self.pongs: set[bytes] = set()
        self.seen_secret = False
        self.secret = b""
        self.is_lost = False
        self.sent: list[Wire] = []
        self.news = asyncio.Event()
        self._parts: list[bytes] = []
        self._is_text = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.flush()

    def data_received(self, data: bytes) -> None:
        with contextlib.suppress(ProtocolError):
            self.protocol.receive_data(data)
        self._read()

    def eof_received(self) -> None:
        self.protocol.receive_eof()
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self.news.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come."""
        return self.is_lost or self.close is not None

    def flush(self) -> None:
        """Put out what the sans-I/O layer has to say: handshakes, pongs, answers to closes."""
        for data in self.protocol.data_to_send():
            if self._transport is None or self._transport.is_closing():
                return
            if data:
                self._transport.write(data)
            else:
                with contextlib.suppress(OSError, RuntimeError):
                    if self._transport.can_write_eof():
                        self._transport.write_eof()

    def put(self, wire: Wire, sender: Side) -> None:
        """Put this frame out as it is."""
        self.sent.append(wire)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(wire.encoded(sender))

    def say(self, body: Any) -> None:
        """Send a message as it should be sent."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_text(json.dumps(body).encode())
            self.flush()

    def ping(self, data: bytes) -> None:
        """Send a ping."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_ping(data)
            self.flush()

    def leave(self, code: int = 1000) -> None:
        """Begin the close in good order."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code)
            self.flush()

    def drop(self) -> None:
        """End TCP at once."""
        if self._transport is not None:
            self._transport.abort()

    async def until(self, is_so: Any, within: float) -> bool:
        """Wait until that is so, or nothing more can come; whether it is."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while not is_so():
            left = until - loop.time()
            if self.is_over or left <= 0:
                return bool(is_so())
            self.news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self.news.wait()
        return True

    def _read(self) -> None:
        for event in self.protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
            elif isinstance(event, Response):
                self.response = event
            elif isinstance(event, Request):
                self.request = event
        self.flush()
        self.news.set()

    def _take(self, frame: Frame) -> None:
        data = bytes(frame.data)
        if self.secret and self.secret in data:
            self.seen_secret = True
        if frame.opcode is Opcode.PONG:
            self.pongs.add(data)
        elif frame.opcode is Opcode.CLOSE:
            self.close = int.from_bytes(data[:2], "big") if len(data) >= 2 else NO_STATUS
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._parts, self._is_text = [], frame.opcode is Opcode.TEXT
            self._parts.append(data)
            if frame.fin:
                self._whole(b"".join(self._parts))

    def _whole(self, data: bytes) -> None:
        if not self._is_text:
            self.types[transitions.AUDIO] += 1
            return
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            body = None
        type = body.get("type") if isinstance(body, dict) else None
        self.types[type if isinstance(type, str) else ""] += 1
        self.messages.append(body)
        del self.messages[:-_KEPT]
