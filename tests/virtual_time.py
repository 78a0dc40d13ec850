"""Time that passes only while nobody has anything to do: no test that uses it depends on how busy the machine is.

All event loops that a `Clock` makes, in whatever threads, tell its time. It stands still while any of them works, and
while all of them wait it goes on in small steps, of which a second of the wall holds many more than a second's worth.
A machine that stops for a while stops the clock as well.
"""

import asyncio
import selectors
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import inf

import pytest

from mockagent import loops

STEP = 0.01
"""Seconds by which the clock goes on at most, each time that every loop was seen to wait."""
EACH_LOOK = 1e-6
"""Seconds by which the clock goes on each time that it is looked at: no two looks of a real one are alike either."""
LOOKS_FOR = 0.0005
"""Seconds of the wall for which a loop that waits looks for news before it says that there is none."""


class Clock:
    """The time of all its loops, in seconds from 0."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()
        self._works: set[object] = set()
        self._waits: dict[object, tuple[float, int]] = {}
        self._round = 0

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """A loop that tells this time; it belongs to the clock until it is closed."""
        return _Loop(self)

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """Every loop that is made meanwhile is one of this clock's."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio.events, "new_event_loop", self.new_loop)
            patch.setattr(loops, "new_loop", self.new_loop)
            yield

    def looked_at(self) -> float:
        """What time it is."""
        with self._lock:
            self.now += EACH_LOOK
            return self.now

    def works(self, loop: object) -> None:
        """This loop has something to do."""
        with self._lock:
            self._waits.pop(loop, None)
            self._works.add(loop)

    def leaves(self, loop: object) -> None:
        """This loop is closed."""
        with self._lock:
            self._waits.pop(loop, None)
            self._works.discard(loop)

    def found_nothing(self, loop: object, until: float) -> None:
        """This loop has looked and waits for that moment; when all have, after whatever came last, time goes on."""
        with self._lock:
            if loop in self._works:
                self._works.remove(loop)
                self._round += 1  # what it has done is seen by others only when they look again
            self._waits[loop] = until, self._round
            if not self._works and all(seen == self._round for _, seen in self._waits.values()):
                soonest = min(moment for moment, _ in self._waits.values())
                self.now = max(self.now, min(soonest, self.now + STEP))
                self._round += 1


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        self._tells = clock
        super().__init__(_Selector(clock, self))

    def time(self) -> float:
        return self._tells.looked_at()

    def close(self) -> None:
        super().close()
        self._tells.leaves(self)


class _Selector(selectors.BaseSelector):
    """Looks again and again, and has the clock know what it sees."""

    def __init__(self, clock: Clock, loop: object) -> None:
        self._clock = clock
        self._loop = loop
        self._real = selectors.DefaultSelector()
        clock.works(loop)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        until = inf if timeout is None else self._clock.now + timeout
        events = self._real.select(0)
        while not events and self._clock.now < until:
            events = self._real.select(LOOKS_FOR)
            if not events:
                self._clock.found_nothing(self._loop, until)
        self._clock.works(self._loop)
        return events

    def register(self, fileobj, events, data=None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj, events, data=None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping:
        return self._real.get_map()
