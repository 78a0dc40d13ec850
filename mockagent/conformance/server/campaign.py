"""A whole run against one server: the kit checks itself, then sanity, handshakes, every case, and sanity again."""

import asyncio
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from mockagent.client.endpoint import functions
from mockagent.conformance.baseline import Known, by_baseline
from mockagent.conformance.bracket import bracketed, is_stopped
from mockagent.conformance.planning import Case, Limits, chosen, replayed
from mockagent.conformance.report import FIRST, LAST, CaseRun, Report, Result, Row, in_words, one_for_each
from mockagent.conformance.seen import Seen
from mockagent.conformance.server import handshakes
from mockagent.conformance.server.handshakes import HANDSHAKE
from mockagent.conformance.server.judging import server_results
from mockagent.conformance.server.planning import Terms, server_cases, server_sanity
from mockagent.conformance.server.speech import Voice
from mockagent.conformance.server.target import Target
from mockagent.conformance.server.trial import How, heard
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.handshake import Handshake
from mockagent.protocol.redaction import REDACTED
from mockagent.protocol.requirements import Requirement
from mockagent.scenario.duties import Words
from mockagent.scenario.model import Scenario
from mockagent.server.app import Server, warm_up
from mockagent.server.options import Options

_CHECKS_AT = 10.0
"""How fast the kit checks itself, at least."""
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be tried: `only` are ids of cases (none: all). The run takes at most `minutes`.

    `knocks` asks for the handshakes too; `knows_key` says that the key of the run is one that the server knows, so
    that it has to refuse a made-up one. `known` are the failures of the baseline, as of `today` (YYYY-MM-DD).
    """

    scenarios: Sequence[Scenario]
    sanity: Scenario
    only: frozenset[str] = frozenset()
    jobs: int = 4
    minutes: float = 60.0
    knocks: bool = True
    knows_key: bool = False
    known: Sequence[Known] = ()
    today: str = ""


class ServerCampaign:
    """Tries a server. `tell` hears of each case as it ends, with its verdicts in words."""

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
        self._terms = Terms(how.words, how.target.is_here)
        self._runs: list[CaseRun] = []
        self._handshakes: list[Handshake] = []

    async def run(self) -> Report:
        """What came of it; NoSuchName for a case that there is not."""
        warm_up()
        cases = self._cases()
        first, last = self._sanity(FIRST), self._sanity(LAST)
        knocks = self._knocks()
        middle = (knocks, *cases) if knocks is not None else tuple(cases)
        every = (first, *middle, last)
        planned = tuple(row for case in every for row in case.rows)
        with functions() as endpoint:
            own = await self._check_itself(endpoint)
            ends_at = asyncio.get_running_loop().time() + _MINUTE * self._wanted.minutes
            self._how = replace(self._how, endpoint=endpoint, ends_at=ends_at)
            if own is not None:
                results = [replace(own, row=row) for row in planned]
            else:
                rest = [row for case in every[1:] for row in case.rows]
                results = await bracketed(
                    first, lambda: middle, last, self._try, rest=rest, jobs=self._wanted.jobs
                )
        shown = [self._without_key(each) for each in one_for_each(planned, results)]
        return Report(
            planned,
            tuple(by_baseline(shown, self._wanted.known, self._wanted.today)),
            tuple(self._runs),
            (self._how.target.shown,),
            0,
            self._how.speed,
            {case.id: self._replay(case) for case in every},
            tuple(self._notes()),
            Side.SERVER,
            is_stopped(),
        )

    async def _try(self, case: Case) -> list[Result]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not case.skipped and began + case.lasts / self._how.speed > self._how.ends_at:
            why = f"the run may take {self._wanted.minutes:g} minutes, of which too little is left for this"
            return [Result(row, Verdict.SKIPPED, reason=why) for row in case.rows]
        if case.id == HANDSHAKE:
            results = await self._knock(case.rows)
            self._runs.append(CaseRun(case.id, round(loop.time() - began, 3), None))
        else:
            seen = Seen() if case.skipped else await heard(case, self._how)
            results = server_results(case, seen, self._requirements, self._how.words)
            if not case.skipped:
                self._runs.append(self._run_of(case, seen))
        self._tell(case.id, in_words(results))
        return results

    async def _knock(self, rows: Sequence[Row]) -> list[Result]:
        tries = handshakes.knocks(self._how.key, self._wanted.knows_key)
        scenario, within = self._wanted.sanity.name, self._how.limits.connect
        for each in tries:
            if asyncio.get_running_loop().time() < self._how.ends_at:
                self._handshakes.append(await handshakes.tried(self._how.target, scenario, each, within))
        return handshakes.results(rows, self._handshakes, self._requirements)

    async def _check_itself(self, endpoint: str) -> Result | None:
        """Nothing when this project's own server passes the sanity case; otherwise the kit is what is wrong."""
        speed = max(self._how.speed, _CHECKS_AT)
        key = f"conform-{secrets.token_hex(16)}"
        scenario = self._wanted.sanity
        server = Server([scenario], Options(speed=speed, api_keys=frozenset([key]), journal=False))
        ready = await server.start()
        try:
            url = ready.url if scenario.dialect is Dialect.V1 else ready.early_access_url
            how = How(Target(url), key, Words.EXACT, Voice.TONES, None, speed, Limits(), endpoint)
            case = server_sanity(scenario, "self-check", self._requirements, Terms(Words.EXACT))
            seen = await heard(case, how)
        finally:
            await server.stop()
        results = server_results(case, seen, self._requirements, Words.EXACT)
        bad = [each for each in results if each.verdict is not Verdict.PASS]
        if not bad:
            return None
        reason = f"the kit's own server fails its own check: {bad[0].row.asks}: {bad[0].reason}"
        return replace(bad[0], verdict=Verdict.HARNESS_ERROR, reason=reason)

    def _sanity(self, id: str) -> Case:
        return server_sanity(self._wanted.sanity, id, self._requirements, self._terms)

    def _knocks(self) -> Case | None:
        if not self._wanted.knocks:
            return None
        rows = handshakes.rows(self._requirements)
        return Case(HANDSHAKE, self._wanted.sanity, 1, {}, 0.0, 0.0, rows)

    def _cases(self) -> list[Case]:
        cases = server_cases(self._wanted.scenarios, self._requirements, self._terms)
        return chosen(cases, self._wanted.only)

    def _replay(self, case: Case) -> str:
        """The command line that plays this case again."""
        file = case.scenario.place.file
        which = f"{file}#{case.play}" if case.play > 1 else str(file)
        options = replayed(self._how.speed, self._how.limits)
        words = (
            ""
            if (self._how.words is Words.EXACT) is self._how.target.names_scenarios
            else (f" --words {self._how.words}")
        )
        url = shlex.quote(self._how.target.shown)
        return f"mockagent conform server {url} {shlex.quote(which)}{words}{options}"

    def _notes(self) -> list[str]:
        """How the server was tried, as far as it matters for what was found."""
        words = {
            Words.EXACT: "words exact: the server is taken to play the scenario that it is told to play",
            Words.FREE: "words free: what the agent says is held to shape and order only",
        }
        spoken = ", ".join(f"{count} {how}" for how, count in sorted(self._how.told.items()))
        seconds = sum(run.seconds for run in self._runs)
        return [
            words[self._how.words],
            f"user turns: {spoken or 'none'}",
            f"connected for {seconds / _MINUTE:.1f} minutes",
        ]

    def _run_of(self, case: Case, seen: Seen) -> CaseRun:
        files = {f"trace-{each.session}": each.trace for each in seen.sessions if each.trace}
        troubles = tuple(text.replace(self._how.key, REDACTED) for text in seen.troubles)
        return CaseRun(case.id, seen.seconds, None, files, "", troubles)

    def _without_key(self, result: Result) -> Result:
        """The result as it may be shown, whatever the server has said of the key."""
        key = self._how.key
        texts = {
            each.name: getattr(result, each.name) for each in fields(Result) if each.name not in _NO_TEXT
        }
        return replace(
            result, **{name: text.replace(key, REDACTED) for name, text in texts.items() if key in text}
        )


_NO_TEXT = frozenset({"row", "verdict", "frame", "session"})
