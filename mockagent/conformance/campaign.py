"""A whole run against one client: the kit's check of itself, the probe, the sanity case, every case, and it again."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mockagent.conformance.baseline import Known, by_baseline
from mockagent.conformance.bracket import bracketed, is_stopped
from mockagent.conformance.judging import NOT_IMPLEMENTED, results_of
from mockagent.conformance.planning import (
    OBEYS,
    OBSERVES,
    Case,
    Limits,
    cases_of,
    chosen,
    for_functions,
    replayed,
    sanity,
)
from mockagent.conformance.processes import inheriting_orphans
from mockagent.conformance.report import FIRST, LAST, CaseRun, Report, Result, in_words, one_for_each
from mockagent.conformance.seen import Clock, Seen
from mockagent.conformance.trial import How, tried
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.requirements import Requirement
from mockagent.scenario.model import Scenario
from mockagent.server.app import warm_up

REFERENCE = (sys.executable, "-P", "-m", "mockagent.testing.client")
"""The client that must pass everything, as a command."""

_CHECKS_AT = 10.0
"""How fast the kit checks itself, at least."""
_UNKNOWN = "a-word-that-no-driver-knows"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be tried: `only` are ids of cases (none: all), `level` None finds out by a probe.

    `known` are the failures of the baseline, as of `today` (YYYY-MM-DD)."""

    scenarios: Sequence[Scenario]
    sanity: Scenario
    only: frozenset[str] = frozenset()
    level: int | None = None
    jobs: int = 4
    known: Sequence[Known] = ()
    today: str = ""


class Campaign:
    """Tries a client. `tell` hears of each case as it ends, with its verdicts in words."""

    def __init__(
        self,
        wanted: Wanted,
        how: How,
        requirements: Mapping[str, Requirement],
        tell: Callable[[str, str], None] = lambda case, verdicts: None,
    ) -> None:
        self._wanted = wanted
        self._how = how
        self._requirements = requirements
        self._tell = tell
        self._runs: list[CaseRun] = []
        self._notes: list[str] = []
        self._functions: set[str] = set()

    async def run(self) -> Report:
        """What came of it; CannotStart if there is no such command, NoSuchName for a case that there is not."""
        warm_up()
        with inheriting_orphans():
            own = await self._check_itself()
            level = self._wanted.level
            if level is None:
                level = await self._probe()
            cases = self._cases(level)
            first, last = self._sanity(FIRST, level), self._sanity(LAST, level)
            planned = tuple(row for case in (first, *cases, last) for row in case.rows)
            if own:
                results = [replace(own, row=row) for row in planned]
            else:
                results = await self._score(first, cases, last, level)
        return Report(
            planned,
            tuple(by_baseline(one_for_each(planned, results), self._wanted.known, self._wanted.today)),
            tuple(self._runs),
            tuple(self._how.command),
            level,
            self._how.speed,
            {case.id: self._replay(case, level) for case in (first, *cases, last)},
            tuple(self._notes),
            is_stopped=is_stopped(),
        )

    async def _score(self, first: Case, cases: Sequence[Case], last: Case, level: int) -> list[Result]:
        return await bracketed(
            first,
            lambda: [for_functions(case, self._functions, level) for case in cases],
            last,
            lambda case: self._try(case, level),
            rest=[row for case in (*cases, last) for row in case.rows],
            jobs=self._wanted.jobs,
        )

    async def _try(self, case: Case, level: int) -> list[Result]:
        if case.skipped:
            return results_of(case, Seen(), self._requirements, level)
        seen = await tried(case, self._how)
        self._functions |= {name for each in seen.sessions for name in each.functions}
        results = results_of(case, seen, self._requirements, level)
        files = {**seen.files}
        files |= {f"trace-{each.session}": each.trace for each in seen.sessions if each.trace}
        self._runs.append(
            CaseRun(case.id, seen.seconds, seen.status, files, seen.output, tuple(seen.troubles))
        )
        self._tell(case.id, in_words(results))
        return results

    async def _check_itself(self) -> Result | None:
        """Nothing when the reference client passes the sanity case; otherwise the kit is what is wrong."""
        speed = max(self._how.speed, _CHECKS_AT)
        case = sanity(self._wanted.sanity, "self-check", self._requirements, OBSERVES, speed)
        how = replace(self._how, command=REFERENCE, attach=None, traces=False, speed=speed, limits=Limits())
        seen = await tried(case, how)
        bad = [
            each
            for each in results_of(case, seen, self._requirements, OBSERVES)
            if each.verdict is not Verdict.PASS
        ]
        if not bad:
            return None
        reason = f"the kit's own client fails its own check: {bad[0].row.asks}: {bad[0].reason} {seen.output}"
        return replace(bad[0], verdict=Verdict.HARNESS_ERROR, reason=reason.strip())

    async def _probe(self) -> int:
        """1 for a client that exits with 127 when it is asked for what nobody knows, else 0; 2 if it also observes."""
        case = self._sanity("probe", 0)
        seen = await tried(replace(case, intent={"do": _UNKNOWN}), self._how)
        level = OBEYS if seen.status == NOT_IMPLEMENTED else 0
        how = f"exited with {seen.status}" if seen.late in (None, Clock.EXIT) else "went on"
        how = "never came" if seen.late is Clock.CONNECT else how
        obeys = "it obeys intents" if level else "it is judged by what the server leads"
        if level:
            reason = await self._probe_observing()
            level = OBEYS if reason else OBSERVES
            obeys += f", and {reason or 'its application tells what it saw'}"
        self._notes.append(f"level {level}: asked for an intent that nobody knows, {seen.who} {how}; {obeys}")
        return level

    async def _probe_observing(self) -> str:
        """Why a client that obeys is not of level 2; "" if it is."""
        seen = await tried(self._sanity("probe-observing", OBSERVES), self._how)
        if seen.observed is None:
            return "its application wrote nothing of what it saw"
        if seen.observed.broken:
            return "what its application wrote of what it saw cannot be read"
        return "" if seen.observed.is_valid else "its application did not tell of messages and of audio"

    def _sanity(self, id: str, level: int) -> Case:
        return sanity(self._wanted.sanity, id, self._requirements, level, self._how.speed)

    def _cases(self, level: int) -> list[Case]:
        cases = cases_of(self._wanted.scenarios, self._requirements, level=level, speed=self._how.speed)
        return chosen(cases, self._wanted.only)

    def _replay(self, case: Case, level: int) -> str:
        """The command line that plays this case again."""
        file = case.scenario.place.file
        which = f"{file}#{case.play}" if case.play > 1 else str(file)
        options = f" --level {level}{replayed(self._how.speed, self._how.limits)}"
        options += f" --seed {self._how.seed}" if self._how.seed is not None else ""
        told = "--attach" if self._how.attach else f"-- {shlex.join(self._how.command)}"
        return f"mockagent conform client {shlex.quote(which)}{options} {told}"
