"""The judge: every event against every rule, in order, whatever the peers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent import catalogue
from mockagent.protocol import service
from mockagent.protocol.effects import after
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    Malformed,
    Message,
    Opened,
    Side,
    Tolerance,
)
from mockagent.protocol.judge import Judge
from mockagent.protocol.ruling import BOOK
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
WELCOME = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}


def test_a_violation_is_told_whole(violations, events):
    (event,) = events((C, 640))
    (violation,) = violations((C, 640))
    assert violation.requirement is catalogue.requirements()["SET-002"]
    assert (violation.event, violation.number) == (event, 1)
    assert str(violation) == "SET-002 expected Settings before audio, got audio (640 bytes)"


def test_a_violation_inside_a_message_says_where(violations):
    (violation, _) = violations((C, {"type": "UpdatePrompt", "prompt": 5}), (C, 640))
    assert violation.pointer == "/prompt"
    assert str(violation) == "MSG-003 /prompt: expected a string, got the number 5"


def test_events_are_counted_and_every_breach_is_reported(judge, events):
    seen = judge((C, "KeepAlive"), (S, Opened()))
    assert seen.events == 2
    (event,) = events((S, Malformed("JSON", "x", 1)))
    assert [(each.number, each.requirement.id) for each in seen.observe(event)] == [
        (3, "MSG-006"),
        (3, "OPN-001"),
    ]


def test_a_rule_sees_the_session_before_the_event(judge, settings, events):
    seen = judge((S, {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}))
    (event,) = events((C, settings()))
    assert seen.observe(event) == ()
    assert [each.requirement.id for each in seen.observe(event)] == ["SET-003"]


def test_a_requirement_of_one_dialect_does_not_bind_the_other(broken):
    early = {"type": "Settings", "audio": {"output": {"encoding": "mp3"}}}
    assert "SET-004" not in broken((C, early), dialect=Dialect.EARLY_ACCESS)


def test_switches_and_dialect_are_the_sessions():
    switches = Switches(silence_for=3.0)
    judge = Judge(catalogue.requirements(), switches, Dialect.EARLY_ACCESS)
    assert judge.session == Session(Dialect.EARLY_ACCESS, switches)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "content",
    [
        Message("KeepAlive", {}),
        Message("Hello", {}),
        Message("audio", {}),
        Malformed("", "", 0),
        Closed(),
        Elapsed("x"),
    ],
    ids=lambda content: getattr(content, "type", type(content).__name__),
)
@pytest.mark.parametrize("side", Side)
def test_every_rule_that_wants_an_event_is_asked_in_the_order_of_the_book(dialect, content, side):
    """Held against the book itself, one rule after the other."""
    kind = {Malformed: "malformed", Closed: "close", Elapsed: "elapsed"}.get(type(content))
    is_message = kind is None
    wanted = {"*", "message", content.type} - {"audio"} if is_message else {"*", kind}
    requirements = catalogue.requirements()
    event = Event(1.0, side, content)
    expected = [
        (rule.requirement, breach.expected)
        for rule in BOOK
        if rule.sender is side and rule.events & wanted and dialect in requirements[rule.requirement].dialects
        for breach in rule.check(Session(dialect), event)
    ]
    found = Judge(requirements, dialect=dialect).observe(event)
    assert [(each.requirement.id, each.expected) for each in found] == expected


@pytest.mark.parametrize("dialect", Dialect)
@given(data=st.data())
def test_nothing_that_happens_raises(happenings, dialect, data):
    judge = Judge(catalogue.requirements(), dialect=dialect)
    for event in data.draw(happenings(dialect)):
        before = judge.session
        violations = judge.observe(event)
        assert judge.session == after(before, event)
        assert all(str(violation) and violation.event is event for violation in violations)
        assert all(violation.requirement.binds is event.sender for violation in violations)
        for tolerance in Tolerance:
            error = service.error_for(violations, before, tolerance, before.switches)
            assert error is None or catalogue.schemas().problems(dialect, S, error) == ()
        if isinstance(event.content, Message) and event.sender is C:
            for answer in service.acknowledgements(before, event.content):
                assert catalogue.schemas().problems(dialect, S, answer) == ()
            service.injection_outcome(before, event.content)
            service.ends_turn(before, event.content)


def test_a_fork_goes_its_own_way(judge, settings, events):
    one = judge((S, WELCOME))
    other = one.fork()
    (sent,) = events((C, settings(), 0.2))
    assert other.observe(sent) == ()
    assert (one.session.settings, one.events) == (None, 1)
    assert (other.session.settings, other.events) == (settings(), 2)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("side", Side)
def test_a_rule_is_asked_in_the_dialects_of_its_requirement_alone(dialect, side):
    requirements = catalogue.requirements()
    judge = Judge(requirements, dialect=dialect)
    kinds = sorted({kind for rule in BOOK for kind in rule.events})
    for content in (*(Message(kind, {}) for kind in kinds), Audio(2), Malformed("", "", 0), Elapsed("x")):
        asked = judge.rules_for(Event(1.0, side, content))
        assert all(rule.sender is side for rule in asked)
        assert all(dialect in requirements[rule.requirement].dialects for rule in asked)
