"""Requirements against cases: every row of the report is in one cell. Pure."""

from collections.abc import Callable, Mapping, Sequence

from mockagent.conformance.report import Report
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.protocol.requirements import Requirement
from mockagent.render.html.findings import Numbered, numbered
from mockagent.render.html.markup import text
from mockagent.render.html.verdicts import SIGNS, class_of
from mockagent.render.words import NAMES, cases_of, name_of


def matrix(report: Report, requirements: Mapping[str, Requirement], target: Callable[[Numbered], str]) -> str:
    """The table; `target` is where the page tells of a row."""
    cases = {case: number for number, case in enumerate(cases_of(report), 1)}
    cells: dict[tuple[str, str], list[Numbered]] = {}
    for each in numbered(report):
        cells.setdefault((each.result.row.asks, each.result.row.case), []).append(each)
    heads = "".join(_head(case, number) for case, number in cases.items())
    rows = "".join(_row(asks, cases, cells, requirements, target) for asks in _asked(report))
    return (
        '<div class="scroll matrix" tabindex="0" role="region" aria-label="Requirements and cases"><table id="matrix">'
        "<caption>Each cell is one row of the report; empty where the case does not ask for the requirement.</caption>"
        f'<thead><tr><th scope="col" class="corner">requirement</th>{heads}<td class="fill"></td></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _head(case: str, number: int) -> str:
    link = f'<a href="#case-{number}" title="{text(case)}"><span><bdi>{text(case, 40)}</bdi></span></a>'
    return f'<th scope="col">{link}</th>'


def _asked(report: Report) -> Sequence[str]:
    """What is asked beside requirements comes first."""
    asked = dict.fromkeys(result.row.asks for result in report.results)
    return [asks for asks in NAMES if asks in asked] + sorted(asks for asks in asked if asks not in NAMES)


def _row(
    asks: str,
    cases: Mapping[str, int],
    cells: Mapping[tuple[str, str], list[Numbered]],
    requirements: Mapping[str, Requirement],
    target: Callable[[Numbered], str],
) -> str:
    inside = [cells.get((asks, case), []) for case in cases]
    every = [each for cell in inside for each in cell]
    sentence = every[0].result.row.sentence if asks not in NAMES else ""
    keyword = requirements[asks].keyword.value if asks in requirements else ""
    is_fine = not any(map(_is_amiss, every))
    told = "".join("<td></td>" if not cell else _cell(cell, target) for cell in inside)
    return (
        f'<tr{" data-fine" if is_fine else ""}><th scope="row" title="{text(sentence)}">'
        f"<b>{text(name_of(asks), 40)}</b>"
        f'<small class="keyword">{keyword}</small><small class="sentence">{text(sentence)}</small></th>'
        f'{told}<td class="fill"></td></tr>'
    )


def _is_amiss(each: Numbered) -> bool:
    verdict = each.result.verdict
    return verdict is not Verdict.PASS and verdict.weight is not Weight.UNSCORED


def _cell(cell: Sequence[Numbered], target: Callable[[Numbered], str]) -> str:
    worst = min((each.result.verdict for each in cell), key=list(Verdict).index)
    return f'<td class="{class_of(worst)}">{"".join(_sign(each, target) for each in cell)}</td>'


def _sign(each: Numbered, target: Callable[[Numbered], str]) -> str:
    row, verdict = each.result.row, each.result.verdict
    told = text(f"{row.id}: {verdict}")
    return f'<a data-row="{each.number}" href="#{target(each)}" title="{told}" aria-label="{told}">{SIGNS[verdict]}</a>'
