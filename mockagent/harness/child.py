"""A command as a process in a session of its own, so that whatever it starts can be ended together with it."""

import asyncio
import contextlib
import errno
import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from mockagent.errors import MockagentError

ENDS_WITHIN = 2.0
"""Seconds that the processes have to end once they are asked to, before they are killed."""
NOT_FOUND = 127
NOT_EXECUTABLE = 126
BY_SIGNAL = 128
"""What shells add to the number of the signal that ended a command."""

_LOOKS_EVERY = 0.02
_LONGEST_FIRST_LINE = 256
"""Bytes of a script's first line that Linux looks at."""


class CannotStart(MockagentError):
    """The command cannot be started; `exit_code` is what a shell would exit with."""

    def __init__(self, command: str, reason: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(f"cannot run {command!r}: {reason}")


class Child:
    """A command and all that it starts in its session.

    What it prints and reads is the user's own terminal, unless `output` and `errors` are files for what it prints;
    then it has nothing to read. `ends_within` are the seconds it has when it is asked to end: ENDS_WITHIN if None.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        output: IO[bytes] | None = None,
        errors: IO[bytes] | None = None,
        ends_within: float | None = None,
    ) -> None:
        self._command = command
        self._environment = environment
        self._output = output
        self._errors = errors
        self._ends_within = ENDS_WITHIN if ends_within is None else ends_within
        self._process: asyncio.subprocess.Process | None = None
        self._missed: list[signal.Signals] = []
        self._signals = 0
        self._asked_to_end = asyncio.Event()
        self._urged_to_end = asyncio.Event()

    async def start(self) -> None:
        """Start it; CannotStart when there is no such command, or on Windows, which knows no such sessions."""
        if not hasattr(os, "killpg"):
            raise CannotStart(self._command[0], "this system has no process groups", NOT_EXECUTABLE)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                start_new_session=True,
                stdin=None if self._output is None else asyncio.subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._errors,
            )
        except FileNotFoundError:
            raise CannotStart(self._command[0], self._what_is_missing(), NOT_FOUND) from None
        except (OSError, ValueError) as error:
            number = error.errno if isinstance(error, OSError) else None
            raise CannotStart(self._command[0], self._why_not(number), NOT_EXECUTABLE) from None
        for number in self._missed:
            self.pass_on(number)

    @property
    def pid(self) -> int | None:
        """The id of the command's own process; None before it is started."""
        return self._process.pid if self._process else None

    def _what_is_missing(self) -> str:
        """The command, or what its first line says that it is run by."""
        found = shutil.which(self._command[0], path=self._environment.get("PATH"))
        if found is None:
            return "there is no such command"
        with contextlib.suppress(OSError), Path(found).open("rb") as file:
            first = file.readline(_LONGEST_FIRST_LINE).decode("utf-8", "replace").rstrip("\n")
            if first.startswith("#!"):
                interpreter = first.removeprefix("#!").strip(" \t").partition(" ")[0]
                return f"its first line names the interpreter {interpreter!r}, which is not there"
        return "it is there, but what runs it (its loader) is not"

    def _why_not(self, number: int | None) -> str:
        path = self._command[0]
        if number == errno.ENOEXEC:
            return "it is no program; a script begins with a line such as #!/bin/sh"
        if number == errno.EACCES and Path(path).is_dir():
            return "it is a folder"
        if number == errno.EACCES and Path(path).is_file():
            return f"it may not be run; chmod +x {shlex.quote(path)} lets it"
        return os.strerror(number or errno.EINVAL)

    def pass_on(self, number: signal.Signals) -> None:
        """Hand a signal to all its processes. After any but SIGINT they have ENDS_WITHIN seconds.

        Whoever sends a second one, of whatever kind, wants an end: they are asked to, then killed.
        """
        self._signals += 1
        if number is not signal.SIGINT or self._signals > 1:
            self._asked_to_end.set()
        if self._signals > 1:
            self._urged_to_end.set()
        if self._process is None:
            self._missed.append(number)
        else:
            self._signal(number)

    async def ended(self, timeout: float | None) -> int | None:
        """Its exit status as a shell gives it; None if it still ran after `timeout` seconds. Nothing of it is left."""
        assert self._process is not None
        ending = asyncio.ensure_future(self._process.wait())
        told = asyncio.ensure_future(self._asked_to_end.wait())
        urged = asyncio.ensure_future(self._urged_to_end.wait())
        try:
            await asyncio.wait({ending, told}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            is_late = not ending.done() and not told.done()
            if told.done() and not ending.done():
                await asyncio.wait(
                    {ending, urged}, timeout=self._ends_within, return_when=asyncio.FIRST_COMPLETED
                )
            await self.end()
            status = await ending
        finally:
            told.cancel()
            urged.cancel()
        if is_late:
            return None
        return status if status >= 0 else BY_SIGNAL - status

    async def end(self) -> None:
        """End every process of the session that is left: asked first, then killed."""
        if self._process is None or not self._signal(signal.SIGTERM):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._ends_within):
                while self._signal(None):
                    await asyncio.sleep(_LOOKS_EVERY)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals | None) -> bool:
        """Whether any process was there to get the signal; None only asks."""
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number or 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # on macOS, of processes that have ended and are not yet reaped
            return False
        return True
