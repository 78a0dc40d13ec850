"""What somebody has to look at: each finding with all that is known of it, the worst first. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockagent.conformance.report import COURSE, Report, Result
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.requirements import Requirement
from mockagent.render.html.markup import links, plural, text
from mockagent.render.html.verdicts import chip
from mockagent.render.words import NAMES, is_finding, name_of

_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Numbered:
    """A result with its place in the report, by which the page links to it."""

    number: int
    result: Result

    @property
    def anchor(self) -> str:
        return f"row-{self.number}"


Group = list[Numbered]
"""Rows of which one article tells; its anchor is that of the first."""

Where = Callable[[Result], str]
"""The address of the frame of a result within the page, empty if the page does not show it."""


def numbered(report: Report) -> list[Numbered]:
    """Every result with its number, from 1."""
    return [Numbered(number, result) for number, result in enumerate(report.results, 1)]


def groups_of(report: Report) -> list[Group]:
    """All that did not simply pass, the worst first; rows that say no more than the same reason are one group."""
    groups: dict[tuple[str | int, ...], Group] = {}
    for each in numbered(report):
        result = each.result
        says_more = result.expected or result.got or result.frame
        key = (result.verdict.value, result.reason, each.number if says_more else 0)
        if result.verdict is not Verdict.PASS:
            groups.setdefault(key, []).append(each)
    return sorted(groups.values(), key=_urgency)


def _urgency(group: Group) -> tuple[int, bool]:
    """The worst verdict first, and what says what was found before what only follows from it."""
    result = group[0].result
    return list(Verdict).index(result.verdict), not (result.expected or result.got or result.frame)


def findings(
    report: Report, groups: Sequence[Group], requirements: Mapping[str, Requirement], where: Where
) -> str:
    """An article for each group that somebody has to look at; folded, one for each of the rest."""
    loud = [group for group in groups if is_finding(group[0].result)]
    quiet = [group for group in groups if not is_finding(group[0].result)]
    told = (
        "".join(_article(report, group, requirements, where) for group in loud) or "<p>Nothing was found.</p>"
    )
    if not quiet:
        return told
    count = plural(sum(map(len, quiet)), "more row")
    rest = "".join(_article(report, group, requirements, where) for group in quiet)
    return f"{told}<details><summary>{count} that did not simply pass</summary>{rest}</details>"


def _article(report: Report, group: Group, requirements: Mapping[str, Requirement], where: Where) -> str:
    first = group[0]
    title = text(first.result.row.id) if len(group) == 1 else f"{len(group)} rows, for the same reason"
    facts = "".join(
        f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _facts(report, group, requirements, where)
    )
    return (
        f'<article class="finding" id="{first.anchor}"><h3>{chip(first.result.verdict)} <bdi>{title}</bdi></h3>'
        f"<dl>{facts}</dl></article>"
    )


def _facts(
    report: Report, group: Group, requirements: Mapping[str, Requirement], where: Where
) -> Iterator[tuple[str, str]]:
    result = group[0].result
    if len(group) > 1:
        yield "rows", _rows(group)
    else:
        yield from _obligation(result, requirements)
    plain_facts = {
        "at": " ".join(filter(None, (result.place, result.pointer))),
        "expected": result.expected,
        "got": result.got,
        "nearest": result.nearest,
        "because": result.reason,
    }
    if result.frame:
        yield "frame", _frame(result, where)
    yield from ((name, f"<bdi>{text(value)}</bdi>") for name, value in plain_facts.items() if value)
    if len(group) == 1 and (replay := report.replay.get(result.row.case)):
        yield "replay", f'<code class="replay">{text(replay)}</code>'


def _obligation(result: Result, requirements: Mapping[str, Requirement]) -> Iterator[tuple[str, str]]:
    """The sentence that was to hold, how much it binds, and how sure that is."""
    asked = result.row.asks
    yield name_of(asked) if asked in NAMES else "requirement", text(result.row.sentence)
    broken = requirements.get(result.requirement or asked)
    if broken is None:
        if result.row.source and asked != COURSE:
            yield "source", links(result.row.source)
        return
    if broken.id != asked:
        yield "broken", f"{broken.id}: {text(broken.sentence)}"
    chips = (f"{broken.id}", broken.keyword.value, f"binds the {broken.binds}", broken.certainty.value)
    yield "kind", " ".join(f'<span class="tag">{text(each)}</span>' for each in chips)
    yield "source", links(broken.source)


def _rows(group: Group) -> str:
    cases: dict[str, list[str]] = {}
    for each in group[:_MOST_ROWS]:
        cases.setdefault(each.result.row.case, []).append(each.result.row.asks)
    told = [f"<li><bdi>{text(case)}</bdi>: {text(', '.join(asks))}</li>" for case, asks in cases.items()]
    more = f"<li>and {len(group) - _MOST_ROWS} more</li>" if len(group) > _MOST_ROWS else ""
    return f'<ul class="rows">{"".join(told)}{more}</ul>'


def _frame(result: Result, where: Where) -> str:
    told = text(f"{result.frame}, {result.what}" if result.what else result.frame)
    told = f"{told} (session {result.session})" if result.session > 1 else told
    target = where(result)
    return f'<a href="#{target}">{told}</a>' if target else told
