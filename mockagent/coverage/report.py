"""Every row held against what was exercised: by whom it was, or the reason why it is not, or that there is none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import groupby

from mockagent.coverage.rows import Kind, Row
from mockagent.protocol.events import Dialect

WALK = "the walk"
"""By this name the walk through every cell stands beside the scenarios."""


class Why(StrEnum):
    """Why a row may be left out: nothing can exercise it, or nothing does so far."""

    UNREACHABLE = "unreachable"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Excuse:
    """The reason for which rows need not be exercised. In `groups` and `names` a `*` stands for anything."""

    kind: Kind
    why: Why
    reason: str
    dialects: tuple[Dialect, ...] = tuple(Dialect)
    groups: tuple[str, ...] = ("*",)
    names: tuple[str, ...] = ("*",)

    def covers(self, row: Row) -> bool:
        return (
            row.kind is self.kind
            and row.dialect in self.dialects
            and any(fnmatchcase(row.group, each) for each in self.groups)
            and any(fnmatchcase(row.name, each) for each in self.names)
        )


class Status(StrEnum):
    """What is to be said of a row."""

    EXERCISED = "exercised"
    EXCUSED = "excused"
    MISSING = "missing"
    STALE = "exercised, though excused"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, the names of the scenarios and traces that exercise it, and the excuse that covers it, if one does."""

    row: Row
    by: tuple[str, ...]
    excuse: Excuse | None

    @property
    def status(self) -> Status:
        if self.by:
            return Status.STALE if self.excuse else Status.EXERCISED
        return Status.EXCUSED if self.excuse else Status.MISSING

    @property
    def is_reachable(self) -> bool:
        """Whether it counts: a row that nothing can exercise does not, unless something does."""
        return bool(self.by) or self.excuse is None or self.excuse.why is not Why.UNREACHABLE


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a sort there are, and how many are exercised: at all, and by more than the walk."""

    title: str
    total: int
    exercised: int
    without_walk: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class Report:
    """Every row with what is to be said of it; `idle` are the excuses that cover no row at all."""

    entries: tuple[Entry, ...]
    idle: tuple[Excuse, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether each row is exercised or excused, and no excuse is out of date."""
        return not (self.of(Status.MISSING) or self.of(Status.STALE) or self.idle)

    def of(self, status: Status) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.status is status)

    def tallies(self) -> Iterator[Tally]:
        """One for the messages of each side, and so on, in the order of the rows."""
        for title, group in groupby(self.entries, lambda entry: _title(entry.row)):
            entries = list(group)
            counted = [entry for entry in entries if entry.is_reachable]
            exercised = [entry for entry in counted if entry.by]
            by_more = [entry for entry in exercised if entry.by != (WALK,)]
            yield Tally(title, len(counted), len(exercised), len(by_more), len(entries) - len(counted))


def reported(
    rows: Iterable[Row],
    exercised: Mapping[str, frozenset[Row]],
    excuses: Sequence[Excuse],
    standing: Sequence[Excuse] = (),
) -> Report:
    """The rows held against what each source, by its name, exercised.

    An excuse for what is exercised all the same is out of date, but for a `standing` one: that is not theirs to mend
    who asked for the report.
    """
    entries: list[Entry] = []
    used: set[int] = set()
    for row in rows:
        by = tuple(name for name, seen in exercised.items() if row in seen)
        covering = [number for number, excuse in enumerate(excuses) if excuse.covers(row)]
        used.update(covering)
        found = [excuses[number] for number in covering]
        if not by:
            found += [excuse for excuse in standing if excuse.covers(row)]
        entries.append(Entry(row, by, found[0] if found else None))
    idle = tuple(excuse for number, excuse in enumerate(excuses) if number not in used)
    return Report(tuple(entries), idle)


def _title(row: Row) -> str:
    group = "" if row.kind is Kind.CELL else f" {row.group}"
    return f"{row.kind} {row.dialect}{group}"
