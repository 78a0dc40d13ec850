"""One ticker for all the speech of an event loop: frames leave by an absolute schedule, so nothing drifts.

Frame n of a stream is due at its start plus n times the period, whatever happened to the frames before; a tick
sends all that is due. While nobody speaks, nothing ticks.
"""

import asyncio
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Generic, TypeVar

TICKS_EVERY = 0.01
"""Seconds between two looks at what is due."""


F = TypeVar("F")
"""What leaves at one time: a frame, or whatever the one who sends makes of it."""


class Stream(Generic[F]):
    """Frames on their way to one client. `period` is the seconds of the loop's clock between two of them.

    An empty frame is not sent: nothing is due at that moment. What is due after `until`, on that clock, waits:
    something may happen then that ends the stream.
    """

    __slots__ = ("done", "frames", "is_stopped", "next", "period", "send", "started_at", "until")

    def __init__(
        self, frames: Sequence[F], period: float, send: Callable[[F], None], done: Callable[[], None]
    ) -> None:
        self.frames = frames
        self.period = period
        self.send = send
        self.done = done
        self.next = 0
        self.started_at = 0.0
        self.until = inf
        self.is_stopped = False

    def send_due(self, now: float) -> bool:
        """Send every frame that is due; whether that was the last."""
        lasted = min(now, self.until) - self.started_at
        due = min(len(self.frames), int(lasted / self.period + 1e-6) + 1)
        while self.next < due and not self.is_stopped:
            frame = self.frames[self.next]
            self.next += 1
            if frame:
                self.send(frame)
        return self.next >= len(self.frames) and not self.is_stopped


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

    def catch_up(self, stream: Stream[Any], now: float) -> None:
        """Send all of a stream that is due by then."""
        if stream.send_due(now):
            self._streams.pop(stream, None)
            stream.done()

    def _tick(self) -> None:
        now = self._loop.time()
        for stream in list(self._streams):
            self.catch_up(stream, now)
        if not self._streams:
            self._timer = None
            return
        self._next_at = max(self._next_at + TICKS_EVERY, now)
        self._timer = self._loop.call_at(self._next_at, self._tick)
