"""A report for a person: what failed first, each with what was expected, what came, and how to play it again. Pure."""

from collections.abc import Iterator

from mockagent.conformance.report import Report, Result
from mockagent.conformance.verdicts import Verdict
from mockagent.render.words import NAMES, cases_of, is_finding, name_of, rows_of_cases

_REMARKED = frozenset({Verdict.WARN, Verdict.UNIMPLEMENTED, Verdict.SKIPPED, Verdict.NOT_APPLICABLE})
_MOST_OUTPUT = 10


def lines(report: Report) -> Iterator[str]:
    """The report, line by line. What has the same reason as the row before it is told once, with its rows."""
    for results in cases_of(report).values():
        yield from _of_case(report, results)
    yield from _remarks(report)
    yield from report.notes
    yield total(report)


def total(report: Report) -> str:
    """One line: how many rows there are, and of each verdict."""
    counts = ", ".join(f"{verdict} {count}" for verdict, count in report.totals.items())
    cases = len({row.case for row in report.planned})
    rows = rows_of_cases(len(report.results), cases)
    return f"{rows}: {counts}" if counts else rows


def _of_case(report: Report, results: list[Result]) -> Iterator[str]:
    shown = [result for result in results if is_finding(result)]
    if not shown:
        return
    told: dict[tuple[str, str, str, str], list[Result]] = {}
    for result in shown:
        told.setdefault((result.verdict, result.expected, result.got, result.reason), []).append(result)
    for group in told.values():
        yield from _failure(group)
    case = shown[0].row.case
    yield from (f"      printed: {line}" for line in _output(report, case))
    yield f"      replay:   {report.replay.get(case, '')}"
    yield ""


def _failure(group: list[Result]) -> Iterator[str]:
    first = group[0]
    if len(group) > 1:
        yield f"{first.verdict}  {first.row.case}: {', '.join(name_of(each.row.asks) for each in group)}"
    else:
        yield f"{first.verdict}  {first.row.id}  {first.row.sentence}"
    said = {
        "at": " ".join(filter(None, (first.place, first.pointer))),
        "frame": f"{first.frame}, {first.what}" if first.frame else "",
        "expected": first.expected,
        "got": first.got,
        "nearest": first.nearest,
        "because": first.reason,
        "source": first.row.source if first.row.asks not in NAMES and len(group) == 1 else "",
    }
    yield from (f"      {name + ':':9} {text}" for name, text in said.items() if text)


def _output(report: Report, case: str) -> list[str]:
    run = next((run for run in report.runs if run.case == case), None)
    return run.output.strip().splitlines()[-_MOST_OUTPUT:] if run and run.output.strip() else []


def _remarks(report: Report) -> Iterator[str]:
    """What is neither good nor bad: once for each reason, with the rows that have it."""
    told: dict[tuple[Verdict, str], list[str]] = {}
    for result in report.results:
        if result.verdict in _REMARKED:
            found = f"expected {result.expected}, got {result.got}" if result.expected else ""
            why = "; ".join(filter(None, (found, result.reason)))
            told.setdefault((result.verdict, why), []).append(result.row.id)
    for (verdict, why), ids in told.items():
        cases = list(dict.fromkeys(id.partition("/")[0] for id in ids))
        which = ids[0] if len(ids) == 1 else f"{len(ids)} rows of {', '.join(cases)}"
        yield f"{verdict}  {which}: {why}"
