"""Who makes the client under test play a case.

Here that is a command, started for the case, and ended with all that it has started in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mockagent.conformance.processes import end_all, reap
from mockagent.harness.child import Child
from mockagent.harness.surroundings import filled_in, surroundings_of_case
from mockagent.server.notices import Ready

_ASKED_FOR = 0.2
"""Seconds between asking the command to end and killing it."""
_TAIL = 2_000
"""Bytes of what the command printed last that a report shows."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case as the client is told of it. `url` is the one of its dialect, `folder` where files of the case go,
    `deadline` in seconds after the start."""

    case: str
    scenario: str
    intent: Mapping[str, Any]
    deadline: float
    ready: Ready
    url: str
    folder: Path
    key: str = field(repr=False)

    @property
    def observations(self) -> Path:
        """The file for what the application saw."""
        return self.folder / "observed.txt"


class Driver(Protocol):
    """Who makes the client play one case, once."""

    @property
    def who(self) -> str:
        """The client as a sentence names it."""

    async def start(self) -> bool:
        """Let the client begin, and say whether it does: the clocks of the case start when this comes back."""

    async def ended(self) -> int | None:
        """Wait until the client says that it is done: its exit status as a shell gives it, None if it gave none."""

    async def end(self) -> None:
        """Its time is over."""

    def clear(self) -> None:
        """Leave nothing of the case that could act any more; called once, whatever has happened."""

    def settle(self) -> None:
        """Called after the last session of the case has ended."""

    def output(self) -> tuple[str, dict[str, str]]:
        """The end of what the client printed, and the files with all of it, by name."""


class Command:
    """A command as the client: told by its environment and its arguments, done when it ends."""

    who = "the command"

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], task: Task) -> None:
        self._task = task
        self._files = {name: task.folder / f"{name}.txt" for name in ("stderr", "stdout")}
        self._open = {name: path.open("wb") for name, path in self._files.items()}
        places = {"key": task.key, "case": task.case, "url": task.url}
        self._child = Child(
            filled_in(command, task.ready, **places),
            {**surroundings_of_case(environment, task.ready, task.key), **_told(task)},
            output=self._open["stdout"],
            errors=self._open["stderr"],
            ends_within=_ASKED_FOR,
        )
        self._killed: list[int] = []

    async def start(self) -> bool:
        """CannotStart when there is no such command."""
        await self._child.start()
        return True

    async def ended(self) -> int | None:
        return await self._child.ended(None)

    async def end(self) -> None:
        await self._child.end()

    def clear(self) -> None:
        if self._child.pid is not None:
            self._killed = end_all(self._task.key, self._child.pid)
        for file in self._open.values():
            file.close()

    def settle(self) -> None:
        reap([pid for pid in self._killed if pid != self._child.pid])

    def output(self) -> tuple[str, dict[str, str]]:
        data = b""
        for path in self._files.values():
            data = data or path.read_bytes()[-_TAIL:]
        text = data.decode("utf-8", "replace").replace(self._task.key, "[redacted]")
        return text, {name: str(path) for name, path in self._files.items()}


def _told(task: Task) -> dict[str, str]:
    return {
        "MOCKAGENT_URL": task.url,
        "MOCKAGENT_CASE": task.case,
        "MOCKAGENT_SCENARIO": task.scenario,
        "MOCKAGENT_INTENT": json.dumps(task.intent),
        "MOCKAGENT_OBSERVE": str(task.observations.resolve()),
        "MOCKAGENT_DEADLINE_MS": str(round(1000 * task.deadline)),
    }
