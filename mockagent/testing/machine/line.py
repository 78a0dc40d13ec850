"""One connection with a peer, from either side, followed as it goes: frames out, frames in, each judged as it comes.

A `Line` lives on the event loop of a `Loop`, a thread of its own, so that frames are read and KeepAlives sent also
while a test thinks. `Fault` is the only way in which a peer's fault is told.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from types import TracebackType
from typing import Any, TypeVar

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed

from mockagent import __version__, catalogue, loops
from mockagent.protocol import trace
from mockagent.protocol.events import (
    NO_CLOSE_FRAME,
    NO_STATUS,
    Audio,
    Closed,
    Content,
    Dialect,
    Event,
    Frame,
    Message,
    Side,
    Tolerance,
)
from mockagent.protocol.judge import Violation
from mockagent.protocol.ruling import words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase, Turn
from mockagent.testing.machine.owed import owed
from mockagent.testing.machine.patience import Patience, Wait
from mockagent.testing.machine.steps import frame_of, read
from mockagent.testing.machine.worlds import Worlds

T = TypeVar("T")

KEEP_ALIVE_EVERY = 3.0
"""Seconds of the session after which a client that sends nothing else says that it is there."""
_NORMAL = 1000
_MOST_TOLD = 40
"""Events of a failed session that its message shows."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`patience` is how long a peer has for what it owes; `strict`: a SHOULD counts as a MUST."""

    patience: Patience
    strict: bool = False


class Fault(AssertionError):
    """A peer that did what it must not, or did not do what it must."""


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = loops.new_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mockagent machine", daemon=True)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, once it has."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> "Loop":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Line:
    """A session with `peer` over a socket that is open. Times are session seconds, `speed` to a second of the wall."""

    def __init__(self, socket: Connection, dialect: Dialect, peer: Side, speed: float, terms: Terms) -> None:
        self.worlds = Worlds(catalogue.requirements(), dialect, peer, terms.strict)
        self.has_strayed = False
        self._socket = socket
        self._dialect = dialect
        self._peer = peer
        self._speed = speed
        self._patience = terms.patience
        self._loop = asyncio.get_running_loop()
        self._opened_at = self._loop.time()
        self._came: asyncio.Queue[tuple[float, Content]] = asyncio.Queue()
        self._told: list[tuple[Event, tuple[Violation, ...]]] = []
        self._tasks = [asyncio.ensure_future(self._read())]
        if peer is Side.SERVER:
            self._tasks.append(asyncio.ensure_future(self._keep_alive()))

    @property
    def session(self) -> Session:
        return self.worlds.session

    @property
    def is_over(self) -> bool:
        return self.session.phase is Phase.CLOSED

    @property
    def _standing(self) -> tuple[Phase, Turn]:
        return self.session.phase, self.session.turn

    def now(self) -> float:
        return (self._loop.time() - self._opened_at) * self._speed

    async def send(self, content: Content, frame: Frame | None = None) -> None:
        """Do that, and see what comes of it."""
        await self._send(content, frame or frame_of(content))
        await self.settle()

    async def send_last(self, content: Content) -> None:
        """Do that, whatever comes of it."""
        await self._send(content, frame_of(content))

    async def settle(self) -> None:
        """Take in what the peer does until it owes nothing more; Fault when it does wrong, or nothing."""
        await self._pong()
        self._take_in()
        waits = self._patience.now(Wait.OWED)
        try:
            async with self._patience.within(Wait.OWED):
                while all(owed(session, self._peer) for session in self.worlds.sessions):
                    self._observe(*await self._came.get())
                    self._take_in()
        except TimeoutError:
            due = owed(self.session, self._peer)[0]
            raise Fault(f"expected {due} from the {self._peer} within {waits:g} s, got nothing") from None
        self.worlds.settle()

    async def rest(self, seconds: float) -> None:
        """Take in what the peer does, until the session moves on by it, or for so many session seconds."""
        before = self._standing
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds / self._speed):
                while self._standing == before:
                    self._observe(*await self._came.get())
        self._take_in()

    async def leave(self, code: int | None) -> None:
        """Close the connection, once what the peer has said until then is taken in; Fault when it is wrong."""
        try:
            if not self.is_over:
                await self._pong()
                self._take_in()
        finally:
            await self._close(code)

    async def _close(self, code: int | None) -> None:
        if not self.is_over:
            self._note(Event(self.now(), self._peer.other, Closed(code)))
        if code is None:
            with suppress(ConnectionClosed):
                async with self._socket.send_context():
                    self._socket.protocol.send_close()
        await self._socket.close(code or _NORMAL)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def trace(self) -> str:
        """The session as the lines of a trace."""
        header = trace.Header(
            __version__,
            self._dialect,
            None,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            self._speed,
            Tolerance.FAITHFUL.label,
            "machine",
            recorder=self._peer.other,
            switches={"welcome_after": 0.0},
        )
        events = [trace.event_line(event, n, broken) for n, (event, broken) in enumerate(self._told, 1)]
        counts: dict[str, int] = {}
        for _, broken in self._told:
            for each in broken:
                counts[each.requirement.id] = counts.get(each.requirement.id, 0) + 1
        lasted = self._told[-1][0].at if self._told else 0.0
        footer = trace.footer_line(trace.Footer(len(events), lasted, "finished", counts))
        return "".join([trace.header_line(header), *events, footer])

    def told(self) -> str:
        """The last events in words, one a line; audio without a pause is one of them."""
        lines = []
        for (is_audio, _), told in groupby(self._told, _kind):
            events = [event for event, _ in told]
            if is_audio and events[1:]:
                size = sum(each.content.size for each in events if isinstance(each.content, Audio))
                lines.append(_told_of(events[0], f"audio in {len(events)} frames ({size} bytes)"))
            else:
                lines += [_told_of(each, words_for(each.content)) for each in events]
        return "\n".join(lines[-_MOST_TOLD:])

    async def _send(self, content: Content, frame: Frame) -> None:
        event = Event(self.now(), self._peer.other, content)
        self._note(event)
        try:
            await self._socket.send(frame.data, text=not frame.binary)
        except ConnectionClosed:
            return

    def _note(self, event: Event) -> None:
        self._told.append((event, ()))
        self.worlds.sent(event)

    async def _pong(self) -> None:
        """Until the peer has read what was sent, or has gone."""
        waits = self._patience.now(Wait.PONG)
        try:
            pong = await self._socket.ping()
            async with self._patience.within(Wait.PONG):
                await asyncio.shield(pong)
        except ConnectionClosed:
            await asyncio.wait([self._tasks[0]], timeout=self._patience.seconds)
        except TimeoutError:
            raise Fault(f"expected a PONG from the {self._peer}, got none for {waits:g} s") from None

    def _take_in(self) -> None:
        while not self._came.empty():
            self._observe(*self._came.get_nowait())

    def _observe(self, at: float, content: Content) -> None:
        if self.is_over and isinstance(content, Closed):
            return
        is_due = self.has_strayed or self.session.phase is Phase.FAILED
        event = Event(at, self._peer, content)
        broken = self.worlds.received(event)
        self._told.append((event, broken))
        if broken:
            raise Fault(f"{broken[0]}\n  ({broken[0].requirement.sentence})")
        if isinstance(content, Closed) and self._peer is Side.SERVER and not is_due:
            raise Fault(f"expected the server to go on, got {words_for(content)}")

    async def _read(self) -> None:
        try:
            while True:
                data = await self._socket.recv()
                is_binary = isinstance(data, bytes)
                frame = Frame(data if isinstance(data, bytes) else data.encode(), is_binary)
                self._came.put_nowait((self.now(), read(self._dialect, self._peer, frame)))
        except ConnectionClosed as ended:
            received = ended.rcvd
            code = NO_CLOSE_FRAME if received is None else received.code
            reason = "" if received is None else received.reason
            self._came.put_nowait((self.now(), Closed(None if code == NO_STATUS else code, reason)))

    async def _keep_alive(self) -> None:
        body = Message("KeepAlive", {"type": "KeepAlive"})
        while True:
            await asyncio.sleep(KEEP_ALIVE_EVERY / self._speed)
            if self.session.phase is Phase.ACTIVE:
                await self._send(body, frame_of(body))


def _kind(told: tuple[Event, tuple[Violation, ...]]) -> tuple[bool, Side]:
    event, _ = told
    return isinstance(event.content, Audio), event.sender


def _told_of(event: Event, words: str) -> str:
    return f"{event.at:8.3f}  {event.sender:6}  {words}"
