"""The functions that are being called at their endpoints, as tasks of the event loop."""

import asyncio
from collections.abc import Callable

from mockagent.connection.outside import Functions
from mockagent.scenario.actions import CallFunction
from mockagent.scenario.outcomes import Outcome


class RunningCalls:
    """Those of one session. `ended` hears of each that came to its end, with its id."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, functions: Functions, ended: Callable[[str, Outcome], None]
    ) -> None:
        self._loop = loop
        self._functions = functions
        self._ended = ended
        self._tasks: dict[str, asyncio.Task[Outcome]] = {}

    def start(self, wanted: CallFunction) -> None:
        """Call a function, beside all else."""
        task = self._loop.create_task(self._functions.call(wanted))
        self._tasks[wanted.call.id] = task
        task.add_done_callback(lambda task: self._done(wanted.call.id, task))

    def drop(self, id: str) -> None:
        """Break a call off; nobody hears of its end."""
        task = self._tasks.pop(id, None)
        if task is not None:
            task.cancel()

    def drop_all(self) -> None:
        """Break all of them off."""
        for id in list(self._tasks):
            self.drop(id)

    def _done(self, id: str, task: asyncio.Task[Outcome]) -> None:
        if self._tasks.pop(id, None) is not None and not task.cancelled():
            self._ended(id, task.result())
