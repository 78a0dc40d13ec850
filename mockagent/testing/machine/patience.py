"""How long a peer is waited for, on the clock of a loop that leaves out when nothing could be seen of it (`loops`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

_LEAST = 1.0
"""Seconds for each wait of the many runs by which a fault that is known is made small."""
_OF_THE_SLOWEST = 10.0
"""Times as long as the slowest peer that has come in time: no less."""


class Wait(StrEnum):
    """What is waited for: each takes its own time."""

    START = "the start of a client"
    OWED = "what the session needs next"
    PONG = "the answer to a PING"
    END = "the end of a client"


class Patience:
    """`seconds` for each wait, and less of it once a fault is found and only made smaller."""

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
        async with asyncio.timeout(self.now(wait)):
            yield
        self._slowest[wait] = max(self._slowest.get(wait, 0.0), loop.time() - begun_at)

    def found(self) -> None:
        """There is a fault: all that follows makes it smaller."""
        self._is_shrinking = True
