"""What mockagent is measured against: a plain program on `websockets`, as a user would write it, with its defaults.

Every text is echoed. The text "stream" also starts 20 ms frames of linear16 at 16 kHz, each session pacing its own
by an absolute schedule. Frames that come in are read and dropped. `python bare_server.py PORT`
"""

import asyncio
import itertools
import sys

from websockets.asyncio.server import ServerConnection, serve

FRAME = bytes(640)
FRAME_FOR = 0.02


async def stream(socket: ServerConnection) -> None:
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    for number in itertools.count(1):
        await socket.send(FRAME)
        await asyncio.sleep(started_at + number * FRAME_FOR - loop.time())


async def session(socket: ServerConnection) -> None:
    streaming = None
    async for message in socket:
        if isinstance(message, str):
            await socket.send(message)
            if message == "stream":
                streaming = asyncio.create_task(stream(socket))
    if streaming is not None:
        streaming.cancel()


async def main() -> None:
    async with serve(session, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
