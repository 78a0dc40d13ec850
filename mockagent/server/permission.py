"""Where functions may be called: on this machine, and at the hosts that the user has named.

A name counts as this machine only if each of its addresses does, and what was looked at is what is connected to:
a name that changes its address in between leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from urllib.parse import urlsplit

from mockagent.errors import ServerError


class Permission:
    """`hosts` are those beside this machine, each HOST or HOST:PORT; ServerError for what is neither."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = frozenset(map(_read, hosts))

    def names(self, host: str, port: int) -> bool:
        """Whether the user has named that host, for all its ports or for this one."""
        return bool(self._hosts & {(host.lower(), None), (host.lower(), port)})


def _read(host: str) -> tuple[str, int | None]:
    try:
        return str(ip_address(host)), None
    except ValueError:
        pass
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        name = port = None
    if "*" in host:
        raise ServerError(
            f"cannot allow functions at {host!r}: a wildcard stands for no host; name each host, "
            "as in --allow-host api.example.com --allow-host cdn.example.com"
        )
    if not name or parts.netloc != host or "@" in host or host.endswith(":") or any(map(str.isspace, host)):
        raise ServerError(
            f"cannot allow functions at {host!r}: expected a host such as api.example.com or api.example.com:8443"
        )
    return name, port


def is_this_machine(address: str) -> bool:
    """Whether that is an address of the loopback: 127.0.0.0/8 or ::1."""
    return ip_address(address).is_loopback


async def addresses_of(host: str) -> Sequence[str]:
    """The addresses of a host, or that address itself; OSError or UnicodeError when there are none.

    In a thread of its own that nobody has to wait for: a name server that hangs must not keep the server from ending.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str], error: Exception | None) -> None:
        if found.done():
            return
        if error is None:
            found.set_result(addresses)
        else:
            found.set_exception(error)

    def look_up() -> None:
        addresses: list[str] = []
        problem = None
        try:
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as error:
            problem = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses, problem)

    Thread(target=look_up, name=f"addresses of {host}", daemon=True).start()
    return await found
