"""A coverage report as text, as Markdown, and as JSON values."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from mockagent.coverage.report import WALK, Entry, Report, Status, Tally
from mockagent.coverage.rows import Kind, Row
from mockagent.protocol.events import Dialect, JsonObject

_MOST_NAMED = 3
_MARKS = "✓ exercised by a scenario or trace · w by the walk alone · ✗ missing · blank: not exercised, with a reason"


def text(report: Report) -> Iterator[str]:
    """Lines: how much is exercised, and then what is not, with the reasons."""
    tallies = list(report.tallies())
    width = max((len(tally.title) for tally in tallies), default=0)
    for tally in tallies:
        yield f"{tally.title:{width}}  {tally.exercised:>4} of {tally.total}{_remark(tally)}"
    yield from _listed("missing, with no reason given:", _names(report, Status.MISSING))
    yield from _listed("excused, though something exercises it:", _names(report, Status.STALE))
    yield from _listed("excused, though there is no such row:", [excuse.reason for excuse in report.idle])
    yield from _listed("not exercised, for a reason:", _excused(report))


def markdown(report: Report) -> Iterator[str]:
    """A page: the tallies, each message and code with who exercises it, and the cells as a table for each dialect."""
    yield "# Protocol coverage"
    yield ""
    yield "| rows | exercised | of | without the walk | cannot be |"
    yield "| --- | --- | --- | --- | --- |"
    for tally in report.tallies():
        counts = (tally.exercised, tally.total, tally.without_walk, tally.unreachable)
        yield f"| {tally.title} | {' | '.join(map(str, counts))} |"
    rest = [entry for entry in report.entries if entry.row.kind is not Kind.CELL]
    for kind, entries in groupby(rest, lambda entry: entry.row.kind):
        yield from ("", f"## {kind.capitalize()}", "", "| row | exercised by |", "| --- | --- |")
        for entry in entries:
            yield f"| {entry.row} | {_by(entry)} |"
    for dialect in Dialect:
        yield from _cells(report, dialect)


def lines(report: Report) -> Iterator[JsonObject]:
    """A JSON object for each row, as `schemas/files/coverage.json` says, and one for the whole."""
    for entry in report.entries:
        row = entry.row
        yield {
            "kind": row.kind,
            "dialect": row.dialect,
            "group": row.group,
            "name": row.name,
            "status": entry.status,
            "by": list(entry.by),
            "reason": entry.excuse.reason if entry.excuse else None,
        }
    yield {
        "complete": report.is_complete,
        "tallies": [
            {
                "rows": tally.title,
                "exercised": tally.exercised,
                "of": tally.total,
                "without_walk": tally.without_walk,
                "unreachable": tally.unreachable,
            }
            for tally in report.tallies()
        ],
        "idle": [excuse.reason for excuse in report.idle],
    }


def _remark(tally: Tally) -> str:
    remarks = []
    if tally.without_walk < tally.exercised:
        remarks.append(f"{tally.without_walk} by scenarios, the others by the walk")
    if tally.unreachable:
        remarks.append(f"{tally.unreachable} more cannot be")
    return f" ({'; '.join(remarks)})" if remarks else ""


def _listed(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield ""
        yield title
        yield from (f"  {row}" for row in rows)


def _names(report: Report, status: Status) -> list[str]:
    """The rows of that status by name: the cells of one state, and what else goes together, on one line."""
    sizes = Counter(_group(entry) for entry in report.entries if entry.is_reachable)
    found = []
    for group, entries in groupby(report.of(status), _group):
        names = [entry.row.name for entry in entries]
        kind, dialect, name = group
        told = f"all {len(names)}" if len(names) == sizes[group] > 1 else ", ".join(names)
        found.append(f"{kind} {dialect} {name}: {told}")
    return found


def _group(entry: Entry) -> tuple[Kind, Dialect, str]:
    return entry.row.kind, entry.row.dialect, entry.row.group


def _excused(report: Report) -> list[str]:
    """Each reason, with the row that it is about or how many those are."""
    rows: dict[str, list[Row]] = {}
    for entry in report.of(Status.EXCUSED):
        rows.setdefault(_reason(entry), []).append(entry.row)
    return [
        f"{found[0] if len(found) == 1 else f'{len(found)} {found[0].kind}'}: {reason}"
        for reason, found in rows.items()
    ]


def _reason(entry: Entry) -> str:
    return entry.excuse.reason if entry.excuse else ""


def _by(entry: Entry) -> str:
    if not entry.by:
        return f"— {_reason(entry)}" if entry.excuse else "✗ missing"
    more = len(entry.by) - _MOST_NAMED
    return ", ".join(entry.by[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _cells(report: Report, dialect: Dialect) -> Iterator[str]:
    cells = {
        (entry.row.name, entry.row.group): entry
        for entry in report.entries
        if entry.row.kind is Kind.CELL and entry.row.dialect is dialect
    }
    if not cells:
        return
    states = dict.fromkeys(group for (_, group), entry in cells.items() if entry.is_reachable)
    yield from ("", f"## Cells of {dialect}", "", _MARKS, "")
    yield f"| the client sends | {' | '.join(state.replace('/', ' / ') for state in states)} |"
    yield f"| --- {'| --- ' * len(states)}|"
    for act in dict.fromkeys(act for act, _ in cells):
        yield f"| {act} | {' | '.join(_mark(cells[act, state]) for state in states)} |"


def _mark(entry: Entry) -> str:
    if not entry.by:
        return "" if entry.excuse else "✗"
    return "w" if entry.by == (WALK,) else "✓"
