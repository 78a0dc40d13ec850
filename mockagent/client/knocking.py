"""Knocks at a server's door: one handshake, whose answer is kept as it came, right or wrong. It opens no session."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import replace

from websockets.client import ClientProtocol
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from mockagent.protocol.handshake import Handshake, Standing, answered, requested

_MOST_READ = 65_536
"""Bytes of an answer, in each read; a refusal is far shorter."""
_NORMAL_CLOSURE = 1000


async def knock(
    url: str, credentials: str, subprotocols: Sequence[str], standing: Standing, within: float
) -> Handshake:
    """The handshake with what came of it; its `answer` is None where none came that is HTTP.

    `credentials` are the value of Authorization, "" without it; `within` is in seconds.
    """
    uri = parse_uri(url)
    protocol = ClientProtocol(uri, subprotocols=[Subprotocol(each) for each in subprotocols] or None)
    request = protocol.connect()
    if credentials:
        request.headers["Authorization"] = credentials
    handshake = requested(uri.resource_name, list(request.headers.raw_items()), standing)
    response: Response | None = None
    with contextlib.suppress(OSError, TimeoutError, EOFError):
        async with asyncio.timeout(within):
            context = ssl.create_default_context() if uri.secure else None
            reader, writer = await asyncio.open_connection(uri.host, uri.port, ssl=context)
            try:
                protocol.send_request(request)
                response = await _answer(protocol, reader, writer)
            finally:
                writer.close()
    if response is None:
        return handshake
    headers = list(response.headers.raw_items())
    return replace(handshake, answer=answered(response.status_code, headers, bytes(response.body or b"")))


async def _answer(
    protocol: ClientProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Response | None:
    """What the server answers; a session that it opens is closed at once."""
    while True:
        for data in protocol.data_to_send():
            if data:
                writer.write(data)
        await writer.drain()
        data = await reader.read(_MOST_READ)
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
        for event in protocol.events_received():
            if isinstance(event, Response):
                await _leave(protocol, writer)
                return event
        if not data:
            return None


async def _leave(protocol: ClientProtocol, writer: asyncio.StreamWriter) -> None:
    if protocol.state.name == "OPEN":
        protocol.send_close(_NORMAL_CLOSURE)
        writer.write(b"".join(protocol.data_to_send()))
        await writer.drain()
