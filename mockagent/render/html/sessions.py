"""Each case with how it went and its sessions over their time. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mockagent.conformance.report import OTHERS, CaseRun, Report, Result
from mockagent.conformance.verdicts import Verdict
from mockagent.render.html.events import events
from mockagent.render.html.markup import block, text
from mockagent.render.html.timeline import KEY, timeline
from mockagent.render.html.verdicts import chip
from mockagent.render.recording import Mark, Recording
from mockagent.render.words import NAMES, cases_of, is_finding, name_of

MOST = 6_000_000
"""Characters that the sessions of a page may take; those of cases with findings come first."""

_MOST_OPEN = 3
_LEFT_OUT = (
    '<p class="soft">Left out, for the page would be too large: keep the trace, and draw it alone.</p>'
)


class Sessions:
    """The sessions of a report. `articles` says where the page tells of a row, by its number."""

    def __init__(
        self,
        report: Report,
        recordings: Mapping[tuple[str, int], Recording],
        articles: Mapping[int, str],
    ) -> None:
        self._report = report
        self._recordings = recordings
        self._cases = cases_of(report)
        self._numbers = {case: number for number, case in enumerate(self._cases, 1)}
        self._runs = {run.case: run for run in report.runs}
        self._asks = {name: asks for asks, name in NAMES.items()}
        self._articles = {
            (each.row.case, each.row.asks): articles[number]
            for number, each in enumerate(report.results, 1)
            if number in articles
        }

    def anchor_of(self, case: str) -> str:
        """Where the page tells of a case."""
        return f"case-{self._numbers[case]}"

    def frame_of(self, result: Result) -> str:
        """Where the page tells of the frame of a result; empty if it does not."""
        recording = self._recordings.get((result.row.case, result.session))
        if recording is None or not 0 < result.frame <= len(recording.trace.events):
            return ""
        return self._event(result.row.case, result.session, result.frame)

    def draw(self) -> str:
        """Every case, in the order of the plan."""
        drawn: dict[str, str] = {}
        room = MOST
        worst_first = sorted(self._cases, key=lambda case: not any(map(is_finding, self._cases[case])))
        for case in worst_first:
            shown = self._drawn(case)
            drawn[case] = shown if len(shown) <= room else _LEFT_OUT
            room -= len(drawn[case])
        opened = [case for case in self._cases if any(map(is_finding, self._cases[case]))][:_MOST_OPEN]
        cases = "".join(self._case(case, drawn[case], case in opened) for case in self._cases)
        return (KEY if self._recordings else "") + cases

    def _case(self, case: str, sessions: str, is_open: bool) -> str:
        counts = Counter(each.verdict for each in self._cases[case])
        chips = "".join(chip(verdict, counts[verdict]) for verdict in Verdict if counts[verdict])
        run = self._runs.get(case)
        return (
            f'<details class="case" id="{self.anchor_of(case)}"{" open" if is_open else ""}>'
            f"<summary><bdi>{text(case)}</bdi> {chips}</summary>{_went(run) if run else '<p>It was not played.</p>'}"
            f"{sessions}{self._replay(case)}</details>"
        )

    def _replay(self, case: str) -> str:
        replay = self._report.replay.get(case)
        return f'<p class="soft">replay: <code>{text(replay)}</code></p>' if replay else ""

    def _drawn(self, case: str) -> str:
        found = {session: each for (of, session), each in self._recordings.items() if of == case}
        return "".join(self._session(case, session, found[session], len(found)) for session in sorted(found))

    def _session(self, case: str, session: int, recording: Recording, of: int) -> str:
        name = f"{case}, session {session}" if of > 1 else case
        title = f"<h3>Session {session}</h3>" if of > 1 else ""

        def anchor(frame: int) -> str:
            return self._event(case, session, frame)

        def target(mark: Mark) -> str:
            own = self._articles.get((case, self._asks.get(mark.name, mark.name)))
            return own or self._articles.get((case, OTHERS)) or anchor(mark.frame)

        recording = replace(recording, marks=(*recording.marks, *self._marks(case, session, recording)))
        return title + timeline(recording, name, anchor, target) + events(recording, anchor)

    def _marks(self, case: str, session: int, recording: Recording) -> Iterator[Mark]:
        """What the results say of frames and the recording does not: where the course came to its end, say."""
        known = {(mark.frame, mark.name) for mark in recording.marks}
        for each in filter(is_finding, self._cases[case]):
            if each.session == session and (each.frame, each.requirement) not in known:
                yield Mark(each.frame, name_of(each.row.asks), each.said)

    def _event(self, case: str, session: int, frame: int) -> str:
        return f"event-{self._numbers[case]}-{session}-{frame}"


def _went(run: CaseRun) -> str:
    ended = "stopped" if run.status is None else f"exit status {run.status}"
    troubles = "".join(f"<p>{text(trouble)}</p>" for trouble in run.troubles)
    output = f"<details><summary>What it printed last</summary><pre>{block(run.output)}</pre></details>"
    return f'<p class="soft">{run.seconds:.1f} s, {ended}</p>{troubles}{output if run.output.strip() else ""}'
