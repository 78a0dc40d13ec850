"""A client under test, started for one session: a function in a thread, or a command in processes of its own."""

import asyncio
import inspect
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Any, Protocol, TypeAlias

from mockagent.harness.child import Child
from mockagent.harness.surroundings import KEY, filled_in, surroundings_of_case
from mockagent.server.notices import Ready

ClientCode: TypeAlias = Callable[[str], Any] | Sequence[str]
"""A function of the address to connect to, plain or async, or a command, told where to go as by `conform client`."""
_KILLED_AFTER = 0.5
"""Seconds that a command has when it is asked to end."""
_MOST_SAID = 300
"""Characters of what a command prints last."""


class Client(Protocol):
    """A client that has been started."""

    ended: asyncio.Event
    trouble: str
    """The error with which it ended; "" without one."""

    async def kill(self) -> None:
        """End it, where that can be done."""


async def started(client: ClientCode, ready: Ready) -> Client:
    """The client, on its way to the `url` of `ready`; CannotStart for a command that cannot be run."""
    if callable(client):
        return _Function(client, ready.url)
    command = _Command(client, ready)
    await command.start()
    return command


class _Function:
    """A client that is a function: in a thread of its own, which cannot be killed."""

    def __init__(self, client: Callable[[str], Any], url: str) -> None:
        self.ended = asyncio.Event()
        self.trouble = ""
        self._client = client
        self._url = url
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, daemon=True, name="client under test").start()

    async def kill(self) -> None:
        pass

    def _run(self) -> None:
        try:
            result = self._client(self._url)
            if inspect.isawaitable(result):
                asyncio.run(_awaited(result))
        except (Exception, SystemExit) as error:
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            with suppress(RuntimeError):  # it outlived the machine, whose loop is closed
                self._loop.call_soon_threadsafe(self.ended.set)


async def _awaited(result: Any) -> None:
    await result


class _Command:
    """A client that is a command. It gets no key of the user's, and what it leaves behind of processes ends with it."""

    def __init__(self, command: Sequence[str], ready: Ready) -> None:
        self.ended = asyncio.Event()
        self.trouble = ""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = Child(
            filled_in(command, ready),
            surroundings_of_case(os.environ, ready, KEY),
            output=self._errors,
            errors=self._errors,
            ends_within=_KILLED_AFTER,
        )
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._child.start()
        self._watching = asyncio.ensure_future(self._watch())

    async def kill(self) -> None:
        if not self.ended.is_set():
            self._child.pass_on(signal.SIGTERM)
            await self.ended.wait()

    async def _watch(self) -> None:
        status = await self._child.ended(None)
        if status:
            self.trouble = f"exit status {status}{self._said_last()}"
        self._errors.close()
        self.ended.set()

    def _said_last(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:_MOST_SAID]}" if lines else ""
