"""Calls functions for all sessions of a server, and says once of each that cannot be called how it could be.

The HTTP client is an extra, and is loaded with the first call: neither the start of the server nor anybody
whose functions the client runs pays for it.
"""

import asyncio
from collections.abc import Callable, Collection
from types import ModuleType

from mockagent.scenario.actions import CallFunction
from mockagent.scenario.outcomes import NotCalled, Outcome
from mockagent.scenario.server_calls import NO_RESULT
from mockagent.server.notices import Notice, Trouble
from mockagent.server.permission import Permission

_NO_CLIENT = "this needs an HTTP client: pip install 'mockagent[functions]'"


class Functions:
    """`hosts` are those at which functions may be called beside this machine; `tell` hears of what is not called."""

    def __init__(self, hosts: Collection[str], tell: Callable[[Notice], None]) -> None:
        self._permission = Permission(hosts)
        self._tell = tell
        self._told: set[str] = set()
        self._endpoints: ModuleType | None = None

    async def call(self, wanted: CallFunction) -> Outcome:
        """What comes of a call; fails only by being cancelled."""
        if self._endpoints is None:
            try:
                self._endpoints = await asyncio.to_thread(_load)
            except ImportError:
                return self._not_called(wanted, _NO_CLIENT)
        outcome: Outcome | str = await self._endpoints.call(wanted, self._permission)
        return self._not_called(wanted, outcome) if isinstance(outcome, str) else outcome

    def _not_called(self, wanted: CallFunction, why: str) -> Outcome:
        text = f"the function {wanted.call.name} was not called, and {NO_RESULT} stands for its result: {why}"
        if text not in self._told:
            self._told.add(text)
            self._tell(Trouble(text))
        return NotCalled()


def _load() -> ModuleType:
    from mockagent.server import endpoints

    return endpoints
