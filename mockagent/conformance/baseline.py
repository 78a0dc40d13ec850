"""Failures that are known: they become XFAIL, until they are gone or have been known for too long. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from mockagent.conformance.report import Result
from mockagent.conformance.verdicts import Verdict, Weight


@dataclass(frozen=True, slots=True)
class Known:
    """One entry: `row` is the id of a row, `*` in it stands for anything; `message` must be in what failed.

    `expires` is the last day, as YYYY-MM-DD, on which it holds.
    """

    row: str
    why: str
    message: str = ""
    issue: str = ""
    expires: str = ""


def by_baseline(results: Iterable[Result], known: Iterable[Known], today: str) -> list[Result]:
    """The results as the baseline has them; `today` is YYYY-MM-DD.

    An entry that stands for many rows is gone only when none of them fails.
    """
    found, entries = tuple(results), tuple(known)
    failing = frozenset(each for each in entries if any(_is_of(each, result) for result in found))
    return [_one(result, entries, failing, today) for result in found]


def _is_of(entry: Known, result: Result) -> bool:
    """Whether this is a failure that the entry knows."""
    is_bad = result.verdict.weight is Weight.BAD and fnmatchcase(result.row.id, entry.row)
    said = f"{result.verdict}: expected {result.expected}, got {result.got} {result.reason}"
    return is_bad and entry.message in said


def _one(result: Result, known: Iterable[Known], failing: frozenset[Known], today: str) -> Result:
    entry = next((each for each in known if fnmatchcase(result.row.id, each.row)), None)
    if entry is None or result.verdict.weight in (Weight.OURS, Weight.UNSCORED):
        return result
    why = f"{entry.why}{f' ({entry.issue})' if entry.issue else ''}"
    if result.verdict.weight is not Weight.BAD:
        if entry in failing:
            return result
        gone = f"a known failure did not happen: {why}; take it out of the baseline"
        return replace(result, verdict=Verdict.XPASS, reason=gone)
    if not _is_of(entry, result):
        return result
    if entry.expires and today > entry.expires:
        return replace(
            result, verdict=Verdict.XPASS, reason=f"known until {entry.expires}: {why}; {result.reason}"
        )
    return replace(result, verdict=Verdict.XFAIL, reason=f"known: {why}; {result.reason}")


def known_of(entry: Mapping[str, str]) -> Known:
    """The entry of a baseline file, which fits schemas/files/baseline.json."""
    return Known(**entry)
