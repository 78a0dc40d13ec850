"""The page of a report: the outcome, the findings, the matrix, and every session over its time. Pure."""

from collections.abc import Mapping

from mockagent.conformance.report import (
    FAILED,
    INCONCLUSIVE,
    KIT_FAILED,
    NOTHING_RAN,
    OK,
    STALE_BASELINE,
    STOPPED,
    Report,
)
from mockagent.protocol.requirements import Requirement
from mockagent.render.html.findings import Numbered, findings, groups_of
from mockagent.render.html.frame import framed
from mockagent.render.html.markup import plural, text
from mockagent.render.html.matrix import matrix
from mockagent.render.html.sessions import Sessions
from mockagent.render.html.verdicts import legend
from mockagent.render.recording import Recording
from mockagent.render.words import OUTCOMES, cases_of, is_finding, peer_of, rows_of_cases

_COLOURS: Mapping[int, str] = {
    OK: "good",
    FAILED: "bad",
    KIT_FAILED: "ours",
    NOTHING_RAN: "unscored",
    STALE_BASELINE: "stale",
    INCONCLUSIVE: "open",
    STOPPED: "unscored",
}
_TOOLS = (
    '<div class="tools" id="tools" hidden><input type="search" id="words" placeholder="Requirement or case" '
    'aria-label="Show only this requirement or case"><label><input type="checkbox" id="amiss"> only where '
    'something is amiss</label><span class="soft" id="count" role="status"></span></div>'
)


def page(
    report: Report,
    recordings: Mapping[tuple[str, int], Recording],
    requirements: Mapping[str, Requirement],
    mockagent: str,
) -> str:
    """The document; `recordings` are by case and number of the session, `mockagent` the version that made it."""
    return _Page(report, recordings, requirements, mockagent).draw()


class _Page:
    def __init__(
        self,
        report: Report,
        recordings: Mapping[tuple[str, int], Recording],
        requirements: Mapping[str, Requirement],
        mockagent: str,
    ) -> None:
        self._report = report
        self._requirements = requirements
        self._version = mockagent
        self._groups = groups_of(report)
        self._articles = {each.number: group[0].anchor for group in self._groups for each in group}
        self._sessions = Sessions(report, recordings, self._articles)

    def draw(self) -> str:
        report = self._report
        shown = self._sessions.draw()
        told = findings(report, self._groups, self._requirements, self._sessions.frame_of)
        parts = (
            self._head(),
            f'<main><h2 id="findings">Findings</h2>{told}',
            f'<h2 id="rows">Requirements and cases</h2>{_TOOLS}',
            matrix(report, self._requirements, self._target),
            f'<h2 id="sessions">Sessions</h2>{shown}</main>',
            f"<footer>Made by mockagent {text(self._version)}.</footer>",
        )
        return framed(f"{OUTCOMES[report.exit_code][0]}: {peer_of(report)}", "".join(parts))

    def _head(self) -> str:
        report = self._report
        outcome, sentence = OUTCOMES[report.exit_code]
        about = {
            "peer": f"<code>{text(peer_of(report))}</code>",
            "rows": rows_of_cases(len(report.results), len(cases_of(report))),
            "level": str(report.level),
            "speed": f"{report.speed:g}",
        }
        facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in about.items())
        notes = "".join(f'<p class="soft">{text(note)}</p>' for note in report.notes)
        count = plural(sum(map(is_finding, report.results)), "finding")
        return (
            f'<header><h1>Voice agent conformance</h1><p class="outcome"><strong class="{_COLOURS[report.exit_code]}">'
            f'{outcome}</strong><span>{sentence}</span></p><dl class="about">{facts}</dl>{notes}{legend(report.totals)}'
            f'<nav aria-label="Page"><a href="#findings">{count}</a><a href="#rows">All rows</a>'
            '<a href="#sessions">Sessions</a></nav></header>'
        )

    def _target(self, each: Numbered) -> str:
        """Where the page tells of a row: in an article, or with its case."""
        return self._articles.get(each.number) or self._sessions.anchor_of(each.result.row.case)
