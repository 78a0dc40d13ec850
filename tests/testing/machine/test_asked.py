"""What nobody can mean is refused at once, in one sentence."""

import re
import subprocess
import sys

import pytest

from mockagent.errors import MockagentError, TraceError
from mockagent.testing import replay, run_state_machine

URL = "ws://127.0.0.1:9/v1/agent/converse"


@pytest.mark.parametrize(
    ("peer", "error", "message"),
    [
        (None, TypeError, "what serving() gives, a function or a command, got None"),
        (5, TypeError, "got 5"),
        (b"ws://127.0.0.1:9/", TypeError, "got b'ws:"),
        (["node", 7], TypeError, "expected a command whose words are strings, got 7 in it"),
        ([], ValueError, "expected a command with at least one word, got an empty one"),
        ("http://127.0.0.1:9/", ValueError, "expected the address of a server, ws://… or wss://…, got 'http://"),
        ("node agent.js", ValueError, "(a client that is a command is a list of its words)"),
        ("ws://", ValueError, "got 'ws://'"),
        ("ws://127.0.0.1:900000/", ValueError, "got 'ws://127.0.0.1:900000/'"),
        ("http://me:secret@127.0.0.1/?key=secret", ValueError, "'http://[redacted]@127.0.0.1/?[redacted]'"),
        (["mockagent-no-such-command", "{url}"], MockagentError, "there is no such command"),
    ],
)  # fmt: skip
def test_what_is_no_peer_is_refused(peer, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        run_state_machine(peer)
    assert "\n" not in str(caught.value)
    assert not hasattr(caught.value, "__notes__")  # Hypothesis has not tried it
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dialect": "early"}, "expected v1 or early-access as the dialect, got 'early'"),
        ({"dialect": "erly-access"}, "did you mean 'early-access'?"),
        ({"speed": 0}, "expected a number above 0 as the speed, got 0"),
        ({"speed": True}, "as the speed, got True"),
        ({"patience": float("inf")}, "expected a number above 0 as the patience, got inf"),
        ({"steps": 0}, "expected a whole number of steps above 0, got 0"),
    ],
)
def test_what_is_no_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        run_state_machine(URL, **arguments)


@pytest.mark.parametrize("arguments", [{"headers": {"a": "b"}}, {"speed": 2.0}, {"opening": {}}])
def test_a_client_takes_nothing_that_is_for_a_server(arguments):
    with pytest.raises(ValueError, match="headers, speed and opening are for a server; the peer is a client"):
        run_state_machine(lambda url: None, **arguments)


def test_nothing_is_not_done_again():
    with pytest.raises(ValueError, match="expected at least one trace to do again, got none"):
        replay(URL)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: weather\n", "notes.jsonl:1: expected a JSON line, got something else"),
        (b'{"event":"ready","url":"ws://127.0.0.1:1"}\n', "notes.jsonl:1: expected one trace, header first"),
        (b"RIFF\xff\xfe\x00\x01WAVE\n", "notes.jsonl:1: expected a JSON line, got something else"),
        (b"", "notes.jsonl:1: expected the header of a trace, got none"),
        (None, "notes.jsonl: cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_trace_is_not_done_again(content, message, tmp_path):
    path = tmp_path / "notes.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TraceError, match=re.escape(message)):
        replay(URL, path)


def test_without_hypothesis_the_cure_is_said():
    code = "import sys; sys.modules['hypothesis'] = None; from mockagent.testing import run_state_machine"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    (last,) = result.stderr.strip().splitlines()[-1:]
    assert last == (
        "ModuleNotFoundError: mockagent.testing.machine needs Hypothesis;"
        " install it with: pip install 'mockagent[fuzz]'"
    )
