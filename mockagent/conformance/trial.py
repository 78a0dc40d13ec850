"""Plays one case with a client: a server, a port and a key of its own, the command beside it, and three clocks.

Whatever the command does, the case ends within a second of its deadline, and no process of it is left.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockagent.conformance.driving import Command, Driver, Task
from mockagent.conformance.observing import lines
from mockagent.conformance.planning import Case, Limits
from mockagent.conformance.seen import Clock, Seen, Witness
from mockagent.protocol.events import Dialect
from mockagent.server.app import Server
from mockagent.server.guest import Guest
from mockagent.server.notices import Notice, Ready, SessionClosed, Trouble, TurnedAway
from mockagent.server.options import Options

EXITS_WITHIN = 3.0
"""Seconds that a command has to end by itself once all its sessions are over."""

_DRAINS_WITHIN = 0.5
_LOOKS_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class How:
    """How cases are played: `folder` is for their files, `traces` whether the sessions are recorded there.

    `attach` gives the driver for clients that somebody else starts, on the address `host`; without it `command` is run.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    speed: float = 1.0
    limits: Limits = field(default_factory=Limits)
    traces: bool = False
    seed: int | None = None
    attach: Callable[[Task], Driver] | None = None
    host: str = "127.0.0.1"

    def driver(self, task: Task) -> Driver:
        """Who makes the client play it."""
        return self.attach(task) if self.attach else Command(self.command, self.environment, task)


async def tried(case: Case, how: How) -> Seen:
    """What was seen of the client in this case; CannotStart if there is no such command."""
    return await _Trial(case, how).run()


class _Trial:
    def __init__(self, case: Case, how: How) -> None:
        self._case = case
        self._how = how
        self._key = f"conform-{secrets.token_hex(16)}"
        self._folder = how.folder / case.id.replace("#", "-")
        self._seen = Seen(pace=how.speed)
        self._witnesses: dict[str, Witness] = {}
        self._server = Server(
            [case.scenario], self._options(), self._tell, self._witness, self._seen.handshakes.append
        )
        self._began = 0.0

    async def run(self) -> Seen:
        self._folder.mkdir(parents=True, exist_ok=True)
        ready = await self._server.start()
        try:
            task = self._task(ready)
            task.observations.unlink(missing_ok=True)
            driver = self._how.driver(task)
            self._seen.who = driver.who
            await self._play(driver)
        finally:
            await self._server.stop()
        self._seen.output, self._seen.files = driver.output()
        self._read(task.observations)
        return self._seen

    async def _play(self, driver: Driver) -> None:
        self._began = self._now()
        try:
            has_begun = await driver.start()
            waited, self._began = self._now(), self._began + self._now()
            if not has_begun:
                self._seen.late, self._seen.late_after = Clock.CONNECT, round(waited, 1)
                return
            ending = asyncio.ensure_future(driver.ended())
            self._seen.late = await self._watch(ending)
            if self._seen.late is not None:
                self._seen.late_after = round(self._now(), 1)
                await driver.end()
        finally:
            driver.clear()
        status = await ending
        self._seen.status = None if self._seen.late else status
        await self._server.drain(_DRAINS_WITHIN)
        driver.settle()
        self._seen.seconds = round(self._now(), 3)

    def _read(self, path: Path) -> None:
        """Take in what the application wrote, which is a file only if it is one."""
        if not path.is_file():
            return
        self._seen.files["observed"] = str(path)
        try:
            with path.open("rb") as file:
                text = file.read(lines.MOST_BYTES).decode("utf-8", "replace")
        except OSError as error:
            self._seen.troubles.append(f"cannot read {path}: {error.strerror or error}")
            return
        self._seen.observed = lines.read(text)

    async def _watch(self, ending: "asyncio.Future[int | None]") -> Clock | None:
        """Until the command has ended, or one of the clocks has run out."""
        limits, case = self._how.limits, self._case
        deadline = case.deadline(limits, self._how.speed)
        step_for = limits.step + case.pause / self._how.speed
        progress, moved_at, over_at = -1, 0.0, None
        while not ending.done():
            await asyncio.wait({ending}, timeout=_LOOKS_EVERY)
            now = self._now()
            if ending.done():
                break
            if now >= deadline:
                return Clock.CASE
            if not self._witnesses and now >= limits.connect:
                return Clock.CONNECT
            if self._is_over:
                over_at = now if over_at is None else over_at
                if now >= over_at + EXITS_WITHIN:
                    return Clock.EXIT
                continue
            over_at = None
            if (made := sum(each.progress for each in self._witnesses.values())) != progress:
                progress, moved_at = made, now
            elif self._witnesses and now >= moved_at + step_for:
                return Clock.STEP
        return None

    @property
    def _is_over(self) -> bool:
        """Whether there were as many sessions as there are to be, and the last of them has ended."""
        done = [each for each in self._seen.sessions if each.ending]
        return len(done) >= self._case.connections or any(not each.is_played for each in done)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _options(self) -> Options:
        return Options(
            host=self._how.host,
            speed=self._how.speed,
            api_keys=frozenset([self._key]),
            trace=self._folder if self._how.traces else None,
            seed=self._how.seed,
            journal=False,
            gives_up=True,
        )

    def _task(self, ready: Ready) -> Task:
        case, how = self._case, self._how
        is_v1 = case.scenario.dialect is Dialect.V1
        return Task(
            case.id,
            case.scenario.place.file,
            case.intent,
            case.deadline(how.limits, how.speed),
            ready,
            ready.url if is_v1 else ready.early_access_url,
            self._folder,
            self._key,
        )

    def _witness(self, guest: Guest) -> Witness:
        scenario = guest.scenario or self._case.scenario
        witness = Witness(guest.dialect, scenario.switches, len(self._seen.sessions) + 1)
        self._witnesses[guest.id] = witness
        self._seen.sessions.append(witness)
        return witness

    def _tell(self, notice: Notice) -> None:
        match notice:
            case SessionClosed():
                witness = self._witnesses[notice.session]
                witness.ending, witness.unmet = notice.ending, notice.unmet
                witness.trace = notice.trace or ""
            case TurnedAway(status=status, message=message):
                self._seen.refused.append(f"{status} {message}")
            case Trouble(text=text):
                self._seen.troubles.append(text)
