"""One process of a client under test: its output, its session, and of what it died."""

import asyncio
import contextlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import IO, Any

from websockets.server import ServerProtocol

from mockagent.conformance.processes import end_all
from mockagent.fuzz.lines import SETTINGS
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzzing.growth import Held, held
from mockagent.fuzzing.link import Link
from mockagent.harness.child import Child
from mockagent.harness.surroundings import filled_in
from mockagent.server.notices import Ready

_ENDS_WITHIN = 0.5
_OF_SETTINGS = frozenset(str(each["type"]) for each in SETTINGS.values())
_DEATH = re.compile(
    r"Traceback \(most recent call last\)|Exception in thread|[Uu]nhandled|Uncaught|panic(ked)?\b|[Ff]atal|core dumped"
)
_EXCEPTION = re.compile(
    r"^\s*(?:\w+\.)*(\w*(?:Error|Exception|Invalid\w*|Closed\w*|panic)\w*)\b.*$", re.MULTILINE
)


class Run:
    """It is started with `start`, and killed with `end`; `link` is its session, once it has come."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], ready: Ready, key: str
    ) -> None:
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        places = {"key": key, "case": "fuzz", "url": environment["MOCKAGENT_URL"]}
        self.child = Child(
            filled_in(command, ready, **places),
            environment,
            output=self.output,
            errors=self.output,
            ends_within=_ENDS_WITHIN,
        )
        self.link = Link(ServerProtocol())
        self.said_types: Counter[str] = Counter()
        self.is_settled = False
        self.before: Held | None = None
        self._key = key
        self._settings: Mapping[str, Any] | None = None
        self._ending: asyncio.Task[int | None] | None = None

    async def start(self) -> None:
        """CannotStart when there is no such command."""
        await self.child.start()
        self._ending = asyncio.ensure_future(self.child.ended(None))

    @property
    def has_ended(self) -> bool:
        return self._ending is not None and self._ending.done()

    async def ended(self) -> None:
        """Until the command has ended."""
        assert self._ending is not None
        await asyncio.wait({self._ending})

    async def ended_within(self, seconds: float) -> None:
        assert self._ending is not None
        await asyncio.wait({self._ending}, timeout=seconds)

    async def end(self) -> None:
        """Kill whatever there is of it."""
        with contextlib.suppress(ProcessLookupError):
            end_all(self._key, self.child.pid)
        await self.ended()
        self.link.drop()
        self.output.close()

    def settle(self) -> None:
        """The session is where functions can be called; from here on what the process holds is compared."""
        if not self.is_settled:
            self.is_settled = True
            self.before = held(self.child.pid)

    def settings(self) -> Mapping[str, Any]:
        """The first Settings that came, as long as they are remembered."""
        if self._settings is None:
            bodies = [each for each in self.link.messages if isinstance(each, dict)]
            self._settings = next((each for each in bodies if each.get("type") in _OF_SETTINGS), {})
        return self._settings

    def death(self) -> Outcome | None:
        """Of what the process died, by its status and what it printed; None where it does not look like it."""
        text = self._printed()
        is_dying = _DEATH.search(text) is not None
        status = self._ending.result() if self._ending is not None and self._ending.done() else 0
        if status is not None and status > 128:
            return Outcome(
                Verdict.CRASHED, f"the command ended with status {status}: {self.said()}", f"status {status}"
            )
        if is_dying:
            name = [found[1] for found in _EXCEPTION.finditer(text)]
            return Outcome(Verdict.CRASHED, self.said(), name[-1] if name else "exception")
        if status and self.link.close is None:
            return Outcome(
                Verdict.CRASHED, f"the command ended with status {status}: {self.said()}", f"status {status}"
            )
        return None

    def said(self) -> str:
        """The line by which an exception is told, else the last line that was printed."""
        text = self._printed()
        lines = [found[0].strip() for found in _EXCEPTION.finditer(text)] or text.strip().splitlines()[-1:]
        return lines[-1].replace(self._key, "[redacted]")[:300] if lines else ""

    def _printed(self) -> str:
        if self.output.closed:
            return ""
        with open(self.output.fileno(), "rb", closefd=False) as file:
            size = os.fstat(file.fileno()).st_size
            return os.pread(file.fileno(), 20_000, max(0, size - 20_000)).decode("utf-8", "replace")
