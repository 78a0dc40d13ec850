"""What a person, or a program, sees of a running server: each notice as it comes, and a summary at the end."""

import contextlib
import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli.plain import echo
from mockagent.server.notices import (
    FaultInflicted,
    Finding,
    Limitation,
    Notice,
    ProxyReady,
    ProxyRefused,
    Ready,
    RunEnded,
    SessionClosed,
    SessionOpened,
    Summary,
    Trouble,
    TurnedAway,
    as_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockagent.scenario.faults.flags import Standing

_MOST_OF_ONE = 3


class Screen:
    """Shows notices as lines of text, or as a JSON object a line; goes on in silence once nobody reads.

    With `err` all of it goes to standard error, for there is somebody else to whom the standard output belongs.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        err: bool = False,
    ) -> None:
        self._err = err
        self._as_json = as_json
        self._quiet = quiet
        self._is_deaf = False
        self._sessions = self._clean = 0
        self._seconds = 0.0
        self._findings: Counter[str] = Counter()
        self._inflicted: Counter[tuple[str, str]] = Counter()
        self._shown: Counter[tuple[str, str]] = Counter()
        self._struck: list[tuple[str, dict[str, Any]]] = []

    def show(self, notice: Notice) -> None:
        """Show one notice at once."""
        if isinstance(notice, SessionClosed):
            self._add_up(notice)
        if isinstance(notice, FaultInflicted) and not notice.place:
            self._note(notice)
        if self._as_json:
            self._echo(json.dumps(as_json(notice)))
            return
        for line in self._lines(notice):
            self._echo(line, err=isinstance(notice, Trouble | Limitation))

    def summary(self, faults: "Iterable[Standing]" = ()) -> None:
        """Show what came of it all, also of the faults that the run was to inflict."""
        findings = dict(sorted(self._findings.items()))
        never = tuple(each.text for each in faults if not self._has_struck(each))
        self.show(Summary(self._sessions, self._clean, round(self._seconds, 3), findings, never))

    def _note(self, struck: FaultInflicted) -> None:
        """Remember each fault of the run once."""
        found = (struck.fault, struck.parameters)
        if found not in self._struck:
            self._struck.append(found)

    def _has_struck(self, standing: "Standing") -> bool:
        from mockagent.scenario.faults.table import given

        return (standing.fault.name, given(standing.values)) in self._struck

    def _add_up(self, closed: SessionClosed) -> None:
        self._sessions += 1
        self._clean += closed.is_clean
        self._seconds += closed.lasted
        self._findings.update(closed.findings)

    def _lines(self, notice: Notice) -> list[str]:
        match notice:
            case Ready():
                playing = ", ".join(notice.scenarios) or "the house agent"
                lines = [f"mockagent is ready at {notice.url} ({playing})"]
                if notice.ca:
                    lines.append(f"CA: {notice.ca}")
                if notice.journal_url and not self._quiet:
                    lines.append(f"what clients do: {notice.journal_url}")
                return lines
            case ProxyReady(url=url, hosts=hosts, ca=ca) if not self._quiet:
                return [f"the proxy {url} leads here from {', '.join(hosts)}", f"CA: {ca}"]
            case ProxyRefused(message=message) if not self._quiet:
                return [f"proxy: {message}"]
            case TurnedAway(status=status, message=message) if not self._quiet:
                return [f"turned away with {status}: {message}"]
            case SessionOpened(number=number, session=session) if not self._quiet:
                return [f"[{number}] opened {session}"]
            case Finding() if not self._quiet:
                return self._finding(notice)
            case FaultInflicted() if not self._quiet:
                return self._fault(notice)
            case SessionClosed() if not self._quiet:
                return _closing(notice)
            case Trouble(text=text):
                return [f"trouble: {text}"]
            case Limitation(text=text) if not self._quiet:
                return [f"note: {text}"]
            case Summary():
                return [_total(notice), *(f"never struck: {each}" for each in notice.never_struck)]
            case RunEnded():
                return _exit(notice)
            case _:
                return []

    def _finding(self, finding: Finding) -> list[str]:
        self._shown[finding.session, finding.requirement] += 1
        count = self._shown[finding.session, finding.requirement]
        if count > _MOST_OF_ONE:
            return []
        where = f"{finding.pointer}: " if finding.pointer else ""
        lines = [
            f"[{finding.number}] {finding.at:8.3f} s  {finding.requirement} ({finding.keyword}, {finding.binds}) "
            f"{where}expected {finding.expected}, got {finding.got}"
        ]
        if count == 1:
            lines.append(f"      {finding.sentence}")
            lines.append(f"      {finding.source}")
        if count == _MOST_OF_ONE:
            lines.append(f"      further findings of {finding.requirement} are only counted")
        return lines

    def _fault(self, notice: FaultInflicted) -> list[str]:
        self._inflicted[notice.session, notice.fault] += 1
        count = self._inflicted[notice.session, notice.fault]
        if count > _MOST_OF_ONE:
            return []
        who = "" if notice.number is None else f"[{notice.number}] {notice.at:8.3f} s  "
        more = "; further ones are not shown" if count == _MOST_OF_ONE else ""
        return [f"{who}{_inflicted(notice)}{more}"]

    def _echo(self, line: str, err: bool = False) -> None:
        if self._is_deaf:
            return
        try:
            if self._as_json:
                click.echo(line.encode("ascii", "backslashreplace").decode(), err=self._err)
            else:
                echo(line, err=err or self._err)
        except OSError as error:
            self._is_deaf = True
            # What is still in the buffer must not be tried again when Python ends.
            deaf = sys.stderr if self._err or (err and not self._as_json) else sys.stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), deaf.fileno())
            if not isinstance(error, BrokenPipeError):
                self._say_that_nothing_can_be_said(error)

    def _say_that_nothing_can_be_said(self, error: OSError) -> None:
        """A full disk behind the output, say: the sessions go on, and the other stream may still be read."""
        with contextlib.suppress(OSError):
            echo(
                f"trouble: what happens cannot be written any more: {error.strerror or error}; the sessions go on",
                err=True,
            )


def _inflicted(notice: FaultInflicted) -> str:
    """The fault with its parameters, what it hit, and the line that asks for it."""
    from mockagent.scenario.faults.table import FAULTS

    fault = FAULTS[notice.fault]
    parameters = [(fault.parameter(name), value) for name, value in notice.parameters.items()]
    figures = [
        f"{each.name} {each.written(value)}"
        for each, value in parameters
        if not each.goes_without_saying(value)
    ]
    behind = f" ({', '.join(figures)})" if figures else ""
    on = f" on {notice.hit}" if notice.hit else ""
    by = f", by {notice.place}" if notice.place else ""
    return f"fault {notice.fault}{behind} inflicted{on}{by}"


def _total(summary: Summary) -> str:
    found = ", ".join(f"{id} ×{count}" for id, count in summary.findings.items()) or "none"
    sessions = f"{summary.sessions} session{'' if summary.sessions == 1 else 's'}"
    return f"{sessions}, {summary.connection_seconds:.1f} connection seconds, findings: {found}"


def _exit(ended: RunEnded) -> list[str]:
    if not ended.missing:
        return []
    but = ", though the command ended with 0" if ended.status == 0 else ""
    return [f"exit code {ended.exit_code}{but}", *(f"      {each}" for each in ended.missing)]


def _closing(closed: SessionClosed) -> list[str]:
    played = f"{closed.scenario}: {closed.ending}" if closed.scenario else closed.ending
    lines = [
        f"[{closed.number}] closed after {closed.lasted:.1f} s, {closed.heard:.1f} s of audio heard, {played}"
    ]
    lines += [f"      {unmet}" for unmet in closed.unmet]
    if closed.broken:
        lines.append(f"      broken: {', '.join(closed.broken)}")
    lines += [f"      {remark}" for remark in closed.remarks]
    if closed.trace:
        lines.append(f"      trace: {closed.trace}")
    return lines
