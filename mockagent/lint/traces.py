"""Checks a recorded session: each line by the schema of traces, then every event by the rules, for both sides.

The verdicts that were written into the trace are not believed: they are found again.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import replace

from mockagent import catalogue
from mockagent.errors import Flaw, TraceError
from mockagent.lint.items import Asked, Breach, Finding, Item, Kind
from mockagent.protocol import trace
from mockagent.protocol.events import Event, Message, Tolerance
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.trace import Header, Trace

_SCHEMA = "files/trace.json"
_MOST_FLAWS = 50


def check_trace(text: str, file: str, asked: Asked) -> Item:
    """What the recorded session breaks, and whether the recording is whole."""
    lines = list(io.StringIO(text, newline="\n"))
    flaws = _flaws_of_lines(lines, file)
    if flaws:
        return Item(file, 1, Kind.TRACE, findings=tuple(flaws))
    try:
        recorded = trace.read(lines, file)
        trace.switches_of(recorded.header)
    except (TraceError, ValueError) as error:
        return Item(file, 1, Kind.TRACE, findings=(Flaw(file, 1, 1, str(error)),))
    tolerance = Tolerance.named(recorded.header.tolerance) if asked.tolerance is None else asked.tolerance
    findings: list[Finding] = list(_breaches(recorded, tolerance))
    if recorded.footer is None:
        findings.append(Flaw(file, len(lines), 1, f"cut off after event {len(recorded.events)}"))
    return Item(
        file,
        1,
        Kind.TRACE,
        recorded.header.scenario,
        _summary(recorded),
        recorded.header.dialect,
        findings=tuple(findings),
    )


def breaches_of(recorded: Trace, name: str) -> list[Breach]:
    """All that the recorded session breaks, at the tolerance of its header; TraceError if the header is none."""
    try:
        return list(_breaches(recorded, Tolerance.named(recorded.header.tolerance)))
    except (KeyError, ValueError) as error:
        raise TraceError(f"{name}:1: expected the header of a trace, got one with no right {error}") from None


def _summary(recorded: Trace) -> str:
    footer = recorded.footer
    return f"{len(recorded.events)} events" + (f", {footer.lasted:.1f} s, {footer.outcome}" if footer else "")


def _flaws_of_lines(lines: list[str], file: str) -> list[Flaw]:
    """Why these lines are no trace, at most 50; a last line that was cut short is not looked at."""
    flaws: list[Flaw] = []
    whole = lines if not lines or lines[-1].endswith("\n") else lines[:-1]
    casts = 0
    for number, line in enumerate(whole, 1):
        casts += line.startswith('{"cast"')
        flaws += [Flaw(file, number, 1, text) for text in _wrong(line, number, len(whole), casts)]
        if len(flaws) >= _MOST_FLAWS:
            break
    return flaws[:_MOST_FLAWS]


def _wrong(line: str, number: int, last: int, casts: int) -> Iterator[str]:
    """What is wrong with a line; `casts` lines up to it say who plays, and count as no event."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        yield "expected a JSON line, got something else"
        return
    problems = catalogue.schemas().conforms(_SCHEMA, body)
    yield from map(str, problems)
    if problems or not isinstance(body, dict):
        return
    if ("trace" in body) is not (number == 1):
        yield "expected the header as the first line, and only there"
    elif "end" in body and number != last:
        yield "expected the footer as the last line"
    elif "n" in body and body["n"] != number - casts - 1:
        yield f"expected event {number - casts - 1}, got event {body['n']}"
    elif "end" in body and body["events"] != number - casts - 2:
        yield f"expected a footer that counts {number - casts - 2} events, got {body['events']}"


def _breaches(recorded: Trace, tolerance: Tolerance) -> Iterator[Breach]:
    judge = Judge(catalogue.requirements(), trace.switches_of(recorded.header), recorded.header.dialect)
    for event, breaks in zip(recorded.events, recorded.breaks, strict=True):
        for violation in judge.observe(_checked(event, recorded.header)):
            yield _breach(violation, breaks, tolerance)


def _checked(event: Event, header: Header) -> Event:
    content = event.content
    if not isinstance(content, Message):
        return event
    problems = catalogue.schemas().problems(header.dialect, event.sender, content.body)
    return replace(event, content=replace(content, problems=problems))


def _breach(violation: Violation, breaks: frozenset[str], tolerance: Tolerance) -> Breach:
    requirement = violation.requirement
    on_purpose = requirement.id in breaks
    is_refused = requirement.refusal is not None and violation.refused_from <= tolerance
    return Breach(
        violation.number + 1,
        violation.number,
        violation.event.at,
        violation.event.sender,
        requirement.id,
        requirement.keyword.value,
        requirement.binds,
        violation.pointer,
        violation.expected,
        violation.got,
        requirement.sentence,
        requirement.source,
        on_purpose,
        not on_purpose and (requirement.is_must or is_refused),
    )
