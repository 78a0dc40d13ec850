"""An event loop whose clock leaves out the time in which this process did not run.

A machine that is too busy to run a server is too busy to run its client: what passes meanwhile on the wall must not
make one of them late. So a wait that lasts longer than it was to, and a turn of the loop that lasts longer than
NOTICED, take no more of the loop's time than they should have. Every deadline and every session goes by that clock.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

NOTICED = 0.02
"""Seconds by which a wait or a turn is too long when it counts as a stop of the machine."""
LOOKS_EVERY = 0.1
"""Seconds that a wait lasts at most: of a stop that is over before the wait is, nobody would know."""

T = TypeVar("T")


class _Waiting(selectors.DefaultSelector):
    """Waits for what comes in, and knows how much of the wall's time was lost. `monotonic` gives that, in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._lost = 0.0
        self._turn_ends_at = monotonic() + NOTICED

    def time(self) -> float:
        """Seconds without those that were lost; a turn that is too long ends before it is over."""
        now, latest = self._monotonic(), self._turn_ends_at
        return (now if now < latest else latest) - self._lost

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began_at = self._monotonic()
        if began_at > self._turn_ends_at:
            self._lost += began_at - self._turn_ends_at
        if timeout is not None and timeout > LOOKS_EVERY:
            timeout = LOOKS_EVERY
        events = super().select(timeout)
        ended_at = self._monotonic()
        if timeout is not None and (stopped_for := ended_at - began_at - timeout) > NOTICED:
            self._lost += stopped_for
        self._turn_ends_at = ended_at + NOTICED
        return events


if hasattr(asyncio, "ProactorEventLoop"):
    new_loop = asyncio.new_event_loop  # Windows: its loop for processes waits in a way of its own
else:

    class _Loop(asyncio.SelectorEventLoop):
        def __init__(self, monotonic: Callable[[], float]) -> None:
            waiting = _Waiting(monotonic)
            self.time = waiting.time  # type: ignore[method-assign]  # asked for at every turn, some times
            super().__init__(waiting)

    def new_loop(monotonic: Callable[[], float] = time.monotonic) -> asyncio.AbstractEventLoop:
        """A loop that goes by the seconds of `monotonic`, without those in which this process did not run."""
        return _Loop(monotonic)


def run(main: Coroutine[Any, Any, T]) -> T:
    """As asyncio.run, on such a loop."""
    with asyncio.Runner(loop_factory=lambda: new_loop()) as runner:
        return runner.run(main)
