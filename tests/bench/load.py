"""The load: many sessions in one process, on one loop, of which each only writes frames made before and counts.

It must not be the bottleneck: `figures` refuses a window in which the load itself took most of a core.
"""

import asyncio
import json
from collections.abc import Sequence

import wire
from servers import NotMeasured, Server

SESSIONS = 100
FRAME_FOR = 0.02
FRAME = wire.frame(wire.BINARY, bytes(640))
"""20 ms of linear16 at 16 kHz, the same both ways."""
GROUPS = 10
"""Sessions send in so many groups, spread evenly over the 20 ms."""
ANSWERS_WITHIN = 10.0


class Caller(asyncio.Protocol):
    """One session of the load. `heard` is the frames of audio that came so far."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.heard = 0
        self.lost = False
        self.is_open: asyncio.Future[None] = loop.create_future()
        self._texts: asyncio.Queue[str] = asyncio.Queue()
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    async def reads(self, wanted: str) -> None:
        """Until that text, or a message of that type, has come."""
        async with asyncio.timeout(ANSWERS_WITHIN):
            while name_of(await self._texts.get()) != wanted:
                pass

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def abort(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.write(wire.HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.is_open.done():
            self.is_open.set_exception(NotMeasured("the server closed during the handshake"))

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self.is_open.done():
            head, found, rest = self._rest.partition(wire.HEAD_ENDS)
            if not found:
                return
            self._rest = rest
            if head.startswith(wire.SWITCHED):
                self.is_open.set_result(None)
            else:
                self.is_open.set_exception(NotMeasured(f"the handshake was refused: {head[:60]!r}"))
        at = 0
        while taken := wire.take(self._rest, at):
            opcode, payload, at = taken
            if opcode == wire.BINARY:
                self.heard += 1
            elif opcode == wire.TEXT:
                self._texts.put_nowait(payload.decode())
            elif opcode == wire.PING:
                self.write(wire.frame(wire.PONG, payload))
        self._rest = self._rest[at:]


def name_of(text: str) -> str:
    """The type of a message; of any other text, itself."""
    return str(json.loads(text).get("type")) if text.startswith("{") else text


async def opened(server: Server) -> Caller:
    """A session whose handshake is done."""
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_connection(Caller, "127.0.0.1", server.port)
    await asyncio.wait_for(caller.is_open, ANSWERS_WITHIN)
    return caller


async def sent(callers: Sequence[Caller], seconds: float) -> int:
    """Send audio from all of them for so long, by an absolute schedule; how many frames each has sent."""
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    groups = [callers[number::GROUPS] for number in range(GROUPS)]
    frames = round(seconds / FRAME_FOR)
    for tick in range(frames * GROUPS):
        await asyncio.sleep(started_at + tick * FRAME_FOR / GROUPS - loop.time())
        for caller in groups[tick % GROUPS]:
            caller.write(FRAME)
    return frames
