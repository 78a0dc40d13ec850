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
    """The results as the baseline has them; `today` is YYYY-MM-DD."""
    entries = tuple(known)
    return [_one(result, entries, today) for result in results]


def _one(result: Result, known: Iterable[Known], today: str) -> Result:
    entry = next((each for each in known if fnmatchcase(result.row.id, each.row)), None)
    if entry is None or result.verdict.weight in (Weight.OURS, Weight.UNSCORED):
        return result
    why = f"{entry.why}{f' ({entry.issue})' if entry.issue else ''}"
    if result.verdict.weight is not Weight.BAD:
        gone = f"a known failure did not happen: {why}; take it out of the baseline"
        return replace(result, verdict=Verdict.XPASS, reason=gone)
    said = f"{result.verdict}: expected {result.expected}, got {result.got} {result.reason}"
    if entry.message not in said:
        return result
    if entry.expires and today > entry.expires:
        return replace(
            result, verdict=Verdict.XPASS, reason=f"known until {entry.expires}: {why}; {result.reason}"
        )
    return replace(result, verdict=Verdict.XFAIL, reason=f"known: {why}; {result.reason}")


def known_of(entry: Mapping[str, str]) -> Known:
    """The entry of a baseline file, which fits schemas/files/baseline.json."""
    return Known(**entry)
