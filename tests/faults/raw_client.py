"""A client without a library: it shakes hands by hand and keeps every frame as it came over the wire."""

import asyncio
import contextlib
import json
import struct
import time
import zlib
from dataclasses import dataclass, field

from websockets.frames import Frame, Opcode

WITHIN = 60.0
AUDIO = {"encoding": "linear16", "sample_rate": 8000}
SETTINGS = {
    "type": "Settings",
    "audio": {"input": AUDIO, "output": AUDIO},
    "agent": {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}
_HANDSHAKE = (
    "GET /v1/agent/converse HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Token any-key\r\n\r\n"
)


@dataclass(frozen=True)
class Came:
    """One frame; `at` is seconds of the wall since the upgrade, `stalled_for` those between its first byte and last."""

    at: float
    opcode: int
    data: bytes
    fin: bool = True
    rsv1: bool = False
    stalled_for: float = 0.0

    @property
    def body(self):
        """The message, if it is one: of one frame and not compressed."""
        try:
            found = json.loads(self.data) if self.opcode == Opcode.TEXT and self.fin else None
        except ValueError:
            return None
        return found if isinstance(found, dict) and "type" in found else None


@dataclass
class Seen:
    """All that came: the answer to the handshake, the frames, and how it ended ("eof", "reset", "close" or "")."""

    status: int = 0
    headers: dict = field(default_factory=dict)
    shook_for: float = 0.0
    frames: list = field(default_factory=list)
    end: str = ""
    ponged: bool = True

    @property
    def texts(self):
        return [frame for frame in self.frames if frame.opcode == Opcode.TEXT]

    @property
    def audio(self):
        return [frame for frame in self.frames if frame.opcode == Opcode.BINARY]

    @property
    def types(self):
        return [frame.body["type"] for frame in self.texts if frame.body]

    @property
    def bodies(self):
        return [frame.body for frame in self.texts if frame.body]

    def first(self, type):
        return next((frame for frame in self.texts if frame.body and frame.body["type"] == type), None)


class RawClient:
    """Plays one conversation: Settings, one typed turn, and goodbye; whatever comes, it goes on as it can."""

    def __init__(self, port):
        self.seen = Seen()
        self._port = port
        self._done = 0
        self._told = False
        self._said_settings = False

    async def play(self, patience):
        """What was seen. After `patience` seconds of the wall without a frame it says its next line, then leaves."""
        async with asyncio.timeout(WITHIN):
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                await self._shake_hands()
                if self.seen.status == 101:
                    await self._converse(patience)
            finally:
                with contextlib.suppress(OSError):
                    self._writer.close()
                    await self._writer.wait_closed()
        return self.seen

    async def _shake_hands(self):
        began = time.monotonic()
        self._writer.write(_HANDSHAKE.encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        self._began = time.monotonic()
        self.seen.shook_for = self._began - began
        status, *lines = head.strip().split("\r\n")
        self.seen.status = int(status.split()[1])
        self.seen.headers = dict(line.lower().split(": ", 1) for line in lines)

    async def _converse(self, patience):
        while not self.seen.end:
            frame = asyncio.ensure_future(self._frame())
            while not frame.done() and await self._is_quiet(frame, patience):
                if not self._speak_up():
                    frame.cancel()
                    return
            self._take(await frame)

    async def _is_quiet(self, frame, patience):
        done, _ = await asyncio.wait([frame], timeout=patience)
        return not done

    def _speak_up(self):
        """The next thing to say; False when there is none left."""
        if not self._said_settings:
            self._said_settings = True
            self.say(SETTINGS)
        elif not self._told:
            self._told = True
            self.say({"type": "InjectUserMessage", "content": "Hi"})
            self._write(Opcode.PING, b"still there?")
            self.seen.ponged = False
        else:
            return False
        return True

    def _take(self, frame):
        if frame is None:
            return
        self.seen.frames.append(frame)
        if frame.opcode == Opcode.CLOSE:
            self.seen.end = "close"
        if frame.opcode == Opcode.PONG:
            self.seen.ponged = True
        kind = frame.body["type"] if frame.body else ""
        self._done += kind == "AgentAudioDone"
        if (kind == "Welcome" and not self._said_settings) or (
            self._done == 1 and not self._told and self._said_settings
        ):
            self._speak_up()

    def say(self, body):
        self._write(Opcode.TEXT, json.dumps(body).encode())

    def _write(self, opcode, data):
        with contextlib.suppress(OSError):
            self._writer.write(Frame(opcode, data).serialize(mask=True))

    async def _frame(self):
        try:
            first, second = await self._reader.readexactly(2)
            began = time.monotonic()
            size = second & 127
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            data = await self._reader.readexactly(size)
        except asyncio.IncompleteReadError:
            self.seen.end = "eof"
            return None
        except ConnectionResetError:
            self.seen.end = "reset"
            return None
        except BrokenPipeError:  # the end came while this client was writing
            self.seen.end = "eof"
            return None
        now = time.monotonic()
        opcode, fin, rsv1 = first & 15, bool(first & 128), bool(first & 64)
        return Came(now - self._began, opcode, data, fin, rsv1, now - began)


def inflated(data):
    """A compressed message as it was meant."""
    return zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff")
