"""What each rule says of a breach, against what stands in the trace that breaks it."""

import json
from dataclasses import replace

import pytest

from mockagent import catalogue
from mockagent.protocol import trace
from mockagent.protocol.events import Message
from mockagent.protocol.judge import Judge
from mockagent.protocol.ruling import BOOK
from mockagent.resources import folder

TRACES = folder("conformance") / "traces"


def checked(event, dialect):
    """The event with what is wrong with its message, as whoever receives it finds out."""
    if not isinstance(event.content, Message):
        return event
    problems = catalogue.schemas().problems(dialect, event.sender, event.content.body)
    return replace(event, content=replace(event.content, problems=problems))


def as_recorded(violation):
    return {
        "requirement": violation.requirement.id,
        "expected": violation.expected,
        "got": violation.got,
        "pointer": violation.pointer,
    }


@pytest.mark.parametrize("id", [rule.requirement for rule in BOOK])
def test_a_breach_is_told_as_in_the_trace_that_breaks_the_rule(id):
    lines = (TRACES / f"{id}.fail.jsonl").read_text("utf-8").splitlines(keepends=True)
    recorded = trace.read(lines)
    dialect = recorded.header.dialect
    judge = Judge(catalogue.requirements(), trace.switches_of(recorded.header), dialect)
    for line, event in zip(lines[1:], recorded.events, strict=False):
        told = [as_recorded(each) for each in judge.observe(checked(event, dialect))]
        assert told == json.loads(line).get("violations", [])
