"""Handshakes over real sockets: what is asked at a door, what came of it, and doors that answer in a way of their own.

A door is judged by its answers to every request of `REQUESTS`; a client by the request that the server saw.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mockagent.protocol.events import Side
from mockagent.protocol.handshake import Handshake, Standing, answered, requested
from mockagent.protocol.handshake_rules import breaches
from mockagent.server.answers import refusal
from mockagent.server.app import Server
from mockagent.server.door import Refused
from mockagent.server.options import Options

RIGHT, FORBIDDEN = "right", "forbidden"
PATH = "/v1/agent/converse"
_UPGRADE = (
    ("Host", "127.0.0.1"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)

Admits: TypeAlias = Callable[[Request], Response]
Door: TypeAlias = Callable[[Request, Admits], Response]
"""Answers a request, by the answer of the right door or otherwise."""


@dataclass(frozen=True)
class Asked:
    """One request, and what the server must think of it."""

    headers: tuple[tuple[str, str], ...] = (("Authorization", f"Token {RIGHT}"),)
    path: str = PATH
    standing: Standing = Standing.RIGHT


REQUESTS = (
    Asked(),
    Asked(path="/agent"),
    Asked((("Authorization", f"token {RIGHT}"),)),
    Asked((("Sec-WebSocket-Protocol", f"token, {RIGHT}"),)),
    Asked(path=f"{PATH}?model=nova-3"),
    Asked((), standing=Standing.UNKNOWN),
    Asked((("Authorization", "Token wrong"),), standing=Standing.WRONG),
    Asked((("Authorization", f"Token {FORBIDDEN}"),), standing=Standing.FORBIDDEN),
    Asked(path="/v2/agent/converse", standing=Standing.UNKNOWN),
)
SURPLUS = Asked(standing=Standing.SURPLUS)


class _DoorServer(Server):
    """Our own server, with another door."""

    def __init__(self, door: Door, **how: Any) -> None:
        self.handshakes: list[Handshake] = []
        options = Options(api_keys={RIGHT}, forbidden_keys={FORBIDDEN}, max_sessions=1, journal=False)
        super().__init__((), options, knock=self.handshakes.append, **how)
        self._door = door

    def _admit(self, socket: Any, request: Request) -> Any:
        return self._door(request, lambda request: super(_DoorServer, self)._admit(socket, request))


async def found_at(door: Door) -> Iterator[tuple[str, str]]:
    """What the kit finds wrong with that door: each requirement, and the breach in words."""
    async with _opened(door) as (server, port):
        seen = []
        for each in REQUESTS:
            async with _knocked(port, each) as handshake:
                seen.append(handshake)
            await server.drain(1.0)
        async with _knocked(port, Asked()), _knocked(port, SURPLUS) as handshake:
            seen.append(handshake)
    return _broken(seen, Side.SERVER)


async def found_of(*headers: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What the kit finds wrong with a client that asks with these headers."""
    async with _opened(lambda request, admits: admits(request)) as (server, port):
        async with _knocked(port, Asked(headers)):
            pass
        return _broken(server.handshakes, Side.CLIENT)


def _broken(handshakes: list[Handshake], side: Side) -> Iterator[tuple[str, str]]:
    return (
        (rule.requirement, f"expected {breach.expected}, got {breach.got}")
        for each in handshakes
        for rule, breach in breaches(each)
        if rule.binds is side
    )


@asynccontextmanager
async def _opened(door: Door) -> Any:
    server = _DoorServer(door)
    ready = await server.start()
    try:
        yield server, int(ready.http_url.rpartition(":")[2])
    finally:
        await server.stop()


@asynccontextmanager
async def _knocked(port: int, asked: Asked) -> Any:
    """The handshake; the connection stays open meanwhile."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = (*_UPGRADE, *asked.headers)
    lines = [f"GET {asked.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    writer.write("\r\n".join(lines).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status, *rest = head.rstrip().split("\r\n")
    came = [(name, value.strip()) for name, _, value in (line.partition(":") for line in rest)]
    size = next((int(value) for name, value in came if name.lower() == "content-length"), 0)
    answer = answered(int(status.split()[1]), came, await reader.readexactly(size))
    yield replace(requested(asked.path, headers, asked.standing), answer=answer)
    writer.transport.abort()


def turns_away(status: int, code: str = "REFUSED") -> Response:
    """A proper refusal."""
    return refusal(Refused(status, code, "No."), "fc553ec9-5874-49ca-a47c-b670d525a4b3")


def lets_in(request: Request, admits: Admits) -> Response:
    """The answer that the request would have had with the right key and the right path."""
    headers = Headers([*((n, v) for n, v in request.headers.raw_items() if n != "Authorization")])
    headers["Authorization"] = f"Token {RIGHT}"
    return admits(replace(request, path=PATH, headers=headers))


def other_status(wrong: int, right: int) -> Door:
    """A door that has one status in place of another."""
    return changed(lambda answer: answer.status_code == right, lambda answer: turns_away(wrong))


def changed(which: Callable[[Response], bool], how: Callable[[Response], Response | None]) -> Door:
    """A door whose answers are changed, if they are of those."""

    def door(request: Request, admits: Admits) -> Response:
        answer = admits(request)
        return (how(answer) or answer) if which(answer) else answer

    return door


def refuses(which: Callable[[Request], bool], status: int = 401) -> Door:
    """A door that turns away what it should let in."""
    return lambda request, admits: turns_away(status) if which(request) else admits(request)


def without_header(name: str) -> Callable[[Response], None]:
    """The answer loses a header."""

    def lose(answer: Response) -> None:
        del answer.headers[name]

    return lose


def with_header(name: str, value: str) -> Callable[[Response], None]:
    """The answer has this header, and no other of that name."""

    def set_(answer: Response) -> None:
        if name in answer.headers:
            del answer.headers[name]
        answer.headers[name] = value

    return set_


def with_body(body: bytes) -> Callable[[Response], None]:
    """The answer has another body."""

    def set_(answer: Response) -> None:
        answer.body = body
        with_header("Content-Length", str(len(body)))(answer)

    return set_
