"""Plays one case with a client: a server, a port and a key of its own, the command beside it, and three clocks.

Whatever the command does, the case ends within a second of its deadline, and no process of it is left.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mockagent.conformance.planning import Case, Limits
from mockagent.conformance.processes import end_all, reap
from mockagent.conformance.seen import Clock, Seen, Witness
from mockagent.harness.child import Child
from mockagent.harness.surroundings import filled_in, surroundings_of_case
from mockagent.protocol.events import Dialect
from mockagent.server.app import Server
from mockagent.server.guest import Guest
from mockagent.server.notices import Notice, Ready, SessionClosed, Trouble, TurnedAway
from mockagent.server.options import Options

EXITS_WITHIN = 3.0
"""Seconds that a command has to end by itself once all its sessions are over."""

_ASKED_FOR = 0.2
"""Seconds between asking the command to end and killing it."""
_DRAINS_WITHIN = 0.5
_LOOKS_EVERY = 0.02
_TAIL = 2_000
"""Bytes of what the command printed last that a report shows."""


@dataclass(frozen=True, slots=True)
class How:
    """How cases are played: `folder` is for their files, `traces` whether the sessions are recorded there."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    speed: float = 1.0
    limits: Limits = field(default_factory=Limits)
    traces: bool = False
    seed: int | None = None


async def tried(case: Case, how: How) -> Seen:
    """What was seen of the client in this case; CannotStart if there is no such command."""
    return await _Trial(case, how).run()


class _Trial:
    def __init__(self, case: Case, how: How) -> None:
        self._case = case
        self._how = how
        self._key = f"conform-{secrets.token_hex(16)}"
        self._folder = how.folder / case.id.replace("#", "-")
        self._seen = Seen()
        self._witnesses: dict[str, Witness] = {}
        self._server = Server(
            [case.scenario], self._options(), self._tell, self._witness, self._seen.handshakes.append
        )
        self._began = 0.0

    async def run(self) -> Seen:
        self._folder.mkdir(parents=True, exist_ok=True)
        ready = await self._server.start()
        try:
            with self._file("stdout") as output, self._file("stderr") as errors:
                child = Child(
                    filled_in(self._how.command, ready, **self._places(ready)),
                    self._environment(ready),
                    output=output,
                    errors=errors,
                    ends_within=_ASKED_FOR,
                )
                await self._play(child)
        finally:
            await self._server.stop()
        self._seen.output = self._tail()
        return self._seen

    async def _play(self, child: Child) -> None:
        self._began = asyncio.get_running_loop().time()
        await child.start()
        ending = asyncio.ensure_future(child.ended(None))
        try:
            self._seen.late = await self._watch(ending)
            if self._seen.late is not None:
                self._seen.late_after = round(self._now(), 1)
                await child.end()
        finally:
            killed = end_all(self._key, child.pid)
        status = await ending
        self._seen.status = None if self._seen.late else status
        await self._server.drain(_DRAINS_WITHIN)
        reap([pid for pid in killed if pid != child.pid])
        self._seen.seconds = round(self._now(), 3)

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
            speed=self._how.speed,
            api_keys=frozenset([self._key]),
            trace=self._folder if self._how.traces else None,
            seed=self._how.seed,
            journal=False,
            gives_up=True,
        )

    def _places(self, ready: Ready) -> dict[str, str]:
        return {"key": self._key, "case": self._case.id, "url": self._url(ready)}

    def _url(self, ready: Ready) -> str:
        return ready.url if self._case.scenario.dialect is Dialect.V1 else ready.early_access_url

    def _environment(self, ready: Ready) -> dict[str, str]:
        limits, speed = self._how.limits, self._how.speed
        ours = {
            "MOCKAGENT_URL": self._url(ready),
            "MOCKAGENT_CASE": self._case.id,
            "MOCKAGENT_SCENARIO": str(self._case.scenario.place.file),
            "MOCKAGENT_INTENT": json.dumps(self._case.intent),
            "MOCKAGENT_OBSERVE": str((self._folder / "observed.jsonl").resolve()),
            "MOCKAGENT_DEADLINE_MS": str(round(1000 * self._case.deadline(limits, speed))),
        }
        return {**surroundings_of_case(self._how.environment, ready, self._key), **ours}

    def _file(self, name: str) -> IO[bytes]:
        return (self._folder / f"{name}.txt").open("wb")

    def _tail(self) -> str:
        data = b""
        for name in ("stderr", "stdout"):
            path = self._folder / f"{name}.txt"
            self._seen.files[name] = str(path)
            data = data or path.read_bytes()[-_TAIL:]
        return data.decode("utf-8", "replace").replace(self._key, "[redacted]")

    def _witness(self, guest: Guest) -> Witness:
        scenario = guest.scenario or self._case.scenario
        witness = Witness(guest.dialect, scenario.switches)
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
