"""What is a complaint and what is not; each session is a small stand-in with just what is looked at."""

from types import SimpleNamespace

import pytest

from mockagent.scenario.account import Unmet
from mockagent.scenario.model import Place, Scenario
from mockagent.server.notices import Finding
from mockagent.testing.verdict import Expectation, complaints

URL = "ws://here"
PLAYED = Scenario(name="short", summary="", steps=(), place=Place("short.yaml", 1, 1))
OTHER = Scenario(name="other", summary="", steps=(), place=Place("other.yaml", 1, 1))


def finding(requirement="FUN-001", binds="client", keyword="MUST", pointer=""):
    words = "It is kept.", "one thing", "another"
    return Finding("s1", 1, 2.5, requirement, keyword, binds, *words, pointer, "a page")


def session(ending="finished", findings=(), unmet=()):
    return SimpleNamespace(number=1, scenario="short", ending=ending, findings=findings, unmet=unmet)


def found(*sessions, scenarios=(PLAYED,), **expected):
    return complaints(sessions, scenarios, Expectation(**expected), URL)


@pytest.mark.parametrize("ending", ["finished", "unscripted"])
def test_a_session_that_came_to_its_end_is_well(ending):
    assert found(session(ending)) == []


def test_each_step_that_did_not_happen_is_named():
    unmet = Unmet(Place("short.yaml", 7, 3), "audio", "a close")
    expected = ["session 1 (short) did not come to its end: short.yaml:7: expected audio, got a close"]
    assert found(session("unfinished", unmet=(unmet,))) == expected


def test_an_open_session_did_not_come_to_its_end():
    assert found(session("open")) == ["session 1 (short) did not come to its end: the session is open"]


def test_nothing_exercised_is_no_pass():
    assert found() == ["no client has connected to ws://here, so nothing was tested"]
    assert found(session(), scenarios=(PLAYED, OTHER)) == [
        "other (other.yaml) was served, but no client played it"
    ]


def test_nothing_of_that_matters_where_no_end_is_expected():
    assert found(scenarios=(PLAYED, OTHER), finished=False) == []
    assert found(session("unfinished"), finished=False) == []


def test_what_a_client_must_keep_is_complained_of_once():
    findings = (finding(pointer="/id"), finding(), finding("FUN-002"))
    assert found(session(findings=findings), finished=False) == [
        "session 1 (short) broke FUN-001 (It is kept.) 2.500 s after it opened, at /id: "
        "expected one thing, got another",
        "session 1 (short) broke FUN-002 (It is kept.) 2.500 s after it opened, expected one thing, got another",
    ]


@pytest.mark.parametrize("other", [finding(keyword="SHOULD"), finding(binds="server", keyword="SHOULD")])
def test_what_it_should_keep_is_not(other):
    assert found(session(findings=(other,))) == []


@pytest.mark.parametrize(
    ("allowed", "count"), [((), 1), (["FUN-001"], 0), (["FUN-002"], 1), (True, 0), (False, 1)]
)
def test_some_or_all_may_be_broken(allowed, count):
    assert len(found(session(findings=(finding(),)), findings=allowed)) == count


def test_what_the_server_itself_must_keep_is_complained_of_too():
    (complaint,) = found(session(findings=(finding(binds="server"),)))
    assert "broke FUN-001" in complaint
