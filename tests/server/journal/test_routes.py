"""What is asked, told by path and query; and what is wrong with them."""

import pytest

from mockagent.protocol.events import Side
from mockagent.server.journal import is_asked
from mockagent.server.journal.routes import Health, Listing, Look, TraceOf, WaitFor, Wrong, question

WAIT = "/sessions/1/wait?type=KeepAlive"
NO_COUNTS = ("0", "-1", "x", "", "10001", "1.5", "٣", "9" * 5000)
NO_TIMEOUTS = ("-1", "60.1", "x", "", "nan", "inf")


@pytest.mark.parametrize(
    ("target", "is_its"),
    [
        ("/__mockagent", True),
        ("/__mockagent/health", True),
        ("/__mockagent?x", True),
        ("/__mockagents", False),
        ("/v1/agent/converse", False),
        ("http://evil.example/__mockagent/health", False),
    ],
)
def test_what_is_below_the_prefix_is_for_the_journal(target, is_its):
    assert is_asked(target) is is_its


@pytest.mark.parametrize(
    ("rest", "asked"),
    [
        ("/health", Health()),
        ("/sessions", Listing()),
        ("/sessions/latest", Look("latest")),
        ("/sessions/a%20b", Look("a b")),
        ("/sessions/3/trace", TraceOf("3")),
        ("/sessions/3/wait?type=KeepAlive", WaitFor("3", "KeepAlive", Side.CLIENT, 1, 5.0)),
        (
            "/sessions/latest/wait?type=Welcome&side=server&count=2&timeout=0.5",
            WaitFor("latest", "Welcome", Side.SERVER, 2, 0.5),
        ),
        (
            "/sessions/1/wait?type=UpdateInstructions&timeout=60",
            WaitFor("1", "UpdateInstructions", timeout=60.0),
        ),
    ],
)
def test_a_question(rest, asked):
    assert question(f"/__mockagent{rest}") == asked


@pytest.mark.parametrize(
    ("rest", "status", "said"),
    [
        ("", 404, "/__mockagent/sessions/ID/wait"),
        ("/", 404, "nothing is at ''"),
        ("/session", 404, "did you mean 'sessions'?"),
        ("/sessions/", 404, "nothing is at 'sessions/'"),
        ("/sessions//wait?type=KeepAlive", 404, "nothing is at"),
        ("/sessions/1/trac", 404, "did you mean 'sessions/ID/trace'?"),
        ("/health?x=1", 400, "expected no parameters here, got 'x'"),
        ("/sessions/1/wait", 400, "type: expected the type of a message"),
        ("/sessions/1/wait?type=KeepAliv", 400, "got 'KeepAliv'; did you mean 'KeepAlive'?"),
        ("/sessions/1/wait?type=Welcome", 400, "only the server sends Welcome; say side=server"),
        ("/sessions/1/wait?type=KeepAlive&side=sever", 400, "did you mean 'server'?"),
        ("/sessions/1/wait?type=KeepAlive&tiemout=1", 400, "did you mean 'timeout'?"),
        ("/sessions/1/wait?type=KeepAlive&type=Settings", 400, "expected 'type' once, got it twice"),
        *((f"{WAIT}&count={n}", 400, "count: expected a whole number from 1 to 10000") for n in NO_COUNTS),
        *((f"{WAIT}&timeout={n}", 400, "timeout: expected seconds from 0 to 60") for n in NO_TIMEOUTS),
        ("/sessions/[", 200, ""),
        ("/" + "x" * 5000, 404, "xxx…'"),
    ],
)
def test_what_cannot_be_answered_is_said_with_what_was_expected(rest, status, said):
    answer = question(f"/__mockagent{rest}")
    if status == 200:
        assert not isinstance(answer, Wrong)
        return
    assert (answer.status, said in answer.text) == (status, True), answer.text
    assert len(answer.text) < 500
