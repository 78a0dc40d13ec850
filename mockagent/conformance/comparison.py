"""Two reports side by side: what came of each row before, and what comes of it now. Pure.

A row is worse when its verdict stands further up in the list of verdicts, which goes from the worst to the best; so one
that passed and is not tried any more is worse too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mockagent.conformance.report import Report, Result
from mockagent.conformance.verdicts import Verdict, Weight

_RANKS: Mapping[Verdict, int] = {verdict: rank for rank, verdict in enumerate(Verdict)}
_FAILING = frozenset({Weight.BAD, Weight.STALE, Weight.OURS})
_FIGURES = re.compile(r"\d+(\.\d+)?")
_GENERATED = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Kind(StrEnum):
    """How a row differs, in the order in which it is told."""

    NEWLY_FAILING = "newly failing"
    WORSE = "worse"
    ADDED_FAILING = "added, failing"
    CHANGED = "fails in another way"
    NEWLY_PASSING = "newly passing"
    BETTER = "better"
    ADDED = "added"
    REMOVED = "removed"

    @property
    def is_worse(self) -> bool:
        """Whether something got worse by it."""
        return self in (Kind.NEWLY_FAILING, Kind.WORSE, Kind.ADDED_FAILING)


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs; `old` is None where it was added, `new` where it was removed."""

    kind: Kind
    old: Result | None
    new: Result | None

    @property
    def id(self) -> str:
        """By which both reports name the row."""
        either = self.new or self.old
        return either.row.id if either else ""


def differences(old: Report, new: Report) -> list[Difference]:
    """Every row that differs, what got worse first; in each kind in the order of the plan."""
    before, after = _by_id(old.results), _by_id(new.results)
    ids = dict.fromkeys((*after, *before))
    found = [Difference(kind, a, b) for id in ids if (kind := _kind(a := before.get(id), b := after.get(id)))]
    order = list(Kind)
    return sorted(found, key=lambda each: order.index(each.kind))


def is_worse(found: Iterable[Difference]) -> bool:
    """Whether something got worse."""
    return any(each.kind.is_worse for each in found)


def _by_id(results: Iterable[Result]) -> dict[tuple[str, int], Result]:
    """The results by the id of the row, and by how many of that id came before."""
    return dict(_counted(results))


def _counted(results: Iterable[Result]) -> Iterator[tuple[tuple[str, int], Result]]:
    seen: Counter[str] = Counter()
    for result in results:
        seen[result.row.id] += 1
        yield (result.row.id, seen[result.row.id]), result


def _kind(old: Result | None, new: Result | None) -> Kind | None:
    if old is None and new is not None:
        return Kind.ADDED_FAILING if _fails(new) else Kind.ADDED
    if old is None or new is None:
        return Kind.REMOVED
    if old.verdict is new.verdict:
        return Kind.CHANGED if _fails(new) and _message(old) != _message(new) else None
    if _fails(old) is not _fails(new):
        if _fails(new):
            return Kind.NEWLY_FAILING
        return Kind.NEWLY_PASSING if new.verdict.weight is Weight.GOOD else Kind.BETTER
    return Kind.WORSE if _RANKS[new.verdict] < _RANKS[old.verdict] else Kind.BETTER


def _fails(result: Result) -> bool:
    return result.verdict.weight in _FAILING


def _message(result: Result) -> tuple[str, ...]:
    """What says how it fails; ids, and the figures of a reason, such as seconds, differ in every run."""
    said = (_GENERATED.sub("", each) for each in (result.expected, result.got, result.reason))
    expected, got, reason = said
    return (result.requirement, expected, got, _FIGURES.sub("0", reason))
