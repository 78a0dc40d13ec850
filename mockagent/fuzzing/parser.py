"""A parser as the peer: a process that is given text frames on stdin and says of each what came of it.

A Python callable is called by `mockagent.fuzzing.worker`; a command speaks the lines of that module itself.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from typing import IO

from mockagent.fuzz.near_miss import Opcode
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Sending
from mockagent.fuzzing.growth import Held, grown, held
from mockagent.fuzzing.peer import PeerFailed

STARTS_WITHIN = 30.0
"""Seconds that the process may take to load what it needs."""
MOST_FRAMES = 2_000
"""Frames after which a process is begun anew, so that the history of a failure stays short enough to search."""

_CALLABLE = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
_LONGEST_LINE = 65_536


def is_callable(target: Sequence[str]) -> bool:
    """Whether that names a Python callable, as module:function, and no command."""
    return len(target) == 1 and _CALLABLE.fullmatch(target[0]) is not None


class Parser:
    """`stimulus` is a frame that a living parser must take; `within` are the seconds for each answer."""

    def __init__(
        self, target: Sequence[str], stimulus: str, *, within: float = 3.0, refusals: Sequence[str] = ()
    ) -> None:
        self._is_callable = is_callable(target)
        worker = (sys.executable, "-m", "mockagent.fuzzing.worker", *target, *refusals)
        self._command = worker if self._is_callable else tuple(target)
        self._stimulus = stimulus
        self._within = within
        self._history: list[Sending] = []
        self._process: asyncio.subprocess.Process | None = None
        self._errors: IO[bytes] | None = None
        self._before: Held | None = None

    @property
    def history(self) -> tuple[Sending, ...]:
        return tuple(self._history)

    async def tried(self, sending: Sending, *, fresh: bool = False) -> Outcome:
        if fresh or self._process is None or len(self._history) >= MOST_FRAMES:
            await self._begin()
        self._history.append(sending)
        worst = Outcome(Verdict.SURVIVED)
        for wire in sending.wires:
            if wire.opcode is Opcode.TEXT:
                outcome = await self._asked(wire.data.decode("utf-8", "replace"))
                if outcome.verdict is not Verdict.SURVIVED:
                    worst = outcome
                if self._process is None:
                    return worst
        return await self._lives_on(worst)

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    async def _lives_on(self, outcome: Outcome) -> Outcome:
        """The outcome of the fault, unless what is right does not go through after it, or something stayed behind."""
        if outcome.verdict is Verdict.CRASHED:
            await self.close()
            return outcome
        after = await self._asked(self._stimulus)
        if after.verdict is Verdict.REFUSED:
            after = Outcome(
                Verdict.CRASHED, f"refuses what is right: {after.detail}", "a right frame is refused"
            )
        if after.verdict is not Verdict.SURVIVED:
            await self.close()
            return after
        left = ", ".join(grown(self._before, held(self._process.pid if self._process else None)))
        if left:
            await self.close()
            return Outcome(Verdict.LEAKED, left, left)
        return outcome

    async def _begin(self) -> None:
        await self.close()
        self._history = []
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                limit=_LONGEST_LINE,
            )
        except OSError as error:
            raise PeerFailed(f"cannot run {self._command[0]!r}: {error.strerror or error}") from None
        if self._is_callable and await self._line(STARTS_WITHIN) != "ready":
            said = self._said()
            await self.close()
            raise PeerFailed(said or f"{self._command[-1]} cannot be loaded")
        first = await self._asked(self._stimulus, STARTS_WITHIN)
        if first.verdict is not Verdict.SURVIVED:
            await self.close()
            raise PeerFailed(
                f"the parser does not take a right frame, before any fault: {first.verdict} {first.detail}: "
                f"{self._stimulus}"
            )
        self._before = held(self._process.pid)

    async def _asked(self, frame: str, within: float | None = None) -> Outcome:
        process = self._process
        assert process is not None and process.stdin is not None
        process.stdin.write(json.dumps(frame).encode() + b"\n")
        line = await self._line(within or self._within)
        if line is None:
            await self.close()
            return Outcome(Verdict.HUNG, f"no answer in {self._within:g} s", "no answer")
        if line == "":
            return await self._gone()
        word, _, rest = line.partition(" ")
        match word:
            case "ok":
                return Outcome(Verdict.SURVIVED)
            case "refused":
                return Outcome(Verdict.REFUSED, rest)
            case "crashed":
                where, _, what = rest.partition("\t")
                return Outcome(
                    Verdict.CRASHED, f"{what} in {where.partition(' in ')[2]}" if what else where, where
                )
        await self.close()
        raise PeerFailed(
            f"expected a line 'ok', 'refused WHY' or 'crashed WHERE' on stdout, got {line[:100]!r}"
        )

    async def _line(self, within: float) -> str | None:
        """The next line without its end: "" when the process has ended, None when none came in time."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            async with asyncio.timeout(within):
                with contextlib.suppress(ConnectionError):
                    await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            return None
        except ValueError:
            raise PeerFailed("a line on stdout has no end; each answer is one line") from None
        text = line.decode("utf-8", "replace").strip()
        return text or (" " if line else "")

    async def _gone(self) -> Outcome:
        process = self._process
        assert process is not None
        status = await process.wait()
        said = self._said()
        await self.close()
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return Outcome(Verdict.CRASHED, f"the process ended with {how}{': ' + said if said else ''}", how)

    def _said(self) -> str:
        """The last line that the process wrote to stderr."""
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read()[-2_000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
