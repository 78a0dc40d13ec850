"""Plays one case with a server under test: a client for each connection of it, and the clocks that end it.

Whatever the server does, the case ends within its deadline.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from mockagent import __version__
from mockagent.client.account import Account
from mockagent.client.shell import ReferenceClient
from mockagent.conformance.planning import Case, Limits
from mockagent.conformance.seen import Clock, Seen, Witness
from mockagent.conformance.server.briefing import briefed
from mockagent.conformance.server.planning import lines_of_case
from mockagent.conformance.server.speech import Voice, synthesised, voiced
from mockagent.conformance.server.target import Target
from mockagent.protocol.events import Event, JsonObject, Side
from mockagent.protocol.handshake import answered
from mockagent.protocol.judge import Violation
from mockagent.protocol.trace import Header, unusual
from mockagent.scenario.course import Course
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import Lines
from mockagent.server.recorder import FileRecorder

_LOOKS_EVERY = 0.02
_GOES_WITHIN = 0.5
"""Seconds that a client which is stopped has to be gone."""


@dataclass(frozen=True, slots=True)
class How:
    """How cases are played. `folder` is for redacted traces, None without; `ends_at` is the loop's time at which the
    run's minutes are up. `told` counts how user turns were spoken; `endpoint` is where functions of the server are.
    """

    target: Target
    key: str = field(repr=False)
    words: Words
    voice: Voice
    folder: Path | None = None
    speed: float = 1.0
    limits: Limits = field(default_factory=Limits)
    endpoint: str = "https://functions.example.com/"
    ends_at: float = float("inf")
    told: Counter[str] = field(default_factory=Counter)


async def heard(case: Case, how: How) -> Seen:
    """What was seen of the server in this case."""
    return await _Trial(case, how).run()


class _Trial:
    def __init__(self, case: Case, how: How) -> None:
        self._case = case
        self._how = how
        self._seen = Seen()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def run(self) -> Seen:
        for attempt in range(1, len(self._case.scenario.attempts) + 2):
            await _Attempt(self._case, self._how, attempt, self._seen, self._began).run()
            if self._seen.late is not None or self._seen.troubles:
                break
        self._seen.seconds = round(self._loop.time() - self._began, 3)
        return self._seen


class _Attempt:
    """One connection."""

    def __init__(self, case: Case, how: How, number: int, seen: Seen, began: float) -> None:
        self._case = case
        self._how = how
        self._number = number
        self._seen = seen
        self._began = began
        self._loop = asyncio.get_running_loop()
        self._scenario = case.scenario.for_attempt(number)
        self._witness = Witness(
            self._scenario.dialect, self._scenario.switches, len(seen.sessions) + 1, side=Side.SERVER
        )
        self._recorder: FileRecorder | None = None
        self._course: Course | None = None

    async def run(self) -> None:
        try:
            lines = await asyncio.to_thread(self._lines)
        except (OSError, ValueError) as error:
            self._seen.troubles.append(f"the user's turns cannot be spoken: {error}")
            return
        self._course = Course(lines, self._scenario.dialect, words=self._how.words)
        client = ReferenceClient(
            self._scenario,
            lines,
            speed=self._how.speed,
            api_key=self._how.key,
            endpoint=self._how.endpoint,
            brief=lambda settings: self._brief(settings, lines),
            record=self._record,
        )
        playing = asyncio.ensure_future(client.play(self._url))
        try:
            await self._watch(playing)
        finally:
            playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({playing}, timeout=_GOES_WITHIN)
        self._conclude(client, playing)

    @property
    def _url(self) -> str:
        return self._how.target.for_case(self._scenario.name, self._case.id)

    def _lines(self) -> Lines:
        lines = lines_of_case(self._case, self._number, self._how.words)
        return voiced(lines, self._how.voice, synthesised, self._how.told)

    def _brief(self, settings: JsonObject, lines: Lines) -> JsonObject:
        if self._how.words is Words.EXACT:
            return settings
        return briefed(settings, lines, self._scenario.dialect)

    async def _watch(self, playing: "asyncio.Future[Account]") -> None:
        """Until the connection is over, or a clock has run out."""
        limits, speed = self._how.limits, self._how.speed
        deadline = self._began + self._case.deadline(limits, speed)
        connected_by = self._loop.time() + limits.connect
        step_for = limits.step + self._case.pause / speed
        progress, moved_at = -1, self._loop.time()
        while not playing.done():
            await asyncio.wait({playing}, timeout=_LOOKS_EVERY)
            now = self._loop.time()
            if playing.done():
                return
            if self._witness.progress != progress:
                progress, moved_at = self._witness.progress, now
            late = None
            if now >= self._how.ends_at:
                late = Clock.RUN
            elif now >= deadline:
                late = Clock.CASE
            elif not self._witness.frames and now >= connected_by:
                late = Clock.CONNECT
            elif self._witness.frames and now >= moved_at + step_for:
                late = Clock.STEP
            if late is not None:
                self._seen.late, self._seen.late_after = late, round(now - self._began, 1)
                return

    def _record(self, event: Event, violations: Sequence[Violation]) -> None:
        breaks = frozenset(each.requirement.id for each in violations) & self._case.on_purpose
        if not self._witness.frames:
            self._seen.sessions.append(self._witness)
            self._recorder = self._new_recorder()
        self._witness.record(event, violations, breaks)
        if self._course is not None:
            self._course.see(event)
        if self._recorder is not None:
            self._recorder.record(event, violations, breaks)

    def _conclude(self, client: ReferenceClient, playing: "asyncio.Future[Account]") -> None:
        assert self._course is not None
        witness = self._witness
        error = playing.exception() if playing.done() and not playing.cancelled() else None
        if error is not None:
            self._refused(error)
        is_over = client.is_over and self._course.is_complete
        witness.ending = "finished" if is_over else "unfinished"
        witness.unmet = self._course.unmet
        witness.answered = client.closed
        if self._recorder is not None:
            self._recorder.close(witness.ending, {})
            if self._recorder.path is not None:
                witness.trace = str(self._recorder.path)

    def _refused(self, error: BaseException) -> None:
        if self._witness.frames or not isinstance(error, WebSocketException | OSError | TimeoutError):
            self._seen.troubles.append(f"the client failed: {_told(error)}")
        else:
            self._seen.refused.append(_told(error))

    def _new_recorder(self) -> FileRecorder | None:
        if self._how.folder is None:
            return None
        number = f"-{self._number}" if self._number > 1 else ""
        switches = replace(self._scenario.switches, welcome_after=0.0)
        header = Header(
            __version__,
            self._scenario.dialect,
            self._scenario.name,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            self._how.speed,
            "faithful",
            f"{self._case.id}{number}",
            recorder=Side.CLIENT,
            switches=unusual(switches),
        )
        return FileRecorder(
            self._how.folder / f"{self._case.id.replace('#', '-')}{number}.jsonl",
            header,
            secret=self._how.key,
            trouble=self._seen.troubles.append,
        )


def _told(error: BaseException) -> str:
    """Why there was no connection, in words."""
    match error:
        case InvalidStatus(response=response):
            answer = answered(
                response.status_code, list(response.headers.raw_items()), bytes(response.body or b"")
            )
            said: Mapping[str, object] = answer.body or {}
            why = ": ".join(str(said[key]) for key in ("err_code", "err_msg") if key in said)
            return f"status {answer.status}{f' ({why})' if why else ''} in place of the upgrade"
        case BaseExceptionGroup(exceptions=(first, *_)):
            return _told(first)
        case TimeoutError():
            return "no answer to the handshake"
        case InvalidHandshake() | WebSocketException():
            cause = error.__cause__
            return f"no WebSocket: {error}{f' ({cause})' if cause else ''}"
        case OSError():
            return f"no connection: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"
