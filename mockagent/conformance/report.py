"""The rows of a run: planned before anything happens, and each of them reported, whatever happens. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.protocol.events import Side

COURSE = "course"
"""The row for the scenario itself: was it played to its end?"""
CLOSE = "close"
"""The row for how the client ends its connection, and itself."""
OBSERVED = "observed"
"""The row for what the application writes of what it saw: can it be read?"""
OTHERS = "others"
"""The row for all requirements that the scenario does not ask about."""

FIRST, LAST = "sanity-first", "sanity-last"
"""The names of the sanity case, which is played before and after all others."""

OK, FAILED, KIT_FAILED, NOTHING_RAN, STALE_BASELINE, INCONCLUSIVE = 0, 1, 3, 4, 5, 6
"""The exit codes beside 2, which is a command that was not understood."""
STOPPED = 130
"""What shells give a program that the user has stopped."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question about one case: `asks` is COURSE, CLOSE, OBSERVED, OTHERS or the id of a requirement."""

    case: str
    asks: str
    sentence: str
    source: str = ""

    @property
    def id(self) -> str:
        """By which reports and baselines name it: "barge_in/SET-001"."""
        return f"{self.case}/{self.asks}"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a row. `frame` is the number of an event in the trace (0: none) and `what` that event in words.

    `place` is a line of the scenario, `reason` why there is no more to say. `session` counts the sessions of the case
    from 1 and says in whose trace the frame is (0: in none); `requirement` is the id of what was broken, if one was.
    """

    row: Row
    verdict: Verdict
    expected: str = ""
    got: str = ""
    reason: str = ""
    frame: int = 0
    what: str = ""
    place: str = ""
    pointer: str = ""
    nearest: str = ""
    session: int = 0
    requirement: str = ""

    @property
    def said(self) -> str:
        """What is known of it, in one line."""
        parts = (
            f"expected {self.expected}" if self.expected else "",
            f"got {self.got}" if self.got else "",
        )
        found = ", ".join(filter(None, parts))
        return "; ".join(filter(None, (found, self.reason)))


@dataclass(frozen=True, slots=True)
class CaseRun:
    """How a case went: seconds of the wall, the command's exit status (None: it was stopped), and its files.

    `output` is the end of what the command printed, `troubles` what the server could not do.
    """

    case: str
    seconds: float
    status: int | None
    files: Mapping[str, str] = field(default_factory=dict)
    output: str = ""
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. There is exactly one result for each planned row, in the order of the plan.

    `peer` is the side under test; of a server `command` is the URL alone, and `level` says nothing. A run that
    `is_stopped` has no more to say of what it skipped.
    """

    planned: tuple[Row, ...]
    results: tuple[Result, ...]
    runs: tuple[CaseRun, ...] = ()
    command: tuple[str, ...] = ()
    level: int = 0
    speed: float = 1.0
    replay: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    peer: Side = Side.CLIENT
    is_stopped: bool = False

    @property
    def totals(self) -> dict[Verdict, int]:
        """How many rows have each verdict; those that none has are left out."""
        counts = Counter(result.verdict for result in self.results)
        return {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}

    @property
    def scored(self) -> int:
        """How many rows say something about the client."""
        return sum(map(_is_scored, self.results))

    @property
    def exit_code(self) -> int:
        """What the whole amounts to."""
        if self.is_stopped:
            return STOPPED
        weights = {result.verdict.weight for result in self.results}
        if Weight.OURS in weights:
            return KIT_FAILED
        if Weight.BAD in weights:
            return FAILED
        if Weight.STALE in weights:
            return STALE_BASELINE
        beyond = [each for each in self.results if each.row.case not in (FIRST, LAST)]
        if not any(map(_is_scored, beyond)):
            return NOTHING_RAN
        courses = {each.verdict.weight for each in beyond if each.row.asks == COURSE}
        undecided = Weight.OPEN in (courses or weights) and Weight.GOOD not in (courses or weights)
        return INCONCLUSIVE if undecided else OK


def _is_scored(result: Result) -> bool:
    return result.verdict.weight not in (Weight.UNSCORED, Weight.OURS)


def in_words(results: Iterable[Result]) -> str:
    """How many results there are of each verdict: "PASS 3, WARN 1"."""
    counts = Counter(each.verdict for each in results)
    return ", ".join(f"{verdict} {counts[verdict]}" for verdict in Verdict if counts[verdict])


def one_for_each(planned: Iterable[Row], results: Iterable[Result]) -> tuple[Result, ...]:
    """The results in the order of the plan. A row without one, or with two, is the kit's own error."""
    found: dict[Row, list[Result]] = {}
    for result in results:
        found.setdefault(result.row, []).append(result)
    return tuple(_only(row, found.get(row, [])) for row in planned)


def _only(row: Row, results: list[Result]) -> Result:
    if len(results) == 1:
        return results[0]
    return Result(
        row, Verdict.HARNESS_ERROR, "one result", f"{len(results)}", "the kit lost count of its rows"
    )
