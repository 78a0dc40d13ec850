"""The four figures, each measured once for both servers. What both servers are asked for is the same.

NotMeasured where a server did not do its work: a frame too few would make it look cheap.
"""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import load
import wire
from load import name_of
from servers import BARE, HERE, NotMeasured, Server, command, free_port, process, running, wait_for
from websockets.asyncio.client import ClientConnection, connect

IDLE_SESSIONS = 200
FEWEST_TRIPS = 50
TRIPS_A_TURN = 10
FRAMES_ASTRAY = 3
"""Frames more or less that the ends of a window may make."""
SETTLES_WITHIN = 1.0
"""Seconds in which a server that was just started loads whatever it loads late."""
MOST_OF_THE_LOAD = 0.7
"""Of a core, that the load may take itself."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done in one run: seconds of streaming, round trips."""

    streams_for: float = 6.0
    trips: int = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of servers (one figure each, in the order of their names), its unit, and how many times the bare
    server's it may be."""

    name: str
    about: str
    unit: str
    limit: float
    measure: Callable[[tuple[str, ...], Effort], list[float]]


def in_turn(measure: Callable[[str, Effort], float]) -> Callable[[tuple[str, ...], Effort], list[float]]:
    """Servers measured one after the other, each while no other runs."""
    return lambda names, effort: [measure(name, effort) for name in names]


def start(name: str, effort: Effort) -> float:
    """Milliseconds from the start of the process to the answer of the first handshake."""
    port = free_port()
    arguments = command(name, port, "barge_in")
    began_at = time.perf_counter()
    with process(arguments) as child, wait_for(port, child) as connection:
        connection.sendall(wire.HANDSHAKE)
        answer = connection.recv(4096)
        took = time.perf_counter() - began_at
    if not answer.startswith(wire.SWITCHED):
        raise NotMeasured(f"{name} refused the handshake: {answer[:60]!r}")
    return took * 1000


def streaming(name: str, effort: Effort) -> float:
    """Per cent of a core that the server takes while 100 sessions stream both ways."""
    with running(name, str(HERE / "streaming.yaml")) as server:
        return asyncio.run(_streaming(server, effort.streams_for))


async def _streaming(server: Server, seconds: float) -> float:
    callers = [await _talking(server) for _ in range(load.SESSIONS)]
    await load.sent(callers, 1.0)
    heard = [caller.heard for caller in callers]
    cpu_time, our_time, began_at = server.cpu_time, time.process_time(), time.perf_counter()
    await load.sent(callers, seconds)
    cpu_time, took = server.cpu_time - cpu_time, time.perf_counter() - began_at
    _check(callers, heard, took)
    if time.process_time() - our_time > MOST_OF_THE_LOAD * took:
        raise NotMeasured("the load took so much of its core that it may have held the server up")
    await _all_was_read(callers, server)
    return 100 * cpu_time / took


async def _talking(server: Server) -> load.Caller:
    """A session that is being streamed to."""
    caller = await load.opened(server)
    if server.name == BARE:
        caller.write(wire.text("stream"))
        await caller.reads("stream")
    else:
        caller.write(wire.text(wire.SETTINGS))
        await caller.reads("ConversationText")
    return caller


def _check(callers: list[load.Caller], heard: list[int], took: float) -> None:
    expected = took / load.FRAME_FOR
    for caller, before in zip(callers, heard, strict=True):
        frames = caller.heard - before
        if caller.lost or abs(frames - expected) > FRAMES_ASTRAY:
            raise NotMeasured(f"a session got {frames} frames in {took:.2f} s, not {expected:.0f}")


async def _all_was_read(callers: list[load.Caller], server: Server) -> None:
    """An answer to what comes last shows that every frame before it has been read."""
    for caller in callers:
        caller.write(wire.text(wire.UPDATE))
    for caller in callers:
        await caller.reads("UpdatePrompt" if server.name == BARE else "PromptUpdated")


def round_trip(names: tuple[str, ...], effort: Effort) -> list[float]:
    """Microseconds from an UpdatePrompt to its PromptUpdated, or to its echo, as a client sees it: the medians.

    The servers take turns every few trips, since the mood of a shared machine changes faster than a run ends.
    """
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(name, str(HERE / "quiet.yaml"))) for name in names]
        return asyncio.run(_round_trips(servers, effort.trips))


async def _round_trips(servers: list[Server], trips: int) -> list[float]:
    took: list[list[float]] = [[] for _ in servers]
    async with contextlib.AsyncExitStack() as stack:
        asking = [await stack.enter_async_context(_asked_for(server)) for server in servers]
        for number in range(0, FEWEST_TRIPS + trips, TRIPS_A_TURN):
            for server, connection, times in zip(servers, asking, took, strict=True):
                wanted = "UpdatePrompt" if server.name == BARE else "PromptUpdated"
                found = [await _asked(connection, wanted) for _ in range(TRIPS_A_TURN)]
                times += found if number >= FEWEST_TRIPS else []
    return [statistics.median(times) * 1e6 for times in took]


@contextlib.asynccontextmanager
async def _asked_for(server: Server) -> AsyncIterator[ClientConnection]:
    """Through the client of `websockets`, which is what most Python clients are built on."""
    url, headers = f"ws://127.0.0.1:{server.port}{wire.PATH}", {"Authorization": wire.CREDENTIALS}
    async with connect(url, additional_headers=headers, compression=None) as connection:
        await connection.send(wire.SETTINGS)
        while name_of(str(await connection.recv())) not in ("Settings", "SettingsApplied"):
            pass
        await asyncio.sleep(SETTLES_WITHIN)
        yield connection


async def _asked(connection: ClientConnection, wanted: str) -> float:
    """Seconds until the answer has come."""
    began_at = time.perf_counter()
    await connection.send(wire.UPDATE)
    answer = await connection.recv()
    took = time.perf_counter() - began_at
    if name_of(str(answer)) != wanted:
        raise NotMeasured(f"{answer!r} came instead of {wanted}")
    return took


def memory(name: str, effort: Effort) -> float:
    """Kilobytes for each of 200 idle sessions, beyond what the first one makes the server load."""
    with running(name, str(HERE / "quiet.yaml")) as server:
        return asyncio.run(_memory(server))


async def _memory(server: Server) -> float:
    first = [await _configured(server) for _ in range(5)]
    await asyncio.sleep(SETTLES_WITHIN)
    before = server.memory
    callers = [await _configured(server) for _ in range(IDLE_SESSIONS)]
    await asyncio.sleep(0.5)
    grown = server.memory - before
    if any(caller.lost for caller in first + callers):
        raise NotMeasured("a session was closed while it was idle")
    return grown / IDLE_SESSIONS / 1000


async def _configured(server: Server) -> load.Caller:
    caller = await load.opened(server)
    caller.write(wire.text(wire.SETTINGS))
    await caller.reads("Settings" if server.name == BARE else "SettingsApplied")
    return caller


FIGURES = (
    Figure("start", "start to first accepted connection", "ms", 2.5, in_turn(start)),
    Figure(
        "streaming", "CPU, 100 sessions of 20 ms frames both ways", "% of a core", 1.5, in_turn(streaming)
    ),
    Figure("round_trip", "UpdatePrompt to PromptUpdated, against an echo", "µs", 2.0, round_trip),
    Figure("memory", "memory for each open session", "kB", 3.0, in_turn(memory)),
)
