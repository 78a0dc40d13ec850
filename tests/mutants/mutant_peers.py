"""Mutants on the wire: this project's own server and the reference client, with a twist between them and the socket."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from mutating import Begun, Cut, Item, Makes, Memory, Raw, Shut, Sound, Text, Twist, Wait
from websockets.exceptions import ConnectionClosed

from mockagent.protocol import codec
from mockagent.protocol.events import Frame, Message, Side
from mockagent.server.app import Server
from mockagent.server.options import Options
from mockagent.testing.client import ReferenceClient
from mockagent.websocket import WebSocket


def item_of(data: bytes, binary: bool) -> Item:
    """What a frame is to a twist."""
    if binary:
        return Sound(data)
    content = codec.decode(Frame(data))
    return Text(content.body) if isinstance(content, Message) else Raw(data.decode())


def text_of(item: Text | Raw) -> str:
    return item.text if isinstance(item, Raw) else codec.encode(item.body).data.decode()


class _Overhearing:
    """Takes the listener's place: the twist hears first."""

    def __init__(self, socket: "_TwistedSocket", listener: Any) -> None:
        self._socket = socket
        self._listener = listener

    def on_message(self, data: bytes, binary: bool) -> None:
        item = item_of(data, binary)
        self._socket.put(self._socket.twist.hears(item))
        if not self._socket.twist.is_deaf(item):
            self._listener.on_message(data, binary)

    def on_closed(self, side: Side, code: int | None, reason: str) -> None:
        self._listener.on_closed(side, code, reason)


class _TwistedSocket(WebSocket):
    """A server's end of a connection on which what goes out has been twisted."""

    def __init__(self, admit: Any, ended: Any, twist: Callable[[], Twist], speed: float) -> None:
        self._listening: _Overhearing | None = None
        self._speed = speed
        self._begins = twist
        self._behind: deque[Item] = deque()
        self._waits = False
        self.twist = Twist()
        super().__init__(admit, ended)

    @property
    def listener(self) -> Any:
        return self._listening

    @listener.setter
    def listener(self, listener: Any) -> None:
        if listener is None:
            return
        self._listening = _Overhearing(self, listener)
        self.twist = self._begins()
        asyncio.get_running_loop().call_soon(
            lambda: self.put(each for each in self.twist.sends(Begun()) if each != Begun())
        )

    def send(self, data: bytes, binary: bool) -> None:
        self.put(self.twist.sends(item_of(data, binary)))

    def close(self, code: int | None, reason: str = "") -> None:
        self.put(self.twist.sends(Shut(code)))

    def put(self, items: Iterable[Item]) -> None:
        """Send these, behind whatever is waiting."""
        self._behind.extend(items)
        while self._behind and not self._waits:
            self._act(self._behind.popleft())

    def _act(self, item: Item) -> None:
        match item:
            case Text() | Raw():
                super().send(text_of(item).encode(), False)
            case Sound(data=data):
                super().send(data, True)
            case Shut(code=code):
                super().close(code)
            case Cut():
                self.hang_up()
            case Wait(seconds=seconds):
                self._waits = True
                asyncio.get_running_loop().call_later(seconds / self._speed, self._go_on)

    def _go_on(self) -> None:
        self._waits = False
        self.put(())


class MutantServer(Server):
    """Our own server, broken in the way that `makes` says."""

    def __init__(self, makes: Makes, scenarios: Any, options: Options) -> None:
        super().__init__(scenarios, options)
        self._makes = makes
        self._memory = Memory()

    def new_socket(self) -> WebSocket:
        return _TwistedSocket(self._admit, self._gone, self._twist, self.options.speed)

    def _twist(self) -> Twist:
        self._memory.session += 1
        return self._makes(self._memory)


class _TwistedLine:
    """A client's end of a connection on which what goes out has been twisted."""

    def __init__(self, socket: Any, twist: Twist, speed: float) -> None:
        self._socket = socket
        self._twist = twist
        self._speed = speed
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        await self._put(each for each in self._twist.sends(Begun()) if each != Begun())

    async def send(self, data: str | bytes) -> None:
        is_binary = isinstance(data, bytes)
        await self._put(self._twist.sends(item_of(data if is_binary else data.encode(), is_binary)))

    async def close(self, code: int) -> None:
        await self._put(self._twist.sends(Shut(code)))

    async def recv(self) -> str | bytes:
        while True:
            data = await self._socket.recv()
            is_binary = isinstance(data, bytes)
            item = item_of(data if is_binary else data.encode(), is_binary)
            with suppress(ConnectionClosed):
                await self._put(self._twist.hears(item))
            if not self._twist.is_deaf(item):
                return data

    async def _put(self, items: Iterable[Item]) -> None:
        for item in list(items):
            async with self._turn:
                await self._act(item)

    async def _act(self, item: Item) -> None:
        match item:
            case Text() | Raw():
                await self._socket.send(text_of(item))
            case Sound(data=data):
                await self._socket.send(data)
            case Shut(code=code):
                await self._socket.close(code)
            case Cut():
                self._socket.transport.abort()
            case Wait(seconds=seconds):
                await asyncio.sleep(seconds / self._speed)


class MutantClient(ReferenceClient):
    """The reference client, broken in the way that `makes` says; `memory` is shared by all its sessions."""

    def __init__(self, makes: Makes, memory: Memory, scenario: Any, lines: Any, **how: Any) -> None:
        super().__init__(scenario, lines, **how)
        memory.session += 1
        self._twist = makes(memory)
        self._line: _TwistedLine | None = None

    def _twisted(self, socket: Any) -> _TwistedLine:
        self._line = self._line or _TwistedLine(socket, self._twist, self._speed)
        return self._line

    async def _send(self, socket: Any) -> None:
        with suppress(ConnectionClosed):
            await self._twisted(socket).begin()
        await super()._send(self._twisted(socket))

    async def _read(self, socket: Any) -> None:
        await super()._read(self._twisted(socket))
