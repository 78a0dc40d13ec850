"""One ticker for all the speech of an event loop: frames leave by an absolute schedule, so nothing drifts.

Frame n of a stream is due at its start plus n times the period, whatever happened to the frames before; a tick
sends all that is due. While nobody speaks, nothing ticks.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Any, Generic, TypeVar

TICKS_EVERY = 0.01
"""Seconds between two looks at what is due."""


F = TypeVar("F")
"""What leaves at one time: a frame, or whatever the one who sends makes of it."""


class Stream(Generic[F]):
    """Frames on their way to one client. `period` is the seconds of the loop's clock between two of them.

    An empty frame is not sent: nothing is due at that moment. Where the frames say None they were busy making what
    comes next, and are asked again when others have had their turn. What is due after `until`, on that clock, waits:
    something may happen then that ends the stream.
    """

    __slots__ = (
        *("_ahead", "_frames", "_is_out", "done", "is_late", "is_stopped", "next"),
        *("period", "send", "started_at", "until"),
    )

    def __init__(
        self,
        frames: Iterable[F | None],
        period: float,
        send: Callable[[F], None],
        done: Callable[[], None],
    ) -> None:
        self._frames: Iterator[F | None] = iter(frames)
        self._ahead: F | None = None
        self._is_out = False
        self.period = period
        self.send = send
        self.done = done
        self.next = 0
        self.started_at = 0.0
        self.until = inf
        self.is_late = False
        self.is_stopped = False

    def send_due(self, now: float) -> bool:
        """Send every frame that is due; whether that was the last. `is_late` tells that one is not made yet."""
        lasted = min(now, self.until) - self.started_at
        due = int(lasted / self.period + 1e-6) + 1
        self.is_late = False
        while not self.is_stopped:
            if self._ahead is None and not self._looks_ahead():
                self.is_late = self.next < due and not self._is_out
                return self._is_out
            if self.next >= due:
                return False
            frame, self._ahead = self._ahead, None
            self.next += 1
            if frame:
                self.send(frame)
        return False

    def _looks_ahead(self) -> bool:
        """Ask for the next frame; whether it is there."""
        try:
            self._ahead = next(self._frames)
        except StopIteration:
            self._is_out = True
        return self._ahead is not None


class Ticker:
    """Carries the streams of all sessions of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._streams: dict[Stream[Any], None] = {}
        self._timer: asyncio.Handle | None = None
        self._next_at = 0.0

    def start(self, stream: Stream[Any], at: float | None = None) -> None:
        """Begin a stream; its first frame goes out with the next tick, at once if nobody speaks.

        `at` is when it should have begun, on the loop's clock, if that is not now.
        """
        stream.started_at = self._loop.time() if at is None else at
        self._streams[stream] = None
        if self._timer is None:
            self._next_at = stream.started_at
            self._timer = self._loop.call_soon(self._tick)

    def stop(self, stream: Stream[Any]) -> None:
        """End a stream; not one more frame of it goes out, and it is never done."""
        stream.is_stopped = True
        self._streams.pop(stream, None)

    def catch_up(self, stream: Stream[Any], now: float) -> bool:
        """Send all of a stream that is due by then; whether all of that was made already."""
        if stream.send_due(now):
            self._streams.pop(stream, None)
            stream.done()
        return not stream.is_late

    def _tick(self) -> None:
        now, is_late = self._loop.time(), False
        try:
            for stream in list(self._streams):
                is_late |= not self.catch_up(stream, now)
        finally:
            self._go_on(now, is_late)

    def _go_on(self, now: float, is_late: bool) -> None:
        """Tick again: when all others have had their turn if a frame is late, else when it is time."""
        if not self._streams:
            self._timer = None
        elif is_late:
            self._timer = self._loop.call_soon(self._tick)
        else:
            self._next_at = max(self._next_at + TICKS_EVERY, now)
            self._timer = self._loop.call_at(self._next_at, self._tick)
