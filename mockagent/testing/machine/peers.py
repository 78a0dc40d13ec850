"""How a session with a peer begins: a server is called at its address; a client is given one, and calls.

A client is started anew for each session, has one connection, and ends by itself.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import InvalidHandshake
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from mockagent.harness.surroundings import KEY
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.handshake import credentials_in
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.redaction import public_address
from mockagent.protocol.switches import Switches
from mockagent.server import door
from mockagent.server.answers import refusal
from mockagent.server.notices import Ready
from mockagent.server.secret import Secret
from mockagent.testing.machine.clients import Client, ClientCode, started
from mockagent.testing.machine.line import Fault, Line, Terms
from mockagent.testing.machine.patience import Wait

_TRY_AGAIN_LATER = 1013
_ON_ITS_WAY_FOR = 0.25
"""Seconds in which the connection of a client that has ended may still come up to us."""


class Opener(Protocol):
    """Begins sessions with one peer."""

    side: Side

    async def open(self) -> Line:
        """A new session; Fault when the peer does not come to it."""

    async def end(self, line: Line) -> None:
        """End it; Fault when the peer does not."""

    async def stop(self) -> None:
        """There will be no more."""

    def hidden(self, text: str) -> str:
        """The text without the keys that either side has come in with."""


class ServerPeer:
    """A server at an address."""

    side = Side.SERVER

    def __init__(
        self, url: str, dialect: Dialect, headers: Mapping[str, str], speed: float, terms: Terms
    ) -> None:
        self._url = url
        self._dialect = dialect
        is_ours = "authorization" in map(str.lower, headers)
        self._headers = dict(headers) if is_ours else {"Authorization": f"Token {KEY}", **headers}
        _, credential = credentials_in(list(self._headers.items()))
        self._secrets = [Secret(each) for each in (*headers.values(), credential)]
        self._speed = speed
        self._terms = terms

    async def open(self) -> Line:
        try:
            socket = await connect(
                self._url,
                additional_headers=self._headers,
                proxy=None,
                open_timeout=self._terms.patience.seconds,
                max_size=None,
            )
        except (OSError, TimeoutError, InvalidHandshake) as error:
            shown = public_address(self._url)
            raise Fault(f"expected the server at {shown} to let a client in, got {error}") from None
        return Line(socket, self._dialect, self.side, self._speed, self._terms)

    async def end(self, line: Line) -> None:
        await line.leave(1000)

    async def stop(self) -> None:
        pass

    def hidden(self, text: str) -> str:
        return _hidden(text, self._secrets)


class ClientPeer:
    """A client that is started with an address of ours."""

    side = Side.CLIENT

    def __init__(self, code: ClientCode, dialect: Dialect, terms: Terms) -> None:
        self._code = code
        self._dialect = dialect
        self._terms = terms
        self._server: Server | None = None
        self._client: Client | None = None
        self._arrival: asyncio.Future[ServerConnection] | None = None
        self._done = asyncio.Event()
        self._refused = ""
        self._secrets: dict[str, Secret] = {}

    async def open(self) -> Line:
        if self._server is None:
            self._server = await serve(
                self._welcome,
                "127.0.0.1",
                0,
                max_size=None,
                process_request=self._admit,
                select_subprotocol=_subprotocol,
            )
        ready = self._ready(self._server)
        self._done, self._refused = asyncio.Event(), ""
        self._arrival = asyncio.get_running_loop().create_future()
        client = self._client = await started(self._code, ready)
        within = self._terms.patience.now(Wait.START)
        socket = await self._arrived(client, self._arrival)
        if socket is None:
            got = "its end" if client.ended.is_set() else f"nothing for {within:g} s"
            await client.kill()
            why = f"{self._refused}{_told(client)}"
            raise Fault(f"expected the client to connect to {ready.url}, got {got}{why}")
        await asyncio.sleep(Switches().welcome_after)
        return Line(socket, self._dialect, self.side, 1.0, self._terms)

    async def end(self, line: Line) -> None:
        """The client must come to its end by itself, and with no error unless the session gave it cause for one."""
        session = line.session
        broke_off = session.closed_by is Side.CLIENT and session.failed_at is None and not line.has_strayed
        assert self._client is not None
        try:
            await line.leave(1000)
        finally:
            self._done.set()
            waited = self._terms.patience.now(Wait.END)
            has_ended = await self._has_ended(self._client)
        if not has_ended:
            raise Fault(f"expected the client to end after its session, got nothing for {waited:g} s")
        if broke_off and self._client.trouble:
            raise Fault(f"expected the client to go on{_told(self._client)}")

    async def stop(self) -> None:
        self._done.set()
        if self._client is not None:
            await self._client.kill()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def hidden(self, text: str) -> str:
        return _hidden(text, self._secrets.values())

    def _ready(self, server: Server) -> Ready:
        """Where we are: at the path of the dialect that is tried, and at the other, where nobody is let in."""
        port = next(iter(server.sockets)).getsockname()[1]
        of = {dialect: f"ws://127.0.0.1:{port}{path}" for dialect, path in PATHS.items()}
        return Ready(of[self._dialect], of[Dialect.EARLY_ACCESS], f"http://127.0.0.1:{port}", ())

    async def _arrived(
        self, client: Client, arrival: "asyncio.Future[ServerConnection]"
    ) -> ServerConnection | None:
        """Its connection; None when it has ended without one, or does nothing."""
        leaving: asyncio.Future[Any] = asyncio.ensure_future(client.ended.wait())
        with suppress(TimeoutError):
            async with self._terms.patience.within(Wait.START):
                await asyncio.wait((arrival, leaving), return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait([arrival], timeout=_ON_ITS_WAY_FOR)
        leaving.cancel()
        if arrival.done():
            return arrival.result()
        arrival.cancel()
        return None

    async def _has_ended(self, client: Client) -> bool:
        try:
            async with self._terms.patience.within(Wait.END):
                await client.ended.wait()
        except TimeoutError:
            await client.kill()
            return False
        return True

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        visitor = door.admit(request.path, list(request.headers.raw_items()))
        if isinstance(visitor, door.Admitted) and visitor.dialect is not self._dialect:
            visitor = door.Refused(404, "NOT_FOUND", f"This is a session of {self._dialect}.")
        if isinstance(visitor, door.Refused):
            self._refused = f"; its handshake was refused: {visitor.status} {visitor.message}"
            return refusal(visitor, secrets.token_hex(16))
        self._secrets.setdefault(visitor.credential, Secret(visitor.credential))
        return None

    async def _welcome(self, socket: ServerConnection) -> None:
        if self._arrival is None or self._arrival.done():
            await socket.close(_TRY_AGAIN_LATER, "one connection for each start of the client")
            return
        self._arrival.set_result(socket)
        await self._done.wait()


def _subprotocol(socket: ServerConnection, offered: Iterable[Subprotocol]) -> Subprotocol | None:
    """The one by which the client has brought its key, as the service has it."""
    request = socket.request
    visitor = door.admit(request.path, list(request.headers.raw_items())) if request else door.UNAUTHORIZED
    chosen = visitor.subprotocol if isinstance(visitor, door.Admitted) else None
    return None if chosen is None else Subprotocol(chosen)


def _told(client: Client) -> str:
    return f"; the client ended with {client.trouble}" if client.trouble else ""


def _hidden(text: str, of: Iterable[Secret]) -> str:
    for secret in of:
        text = secret.hidden(text)
    return text
