"""How a session with a peer begins: a server is called at its address; a client is given one, and calls.

A client is a function (or coroutine function) of the address, or a command, in whose arguments {url} is replaced and
whose environment says MOCKAGENT_URL. For each session it is started anew.
"""

import asyncio
import inspect
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import InvalidHandshake

from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.switches import Switches
from mockagent.testing.machine.line import Fault, Line, Terms
from mockagent.testing.running import RunningServer

Peer: TypeAlias = str | RunningServer | Callable[[str], Any] | Sequence[str]
_KEY = "not-a-real-key"


class Opener(Protocol):
    """Begins sessions with one peer."""

    side: Side

    async def open(self) -> Line:
        """A new session; Fault when the peer does not come to it."""

    async def end(self, line: Line) -> None:
        """End it; Fault when the peer does not."""

    async def stop(self) -> None:
        """There will be no more."""


class ServerPeer:
    """A server at an address."""

    side = Side.SERVER

    def __init__(
        self, url: str, dialect: Dialect, headers: Mapping[str, str], speed: float, terms: Terms
    ) -> None:
        self._url = url
        self._dialect = dialect
        self._headers = {"Authorization": f"Token {_KEY}", **headers}
        self._speed = speed
        self._terms = terms
        self._patience = terms.patience

    async def open(self) -> Line:
        try:
            socket = await connect(
                self._url,
                additional_headers=self._headers,
                proxy=None,
                open_timeout=self._patience,
                max_size=None,
            )
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise Fault(f"expected the server at {self._url} to let a client in, got {error}") from None
        return Line(socket, self._dialect, self.side, self._speed, self._terms)

    async def end(self, line: Line) -> None:
        await line.leave(1000)

    async def stop(self) -> None:
        pass


class ClientPeer:
    """A client that is started with an address of ours."""

    side = Side.CLIENT

    def __init__(self, client: Callable[[str], Any] | Sequence[str], dialect: Dialect, terms: Terms) -> None:
        self._client = client
        self._dialect = dialect
        self._terms = terms
        self._patience = terms.patience
        self._server: Server | None = None
        self._arrived: asyncio.Queue[tuple[ServerConnection, asyncio.Event]] = asyncio.Queue()
        self._running: _Function | _Command | None = None
        self._done = asyncio.Event()

    async def open(self) -> Line:
        if self._server is None:
            self._server = await serve(self._welcome, "127.0.0.1", 0, max_size=None)
        port = next(iter(self._server.sockets)).getsockname()[1]
        url = f"ws://127.0.0.1:{port}{PATHS[self._dialect]}"
        self._running = (
            _Function(self._client, url) if callable(self._client) else _Command(self._client, url)
        )
        try:
            socket, self._done = await asyncio.wait_for(self._arrived.get(), self._patience)
        except TimeoutError:
            await self._running.stop(0.0)
            raise Fault(
                f"expected the client to connect to {url}, got nothing for {self._patience:g} s{self._trouble()}"
            ) from None
        await asyncio.sleep(Switches().welcome_after)
        return Line(socket, self._dialect, self.side, 1.0, self._terms)

    async def end(self, line: Line) -> None:
        """The client must come to its end by itself, and whatever ended it before must not be an error of its own."""
        broke_off = line.is_over and not line.has_strayed
        assert self._running is not None
        try:
            await line.leave(1000)
        finally:
            self._done.set()
            has_ended = await self._running.stop(self._patience)
        if not has_ended:
            raise Fault(f"expected the client to end after its session, got nothing for {self._patience:g} s")
        if broke_off and self._trouble():
            raise Fault(f"expected the client to go on{self._trouble()}")

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _welcome(self, socket: ServerConnection) -> None:
        done = asyncio.Event()
        self._arrived.put_nowait((socket, done))
        await done.wait()

    def _trouble(self) -> str:
        trouble = self._running.trouble if self._running else ""
        return f"; the client ended with {trouble}" if trouble else ""


class _Function:
    """A client that is a function: in a thread of its own, which cannot be killed."""

    def __init__(self, client: Callable[[str], Any], url: str) -> None:
        self.trouble = ""
        self._client = client
        self._url = url
        self._thread = threading.Thread(target=self._run, daemon=True, name="client under test")
        self._thread.start()

    def _run(self) -> None:
        try:
            result = self._client(self._url)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except Exception as error:
            self.trouble = f"{type(error).__name__}: {error}"

    async def stop(self, within: float) -> bool:
        await asyncio.to_thread(self._thread.join, within)
        return not self._thread.is_alive()


class _Command:
    """A client that is a command."""

    def __init__(self, command: Sequence[str], url: str) -> None:
        environment = {**os.environ, "MOCKAGENT_URL": url, "DEEPGRAM_API_KEY": _KEY}
        self._child = subprocess.Popen(
            [argument.replace("{url}", url) for argument in command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def trouble(self) -> str:
        return f"exit status {self._child.returncode}" if self._child.returncode else ""

    async def stop(self, within: float) -> bool:
        try:
            await asyncio.to_thread(self._child.wait, within)
        except subprocess.TimeoutExpired:
            self._child.kill()
            await asyncio.to_thread(self._child.wait)
            return False
        return True


def opener_of(peer: Peer, dialect: Dialect, headers: Mapping[str, str], speed: float, terms: Terms) -> Opener:
    """Who begins sessions with that peer."""
    if isinstance(peer, RunningServer):
        peer = peer.url if dialect is Dialect.V1 else peer.early_access_url
    if isinstance(peer, str):
        return ServerPeer(peer, dialect, headers, speed, terms)
    return ClientPeer(peer, dialect, terms)
