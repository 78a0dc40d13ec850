"""A server that is right but for one thing: it passes on what a real one says, and changes that."""

import asyncio
import contextlib
import json
import threading

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


@contextlib.contextmanager
def between(upstream, alter):
    """The address of a server that says what `alter(body, memory)` makes of each message of the one at `upstream`.

    `memory` is one dictionary for all sessions, `memory["session"]` counts them; what is None is not said, a list
    is said in turn.
    """
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    address, servers = [], []
    memory = {"session": 0}

    async def relay(client):
        memory["session"] += 1
        async with connect(
            upstream, additional_headers={"Authorization": "Token any"}, proxy=None, open_timeout=60
        ) as server:
            tasks = [asyncio.ensure_future(up(client, server)), asyncio.ensure_future(down(client, server))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def up(client, server):
        with contextlib.suppress(ConnectionClosed):
            async for data in client:
                await server.send(data)

    async def down(client, server):
        with contextlib.suppress(ConnectionClosed):
            async for data in server:
                if isinstance(data, bytes):
                    await client.send(data)
                    continue
                said = alter(json.loads(data), memory)
                for body in said if isinstance(said, list) else [said]:
                    if body is not None:
                        await client.send(json.dumps(body))
        with contextlib.suppress(ConnectionClosed):
            async with client.send_context():
                client.protocol.send_close(
                    None if server.close_code in (None, 1005, 1006) else server.close_code
                )

    async def main():
        server = await serve(relay, "127.0.0.1", 0, max_size=None)
        servers.append(server)
        address.append(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse")
        ready.set()

    async def stop():
        servers[0].close()
        await servers[0].wait_closed()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(main(), loop)
    ready.wait(10)
    try:
        yield address[0]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
