"""How long a peer is waited for, in time in which this process could have seen what it does.

A machine that is too busy to run us is too busy to run the peer: what the wall's clock does meanwhile does not count.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

_TICKS = 50
"""Of one wait. However late a tick is, it takes away only its own part."""
_LEAST = 1.0
"""Seconds for each wait of the many runs by which a fault that is known is made small."""
_OF_THE_SLOWEST = 10.0
"""Times as long as the slowest peer that has come in time: no less."""


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """As asyncio.timeout, but time for which the loop stood still does not count: TimeoutError."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:

        async def run_out() -> None:
            for _ in range(_TICKS):
                await asyncio.sleep(seconds / _TICKS)
            limit.reschedule(loop.time())

        ticking = asyncio.ensure_future(run_out())
        try:
            yield
        finally:
            ticking.cancel()


class Wait(StrEnum):
    """What is waited for: each takes its own time."""

    START = "the start of a client"
    OWED = "what the session needs next"
    PONG = "the answer to a PING"
    END = "the end of a client"


class Patience:
    """`seconds` of the wall for each wait, and less of it once a fault is found and only made smaller."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._slowest: dict[Wait, float] = {}
        self._is_shrinking = False

    def now(self, wait: Wait) -> float:
        """How many seconds such a wait may take."""
        if not self._is_shrinking:
            return self.seconds
        least = max(_LEAST, self._slowest.get(wait, 0.0) * _OF_THE_SLOWEST)
        return min(self.seconds, least)

    @asynccontextmanager
    async def within(self, wait: Wait) -> AsyncIterator[None]:
        """Wait for it that long; TimeoutError."""
        loop = asyncio.get_running_loop()
        begun_at = loop.time()
        async with within(self.now(wait)):
            yield
        self._slowest[wait] = max(self._slowest.get(wait, 0.0), loop.time() - begun_at)

    def found(self) -> None:
        """There is a fault: all that follows makes it smaller."""
        self._is_shrinking = True
