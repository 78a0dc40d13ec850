"""What every format says of a report in the same words, and which of its rows come first. Pure."""

import shlex
from collections.abc import Mapping

from mockagent.conformance.report import (
    CLOSE,
    COURSE,
    FAILED,
    INCONCLUSIVE,
    KIT_FAILED,
    NOTHING_RAN,
    OBSERVED,
    OK,
    OTHERS,
    STALE_BASELINE,
    STOPPED,
    Report,
    Result,
)
from mockagent.conformance.verdicts import Weight

NAMES: Mapping[str, str] = {
    COURSE: "the scenario",
    CLOSE: "the close",
    OTHERS: "any other requirement",
    OBSERVED: "what it saw",
}
"""What a row asks about that is no requirement."""

OUTCOMES: Mapping[int, tuple[str, str]] = {
    OK: ("conforms", "Nothing that was scored was broken."),
    FAILED: ("fails", "Something was broken that the baseline does not know."),
    KIT_FAILED: ("no verdict", "The kit itself went wrong."),
    NOTHING_RAN: ("nothing ran", "No row says anything about the peer."),
    STALE_BASELINE: (
        "stale baseline",
        "A failure that the baseline knows is gone, or has been known too long.",
    ),
    INCONCLUSIVE: ("inconclusive", "What was seen allows no verdict."),
    STOPPED: ("stopped", "The run was stopped before all of it was done."),
}
"""What each exit code of a report amounts to, in a word or two and as a sentence."""

_FINDINGS = frozenset({Weight.OURS, Weight.BAD, Weight.STALE, Weight.OPEN})


def is_finding(result: Result) -> bool:
    """Whether somebody has to look at it."""
    return result.verdict.weight in _FINDINGS


def name_of(asks: str) -> str:
    """What a row asks about, for a reader."""
    return NAMES.get(asks, asks)


def rows_of_cases(count: int, cases: int) -> str:
    """How many rows there are, of how many cases."""
    return f"{count} rows of {cases} cases" if count else "no rows"


def good(report: Report) -> int:
    """How many rows speak for the peer."""
    return sum(result.verdict.weight is Weight.GOOD for result in report.results)


def cases_of(report: Report) -> dict[str, list[Result]]:
    """The results of each case, in the order of the plan."""
    cases: dict[str, list[Result]] = {}
    for result in report.results:
        cases.setdefault(result.row.case, []).append(result)
    return cases


def peer_of(report: Report) -> str:
    """What was held against the protocol, as one would type it."""
    return shlex.join(report.command)
