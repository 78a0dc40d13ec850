"""A server for a test: it runs in a thread of its own, keeps all that happens, and says at the end what is wrong.

Nothing polls and nothing sleeps: whoever waits is woken by the server's thread.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from threading import Thread
from types import TracebackType
from typing import Any

from mockagent import loops
from mockagent.errors import NoSuchName
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.scenario.matching import matches, one_line
from mockagent.scenario.model import Pattern, Scenario
from mockagent.server.app import Server
from mockagent.server.notices import Finding, Ready
from mockagent.server.options import Options
from mockagent.testing.sessions import Log, Session
from mockagent.testing.shortfall import came_instead
from mockagent.testing.verdict import Expectation, complaints

WAITS_FOR = 5.0
"""Seconds that a test waits for a message, unless it says otherwise."""
ENDS_WITHIN = 1.0
"""Seconds that a session has, once the test is done, to notice that its client is gone."""
ENDS_BEFORE_SILENCE = 5.0
"""The same in session seconds: less than the service puts up with silence, so that the wait causes no finding."""
_STOPS_WITHIN = 10.0


class RunningServer:
    """Serves `scenarios` on a free port from the moment it is made until `stop`.

    As a context manager it stops at the end of the block and then checks; when the block has failed, it only stops.
    """

    def __init__(self, scenarios: Sequence[Scenario], options: Options, expected: Expectation) -> None:
        self.scenarios = tuple(scenarios)
        self._options = options
        self._expected = expected
        self._log = Log()
        self._given: set[tuple[int, int]] = set()
        self._faults: list[str] = []
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        ready: Future[Ready] = Future()
        self._thread = Thread(target=lambda: loops.run(self._run(ready)), name="mockagent", daemon=True)
        self._thread.start()
        self._ready = ready.result()

    @property
    def url(self) -> str:
        """Where clients of the v1 dialect connect: ws://127.0.0.1:PORT/v1/agent/converse."""
        return self._ready.url

    @property
    def early_access_url(self) -> str:
        """Where clients of the early access dialect connect."""
        return self._ready.early_access_url

    @property
    def http_url(self) -> str:
        """Where the server answers plain requests, without a path."""
        return self._ready.http_url

    @property
    def sessions(self) -> list[Session]:
        """Every session so far, in the order in which the clients came."""
        return self._log.sessions

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What clients have sent, session after session, each in its order."""
        return [message for session in self.sessions for message in session.messages]

    @property
    def findings(self) -> list[Finding]:
        """Every requirement seen broken, by either side, other than what the scenario breaks on purpose."""
        return [finding for session in self.sessions for finding in session.findings]

    @property
    def troubles(self) -> list[str]:
        """What the server could not do, such as call a function, and how it could."""
        return list(self._log.troubles)

    @property
    def trace(self) -> list[dict[str, Any]]:
        """The trace of the newest session, one object a line; empty before there is one."""
        return self.sessions[-1].trace if self.sessions else []

    def wait_for(self, pattern: str | Mapping[str, Pattern], timeout: float = WAITS_FOR) -> dict[str, Any]:
        """The first client message that fits, now or within `timeout` seconds; each message is given only once.

        `pattern` is a type of message, or an object as in a scenario's `client:` step. AssertionError says what
        came instead; NoSuchName means that no client ever sends a message of that type. A coroutine waits by
        `await asyncio.to_thread(server.wait_for, …)`, so that its own client can go on.
        """
        __tracebackhide__ = True
        wanted = _pattern(pattern)
        found = self._log.wait(lambda: self._next(wanted), timeout)
        if found is None:
            raise AssertionError(self._missing(f"a message: {one_line(wanted)}", timeout, wanted))
        return found

    def wait_for_audio(
        self, *, bytes: int | None = None, seconds: float | None = None, timeout: float = WAITS_FOR
    ) -> int:
        """How many bytes of audio clients have sent, once it is so many, or so many seconds of sound."""
        __tracebackhide__ = True
        if (bytes is None) == (seconds is None):
            raise TypeError("wait_for_audio takes either bytes or seconds")
        enough = self._log.wait(lambda: self._heard_enough(bytes, seconds), timeout)
        heard = sum(session.audio_bytes for session in self.sessions)
        if not enough:
            wanted = f"{bytes} bytes" if seconds is None else f"{seconds:g} s"
            lasts = sum(session.audio_seconds for session in self.sessions)
            raise AssertionError(
                self._missing(f"{wanted} of audio (got {heard} bytes, {lasts:.2f} s)", timeout)
            )
        return heard

    def wait_for_close(self, sessions: int = 1, timeout: float = WAITS_FOR) -> list[Session]:
        """The sessions that are over, once there are so many."""
        __tracebackhide__ = True
        closed = self._log.wait(
            lambda: [each for each in self.sessions if each.closed] if self._closed() >= sessions else [],
            timeout,
        )
        if not closed:
            raise AssertionError(self._missing(f"the end of {sessions} session(s)", timeout))
        return closed

    def stop(self, patience: float = 0.0) -> None:
        """End the server, after at most `patience` seconds in which open sessions may end by themselves."""
        if not self._thread.is_alive():
            return
        self._log.wait(lambda: self._closed() == len(self.sessions), patience)
        assert self._loop is not None and self._server is not None
        self._loop.call_soon_threadsafe(self._server.enough)
        self._thread.join(_STOPS_WITHIN)
        if self._thread.is_alive():
            self._faults.append(f"the server at {self.url} does not end")

    def finish(self) -> None:
        """Stop, leaving sessions a moment to end where they are expected to."""
        patience = min(ENDS_WITHIN, ENDS_BEFORE_SILENCE / self._options.speed)
        self.stop(patience if self._expected.finished else 0.0)

    def complaints(self) -> list[str]:
        """What is wrong so far, one line each; an open session counts as one that did not come to its end."""
        faults = [f"mockagent itself failed: {fault}" for fault in self._faults]
        return faults + complaints(
            self.sessions, self.scenarios, self._expected, self.url, self._log.turned_away
        )

    def is_quiet(self) -> bool:
        """Whether no session is open, also after all that has come in by now is dealt with."""
        if self._thread.is_alive() and self._loop is not None:
            asyncio.run_coroutine_threadsafe(_two_rounds(), self._loop).result(_STOPS_WITHIN)
        return self._closed() == len(self.sessions)

    def check(self) -> None:
        """AssertionError with every complaint; nothing when there is none."""
        __tracebackhide__ = True
        found = self.complaints()
        if found:
            raise AssertionError("\n".join(found))

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        if kind is not None:
            self.stop()
        else:
            self.finish()
            self.check()

    async def _run(self, ready: "Future[Ready]") -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._note_fault)
        try:
            self._server = Server(self.scenarios, self._options, self._log.tell, self._log.open)
            addresses = await self._server.start()
        except BaseException as error:
            ready.set_exception(error)
            return
        ready.set_result(addresses)
        try:
            await self._server.wait()
            await self._server.stop()
        except Exception as error:
            self._faults.append(repr(error))

    def _note_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._faults.append(f"{context['message']}: {context.get('exception')!r}")

    def _next(self, wanted: Mapping[str, Pattern]) -> dict[str, Any] | None:
        for session in self.sessions:
            for index, message in enumerate(session.messages):
                if (session.number, index) not in self._given and matches(wanted, message):
                    self._given.add((session.number, index))
                    return message
        return None

    def _heard_enough(self, bytes: int | None, seconds: float | None) -> bool:
        if seconds is None:
            return sum(session.audio_bytes for session in self.sessions) >= (bytes or 0)
        return sum(session.audio_seconds for session in self.sessions) >= seconds

    def _closed(self) -> int:
        return sum(session.closed is not None for session in self.sessions)

    def _missing(self, what: str, timeout: float, wanted: Mapping[str, Pattern] | None = None) -> str:
        lines = [f"waited {timeout:g} s for {what}", *came_instead(self.sessions, wanted)]
        if not self.sessions:
            lines.append(f"no client has connected to {self.url}")
        if _in_event_loop():
            lines.append("this thread's event loop stood still meanwhile: await asyncio.to_thread(…) instead")
        return "\n  ".join(lines)


async def _two_rounds() -> None:
    """One round of the loop to look at its sockets, one to deal with what was there."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _pattern(pattern: str | Mapping[str, Pattern]) -> Mapping[str, Pattern]:
    if not isinstance(pattern, str):
        return pattern
    known = sorted({type for dialect in Dialect for type in TYPES[dialect, Side.CLIENT]})
    if pattern not in known:
        raise NoSuchName("client message", pattern, known)
    return {"type": pattern}


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
