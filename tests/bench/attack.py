"""What enemies cost the server and its other clients; figures, of which none is a limit.

    python tests/bench/attack.py [--sockets 2000]

Idle sockets: bytes of memory for each, at the door (a handshake that stalls) and inside (a session that says nothing).
Floods: the median round trip of a well-behaved session, from UpdatePrompt to PromptUpdated, beside one client that
floods, as a multiple of the same without it. Linux only.
"""

import argparse
import asyncio
import contextlib
import resource
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import wire
from servers import MOCKAGENT, Server, running

TRIPS = 200
SETTLES_FOR = 1.0
"""Seconds in which the server loads what it loads late, and a flood gets under way."""
QUIET = str(Path(__file__).parent / "quiet.yaml")
UNFINISHED = wire.HANDSHAKE[:-2]
EMPTY_FRAGMENT = b"\x00\x80" + wire.MASK
MEBIBYTE = b"\x82\xff" + (1_048_576).to_bytes(8, "big") + bytes(4) + bytes(1_048_576)
FLOODS = {
    "pings": wire.frame(wire.PING, b"") * 5_000,
    "messages that are none": wire.text("{}") * 5_000,
    "KeepAlive": wire.text('{"type":"KeepAlive"}') * 2_000,
    "fragments without end": EMPTY_FRAGMENT * 5_000,
    "messages of a mebibyte": MEBIBYTE,
}


async def entered(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection whose handshake is done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(wire.HANDSHAKE)
    await reader.readuntil(wire.HEAD_ENDS)
    return reader, writer


async def idle(server: Server, count: int, says: bytes) -> float:
    """Bytes that the server needs for each of so many sockets on which this was said, and nothing more."""
    before = server.memory
    writers = []
    for _ in range(count):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(says)
        writers.append(writer)
    await asyncio.sleep(SETTLES_FOR)
    each = (server.memory - before) / count
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(SETTLES_FOR)
    return each


class Talker:
    """A session that does nothing wrong."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._buffer = reader, writer, b""

    async def until(self, part: bytes) -> None:
        """Read on until a message with that in it has come."""
        while True:
            found = wire.take(self._buffer, 0)
            if found is None:
                data = await self._reader.read(65_536)
                if not data:
                    raise ConnectionError("the server has ended the session of the well-behaved client")
                self._buffer += data
                continue
            self._buffer = self._buffer[found[2] :]
            if part in found[1]:
                return

    async def trip(self) -> float:
        """Seconds of one round trip."""
        began = time.perf_counter()
        self._writer.write(wire.text(wire.UPDATE))
        await self.until(b"PromptUpdated")
        return time.perf_counter() - began


async def flood(server: Server, data: bytes) -> None:
    """Send this as fast as it is taken; in a new session whenever the server has ended one. Nothing is read."""
    while True:
        with contextlib.suppress(ConnectionError):
            _, writer = await entered(server)
            writer.write(wire.text(wire.SETTINGS))
            if data == FLOODS["fragments without end"]:
                writer.write(b"\x01\x80" + wire.MASK)
            while True:
                writer.write(data)
                await writer.drain()


async def beside(server: Server, data: bytes | None) -> float:
    """The median round trip in seconds beside a flood, which is a process of its own; without any if None."""
    enemy = None
    if data is not None:
        name = next(name for name, flood in FLOODS.items() if flood == data)
        enemy = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--flood", name, "--port", str(server.port), "--pid", str(server.pid)
        )
        await asyncio.sleep(SETTLES_FOR)
    try:
        talker = Talker(*await entered(server))
        talker._writer.write(wire.text(wire.SETTINGS))
        await talker.until(b"SettingsApplied")
        return statistics.median([await talker.trip() for _ in range(TRIPS)])
    finally:
        if enemy is not None:
            enemy.kill()
            await enemy.wait()


async def measure(sockets: int) -> None:
    with running(MOCKAGENT, QUIET) as server:
        await asyncio.sleep(SETTLES_FOR)
        await beside(server, None)  # loads what only sessions need
        for what, says in (("at the door", UNFINISHED), ("in a session", wire.HANDSHAKE)):
            each = await idle(server, sockets, says)
            print(f"{sockets} idle sockets {what}: {each / 1000:.1f} kB each", flush=True)
        calm = await beside(server, None)
        print(f"round trip without a flood: {calm * 1000:.2f} ms", flush=True)
        for name, data in FLOODS.items():
            trip = await beside(server, data)
            print(
                f"beside a flood of {name}: {trip * 1000:.2f} ms, {trip / calm:.0f} times as long", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sockets", type=int, default=2_000)
    for name, kind in (("--flood", str), ("--port", int), ("--pid", int)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.flood:
        asyncio.run(flood(Server(MOCKAGENT, asked.pid, asked.port), FLOODS[asked.flood]))
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(measure(asked.sockets))


if __name__ == "__main__":
    main()
