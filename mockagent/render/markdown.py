"""A report as Markdown, for the summary page of a CI job: the outcome, the findings, the rows of each case. Pure."""

import re
from collections import Counter
from collections.abc import Iterator

from mockagent.conformance.report import Report, Result
from mockagent.conformance.verdicts import Verdict
from mockagent.render.plain import cut
from mockagent.render.words import OUTCOMES, cases_of, is_finding, name_of, peer_of, rows_of_cases

_MOST_FINDINGS = 50
_MOST_CASES = 1_000
_MOST_LETTERS = 400
_SPECIAL = re.compile(r"[\\`*_{}\[\]#|~<>&@$]")


def lines(report: Report) -> Iterator[str]:
    """The document, line by line; at most some hundred kilobytes, whatever a peer said."""
    outcome, sentence = OUTCOMES[report.exit_code]
    yield f"## Voice agent conformance: {outcome}"
    yield ""
    rows = rows_of_cases(len(report.results), len(cases_of(report)))
    yield f"{sentence} {rows} of <code>{_text(peer_of(report))}</code>."
    yield from ("", "| verdict | rows | |", "| --- | ---: | --- |")
    yield from (f"| {verdict} | {n} | {verdict.explanation} |" for verdict, n in report.totals.items())
    yield f"| all | {len(report.results)} | |"
    yield from _findings(report)
    yield from _cases(report)
    for note in report.notes:
        yield from ("", _text(note))


def _findings(report: Report) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Result]] = {}
    for each in filter(is_finding, report.results):
        key = (each.row.case, each.verdict.value, each.expected, each.got, each.reason)
        groups.setdefault(key, []).append(each)
    if not groups:
        return
    order = list(Verdict)
    worst_first = sorted(groups.values(), key=lambda group: order.index(group[0].verdict))
    yield from (
        "",
        "### Findings",
        "",
        "| verdict | row | what was found | frame |",
        "| --- | --- | --- | --- |",
    )
    for group in worst_first[:_MOST_FINDINGS]:
        yield _finding(group)
    if len(worst_first) > _MOST_FINDINGS:
        yield from ("", f"{len(worst_first) - _MOST_FINDINGS} more are in the full report.")
    yield from ("", "<details><summary>How to play these cases again</summary>", "")
    for case in list(dict.fromkeys(group[0].row.case for group in worst_first))[:_MOST_FINDINGS]:
        if replay := report.replay.get(case):
            yield f"- <code>{_text(replay)}</code>"
    yield from ("", "</details>")


def _finding(group: list[Result]) -> str:
    first = group[0]
    rest = f" and {len(group) - 1} more" if len(group) > 1 else ""
    row = f"{_text(first.row.case)} / {_text(name_of(first.row.asks))}{rest}"
    said = _text(first.said) if len(group) > 1 else f"{_text(first.row.sentence)}<br>{_text(first.said)}"
    where = " ".join(filter(None, (first.place, f"frame {first.frame}, {first.what}" if first.frame else "")))
    return f"| {first.verdict} | {row} | {said} | {_text(where)} |"


def _cases(report: Report) -> Iterator[str]:
    """How many rows of each case have each verdict: together, all that were planned."""
    cases = cases_of(report)
    verdicts = list(report.totals)
    if not cases:
        return
    yield from ("", f"<details><summary>All {len(cases)} cases</summary>", "")
    yield f"| case | rows | {' | '.join(verdicts)} |"
    yield f"| --- | ---: |{' ---: |' * len(verdicts)}"
    for case, results in list(cases.items())[:_MOST_CASES]:
        counts = Counter(each.verdict for each in results)
        told = " | ".join(str(counts[verdict] or "") for verdict in verdicts)
        yield f"| {_text(case)} | {len(results)} | {told} |"
    if len(cases) > _MOST_CASES:
        rest = [each for results in list(cases.values())[_MOST_CASES:] for each in results]
        yield f"| {len(cases) - _MOST_CASES} more | {len(rest)} | {' | ' * (len(verdicts) - 1)} |"
    yield from ("", "</details>")


def _text(words: str) -> str:
    """The words as nothing but words: no markup of Markdown or HTML, no mention, on one line."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", cut(words, _MOST_LETTERS))
