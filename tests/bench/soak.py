"""Whether the server holds out: session after session, or many at once for minutes, with audio both ways in real time.

    python tests/bench/soak.py [--sessions 10000] [--lanes 10]
    python tests/bench/soak.py --at-once 300 [--minutes 10]

The first form holds that many short conversations one after another, in so many lanes side by side; the second one
keeps that many going, each of which begins anew when it has come to its end. The server is the command `serve` in a
process of its own. Printed are its memory (RSS) and open file descriptors along the way, and what is left of both,
and of asyncio tasks, when everybody has gone.

Exit 1 when the memory at the end is more than `--ratio` times that at a tenth of the way, or when a descriptor or a
task is left; 2 when the server did not do its work. Linux only.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import load
import wire
from servers import MOCKAGENT, NotMeasured, Server, free_port, process, wait_for

MARKS = (0.1, 0.25, 0.5, 0.75, 1.0)
"""Of the way: where the memory is looked at."""
TURNS_AT_ONCE = 50
"""Turns of each conversation in the second form; about a minute and a half."""
SETTLES_WITHIN = 10.0
"""Seconds for the server to have closed everything once everybody has gone."""
CLOSE = wire.frame(wire.CLOSE, b"\x03\xe8")
_SCENARIO = """\
name: soak
summary: A greeting, and as many short turns as are asked for
steps:
  - client: Settings
  - agent: Hello.
  - repeat:
      times: {turns}
      steps:
        - user: And you?
          lasts: 0.6 s
        - agent: Fine.
  - client: {{closes: true}}
"""


class Pacer:
    """Sends a frame of audio every 20 ms for each caller that talks, by an absolute schedule."""

    def __init__(self) -> None:
        self._groups: list[set[load.Caller]] = [set() for _ in range(load.GROUPS)]

    @contextlib.contextmanager
    def talking(self, caller: load.Caller) -> Iterator[None]:
        """While this lasts the caller sends audio."""
        group = min(self._groups, key=len)
        group.add(caller)
        try:
            yield
        finally:
            group.discard(caller)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            for group in self._groups:
                next_at += load.FRAME_FOR / load.GROUPS
                await asyncio.sleep(next_at - loop.time())
                for caller in group:
                    caller.write(load.FRAME)


@dataclass
class Soak:
    """What is to be done, and how far it has come."""

    server: Server
    turns: int
    sessions: int | None
    seconds: float
    pacer: Pacer = field(default_factory=Pacer)
    began_at: float = field(default_factory=time.monotonic)
    begun: int = 0
    held: int = 0

    @property
    def way(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.sessions is not None:
            return self.held / self.sessions
        return min(1.0, (time.monotonic() - self.began_at) / self.seconds)

    def goes_on(self) -> bool:
        """Whether another conversation is to begin."""
        return self.begun < self.sessions if self.sessions is not None else self.way < 1.0

    async def lane(self) -> None:
        """One conversation after another."""
        while self.goes_on():
            self.begun += 1
            async with self._caller() as caller:
                for _ in range(self.turns):
                    await caller.reads("AgentAudioDone")
                    if self.sessions is None and not self.goes_on():
                        break
            if not caller.heard:
                raise NotMeasured("a session got no audio")
            self.held += 1

    @contextlib.asynccontextmanager
    async def _caller(self) -> AsyncIterator[load.Caller]:
        """A session that has been greeted and talks; it is closed, and gone, on the way out."""
        caller = await load.opened(self.server)
        caller.write(wire.text(wire.SETTINGS))
        await caller.reads("AgentAudioDone")
        with self.pacer.talking(caller):
            yield caller
        caller.write(CLOSE)
        async with asyncio.timeout(load.ANSWERS_WITHIN):
            while not caller.lost:
                await asyncio.sleep(0.005)


def serve(port: int, scenario: str) -> None:
    """The command `serve` in this process, which tells by SIGUSR1, as a line of its own, how many tasks it has."""
    from mockagent.cli import main

    def tell(*_: object) -> None:
        os.write(sys.stderr.fileno(), f"{len(asyncio.all_tasks())}\n".encode())

    signal.signal(signal.SIGUSR1, tell)
    main(["serve", scenario, "--port", str(port), "--quiet"])


def rss(server: Server) -> float:
    """Megabytes of the server that are in memory."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors(server: Server) -> int:
    """How many files and sockets the server has open."""
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


async def tasks(server: Server, told: Path) -> int:
    """How many asyncio tasks the server has."""
    before = told.stat().st_size
    os.kill(server.pid, signal.SIGUSR1)
    async with asyncio.timeout(SETTLES_WITHIN):
        while told.stat().st_size == before:
            await asyncio.sleep(0.01)
    return int(told.read_text().split()[-1])


async def soaked(soak: Soak, lanes: int, told: Path) -> tuple[dict[float, float], dict[str, int]]:
    """Megabytes of the server at each mark of the way, and what is left of it all at the end."""
    server = soak.server
    before = {"descriptors": descriptors(server), "tasks": await tasks(server, told)}
    _print("start", server)
    marks: dict[float, float] = {}
    pacing = asyncio.create_task(soak.pacer.run())
    running = [asyncio.create_task(soak.lane()) for _ in range(lanes)]
    try:
        for mark in MARKS:
            while soak.way < mark and not any(lane.done() and lane.exception() for lane in running):
                await asyncio.sleep(0.02)
            marks[mark] = rss(server)
            _print(f"{mark:.0%}", server)
        await asyncio.gather(*running)
    finally:
        for task in (pacing, *running):
            task.cancel()
    await _settled(server, before["descriptors"])
    after = {"descriptors": descriptors(server), "tasks": await tasks(server, told)}
    return marks, {name: after[name] - count for name, count in before.items()}


async def _settled(server: Server, descriptors_before: int) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLES_WITHIN):
            while descriptors(server) > descriptors_before:
                await asyncio.sleep(0.05)


def _print(when: str, server: Server) -> None:
    print(f"{when:>6}  {rss(server):7.1f} MB  {descriptors(server):5d} descriptors", flush=True)


def main() -> int:
    arguments = _arguments()
    if arguments.serve:
        serve(int(arguments.serve[0]), arguments.serve[1])
        return 0
    try:
        return _soak(arguments)
    except (NotMeasured, OSError, TimeoutError) as error:
        print(f"the server did not do its work: {type(error).__name__} {error}", file=sys.stderr)
        return 2


def _soak(arguments: argparse.Namespace) -> int:
    at_once: int | None = arguments.at_once
    turns = TURNS_AT_ONCE if at_once else 1
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        scenario = Path(folder) / "soak.yaml"
        scenario.write_text(_SCENARIO.format(turns=turns), "utf-8")
        told, port = Path(folder) / "told", free_port()
        stderr = stack.enter_context(told.open("wb"))
        command = [sys.executable, __file__, "--serve", str(port), str(scenario)]
        child = stack.enter_context(process(command, stderr=stderr))
        wait_for(port, child).close()
        server = Server(MOCKAGENT, child.pid, port)
        soak = Soak(server, turns, None if at_once else arguments.sessions, arguments.minutes * 60)
        marks, left = asyncio.run(soaked(soak, at_once or arguments.lanes, told))
    return _verdict(soak.held, marks, left, arguments.ratio)


def _verdict(held: int, marks: dict[float, float], left: dict[str, int], most: float) -> int:
    ratio = marks[MARKS[-1]] / marks[MARKS[0]]
    is_well = ratio <= most and not any(count > 0 for count in left.values())
    rest = ", ".join(f"{count} {name}" for name, count in left.items())
    print(
        f"{held} sessions; memory {ratio:.2f} times that at a tenth of the way (at most {most}); left: {rest}"
    )
    print("ok" if is_well else "FAILED")
    return 0 if is_well else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_000, help="how many, one after another")
    parser.add_argument("--lanes", type=int, default=10, help="how many of them side by side")
    parser.add_argument("--at-once", type=int, help="how many to keep going, instead")
    parser.add_argument("--minutes", type=float, default=10.0, help="for how long to keep them going")
    parser.add_argument("--ratio", type=float, default=1.2, help="how much the memory may grow")
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "SCENARIO"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
