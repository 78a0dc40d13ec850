"""A loopback proxy by which programs that only know the live hosts reach the server: it ends their TLS itself.

It leads nowhere else: no connection is ever made from here. The head of a request is read byte by byte, so that what
comes after it, though it be in the same segment, is still in the socket when TLS takes that over.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from mockagent.errors import ServerError
from mockagent.limits import CLOSES_WITHIN, OPENS_WITHIN
from mockagent.protocol.message_types import LIVE_HOSTS
from mockagent.server import tunnel
from mockagent.server.notices import Notice, ProxyReady, ProxyRefused, Trouble
from mockagent.server.tunnel import Refusal
from mockagent.tls import Tls

_LOOPBACK = "127.0.0.1"
_WAITING = 128
"""Connections that the system may hold back for the proxy."""
_TRIES_AGAIN_AFTER = 0.2
"""Seconds until the next connection is accepted where the system has no room for one."""
_LARGEST_REST = 65_536
"""Bytes that are still read from a client that has been refused, so that it gets to see the answer."""


class Proxy:
    """Accepts CONNECT for the live hosts and hands the connection to a protocol of the server, over TLS."""

    def __init__(
        self, tls: Tls, new_socket: Callable[[], asyncio.Protocol], tell: Callable[[Notice], None]
    ) -> None:
        self._tls = tls
        self._new_socket = new_socket
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: socket.socket | None = None

    async def start(self) -> ProxyReady:
        """Open a free port of this machine; ServerError when there is none."""
        try:
            self._listening = socket.create_server((_LOOPBACK, 0), backlog=_WAITING)
        except OSError as error:
            raise ServerError(f"the proxy cannot listen on {_LOOPBACK}: {error.strerror or error}") from None
        self._listening.setblocking(False)
        self._begin(self._accept(self._listening))
        port = self._listening.getsockname()[1]
        ready = ProxyReady(f"http://{_LOOPBACK}:{port}", LIVE_HOSTS, str(self._tls.ca))
        self._tell(ready)
        return ready

    async def stop(self) -> None:
        """Close the port, and what has not been handed to the server yet."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listening)
            except OSError:  # no file descriptor is left, or the client has gone already
                await asyncio.sleep(_TRIES_AGAIN_AFTER)
                continue
            self._begin(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        """One connection, until it is the server's or over."""
        client.setblocking(False)
        is_handed_over = False
        try:
            asked = await self._asked(client)
            if isinstance(asked, str):
                await asyncio.get_running_loop().sock_sendall(client, tunnel.OPENED)
                is_handed_over = True
                await self._hand_over(client, asked)
            elif asked is not None:
                self._tell(ProxyRefused(asked.status.value, asked.message))
                await _answer(client, asked)
        except OSError:  # the client has gone
            pass
        finally:
            if not is_handed_over:
                client.close()

    async def _asked(self, client: socket.socket) -> str | Refusal | None:
        """The host that the client asks for; None when it went without a request."""
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                return await _request(client)
        except TimeoutError:
            return tunnel.TOO_SLOW

    async def _hand_over(self, client: socket.socket, host: str) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._new_socket,
                client,
                ssl=self._tls.context,
                ssl_handshake_timeout=OPENS_WITHIN,
                ssl_shutdown_timeout=CLOSES_WITHIN,
            )
        except ssl.SSLError as error:
            reason = (error.reason or "no TLS").lower().replace("_", " ")
            self._tell(
                Trouble(
                    f"a client that asked for {host} broke off TLS ({reason}); if it does not trust the "
                    f"certificate, let it read {self._tls.ca}"
                )
            )


async def _request(client: socket.socket) -> str | Refusal | None:
    loop = asyncio.get_running_loop()
    head = b""
    while not head.endswith(tunnel.END):
        byte = await loop.sock_recv(client, 1)
        if not byte:
            return None
        head += byte
        if not tunnel.begins_a_request(head[:1]):
            return tunnel.NO_REQUEST
        if len(head) > tunnel.LARGEST_HEAD:
            return tunnel.TOO_LARGE
    return tunnel.destination(head)


async def _answer(client: socket.socket, refusal: Refusal) -> None:
    """Refuse, and read on for a moment: closing a socket with unread bytes would take the answer back."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(client, refusal.answer())
    client.shutdown(socket.SHUT_WR)
    left = _LARGEST_REST
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSES_WITHIN):
            while left > 0 and (rest := await loop.sock_recv(client, left)):
                left -= len(rest)
