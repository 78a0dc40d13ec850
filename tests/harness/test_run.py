"""What is made of the sessions of a run."""

import pytest

from mockagent.harness.run import _outcome, shortfall
from mockagent.scenario.model import Place, Scenario
from mockagent.server.notices import RunEnded, SessionClosed, TurnedAway

NOBODY = "no client came: one that reads no HTTPS_PROXY has to be told the address in MOCKAGENT_URL"
SECOND = "session 2 did not come to the end of its scenario"


def scenario(name):
    return Scenario(name=name, summary="s", steps=(), place=Place("f.yaml", 1, 1))


def closed(name, ending="finished", broken=(), number=1):
    return SessionClosed("id", number, name, ending, 1.0, 0.0, dict.fromkeys(broken, 1), tuple(broken), ())


@pytest.mark.parametrize(
    ("sessions", "names", "missing"),
    [
        ([closed("a")], ["a"], []),
        ([closed(None, "unscripted")], [], []),
        ([], [], [NOBODY]),
        ([], ["a", "b"], ["a was not finished", "b was not finished", NOBODY]),
        ([closed("a", "unfinished")], ["a"], ["a was not finished"]),
        ([closed("a")], ["a", "b"], ["b was not finished"]),
        ([closed("a", "faulted")], ["a"], []),
        ([closed("a"), closed("a", "unfinished", number=2)], ["a"], [SECOND]),
        ([closed("a"), closed(None, "unfinished", number=2)], ["a"], [SECOND]),
        ([closed("a", broken=["SET-001", "AUD-001"])], ["a"], ["session 1 broke SET-001, AUD-001"]),
        ([closed(None, "unscripted", ["SET-001"])], [], ["session 1 broke SET-001"]),
    ],
)  # fmt: skip
def test_what_should_have_happened_and_did_not(sessions, names, missing):
    assert shortfall(sessions, [scenario(name) for name in names]) == missing


@pytest.mark.parametrize(
    ("codes", "line"),
    [
        (
            [(401, "INVALID_AUTH")],
            "no client was let in: the only one was turned away with 401: Why not. "
            "It has to send the key in DEEPGRAM_API_KEY, as in 'Authorization: Token KEY'.",
        ),
        (
            [(401, "INVALID_AUTH"), (404, "NOT_FOUND")],
            "no client was let in: the last of 2 was turned away with 404: Why not. "
            "The agent is at /v1/agent/converse and /agent.",
        ),
        (
            [(429, "TOO_MANY_REQUESTS")],
            "no client was let in: the only one was turned away with 429: Why not.",
        ),
    ],
)
def test_a_client_that_was_turned_away_is_told_from_none(codes, line):
    turned_away = [TurnedAway("id", status, code, "Why not.") for status, code in codes]
    assert shortfall([], [], turned_away) == [line]
    assert shortfall([closed("a")], [], turned_away) == []


@pytest.mark.parametrize(
    ("status", "missing", "outcome"),
    [
        (0, [], RunEnded(0, 0, ())),
        (0, ["x"], RunEnded(0, 1, ("x",))),
        (3, [], RunEnded(3, 3, ())),
        (3, ["x"], RunEnded(3, 3, ("x",))),
        (None, ["x"], RunEnded(None, 124, ("the command was stopped after 2 s", "x"))),
    ],
)
def test_the_exit_code(status, missing, outcome):
    assert _outcome(status, 2.0, missing) == outcome
