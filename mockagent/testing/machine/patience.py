"""How long a peer is waited for, in time in which this process could have seen what it does.

A machine that is too busy to run us is too busy to run the peer: what the wall's clock does meanwhile does not count.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_TICKS = 50
"""Of one wait. However late a tick is, it takes away only its own part."""
_WHILE_SHRINKING = 0.1
"""Of the patience, for each of the many runs by which a fault that is known is made small."""
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


class Patience:
    """`seconds` of the wall for what a peer owes, and less of it once a fault is found and only made smaller."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._slowest = 0.0
        self._is_shrinking = False

    @property
    def now(self) -> float:
        """Seconds to wait for what is owed."""
        if not self._is_shrinking:
            return self.seconds
        return min(self.seconds, max(self.seconds * _WHILE_SHRINKING, self._slowest * _OF_THE_SLOWEST))

    def kept(self, waited: float) -> None:
        """The peer has done what it owed, after so many seconds."""
        self._slowest = max(self._slowest, waited)

    def found(self) -> None:
        """There is a fault: all that follows makes it smaller."""
        self._is_shrinking = True
