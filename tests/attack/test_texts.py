"""Control characters in keys, names and texts: no output of the server is steered by them, no header split."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from enemy import CLOSE, KEY, WITHIN, Raw, frame, handshake, settings, text

NASTY = "\x1b]0;owned\x07\x1b[31m\x9b2J\r\n[1] closed, all is well\n\x00\u202e\u2028\u2029\x7f"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MOCKAGENT = Path(sys.executable).with_name("mockagent")


def attacked(tmp_path, *arguments):
    """What `mockagent serve` said while all its inputs held control characters: (stdout, stderr, the traces)."""
    with subprocess.Popen(
        [MOCKAGENT, "serve", "--port", "0", "--sessions", "3", "--trace", tmp_path, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        first = child.stdout.readline().decode()
        url = re.search(r"ws://[^\"\s]+", first)[0]
        for path in ("/v1/agent/converse?scenario=%1b%5b31m%0d%0aSet-Cookie:%20a=b", "/%1b[31m%0a"):
            turned_away = Raw(url)
            turned_away.send(handshake(path, x_mockagent_scenario=None))
            assert "\nset-cookie" not in turned_away.head().lower()
        turned_away = Raw(url)
        turned_away.send(handshake(x_mockagent_scenario="\x9b31m\xa0\x85"))
        assert turned_away.head().startswith("HTTP/1.1 404 ")
        offering = Raw(url)
        offering.send(handshake(key=None, Authorization=None, Sec_WebSocket_Protocol="token, \x1b[31m\x9b2J"))
        assert not CONTROL.search(offering.head().replace("\r\n", "\n"))
        for messages in (
            [{"type": NASTY}, {NASTY: NASTY}],
            [settings(greeting=NASTY), {"type": "UpdatePrompt", "prompt": NASTY, NASTY: 1}],
            [settings(**{NASTY: NASTY}), {"type": "InjectUserMessage", "content": NASTY}],
        ):
            client = Raw(url).enter(key=f"{KEY}\x9b31m")
            for message in messages:
                client.send(text(message))
            client.send(frame(CLOSE, b"\x0f\xa0" + NASTY.encode()[:60]))
            client.rest()
        out, err = child.communicate(timeout=WITHIN)
    return first + out.decode(), err.decode(), [path.read_text("utf-8") for path in tmp_path.glob("*.jsonl")]


def test_nothing_that_is_shown_steers_a_terminal(tmp_path):
    out, err, _ = attacked(tmp_path)
    assert "got" in out
    for line in (out + err).split("\n"):
        assert not CONTROL.search(line)
        assert not line.startswith("[1] closed, all is well")


def test_notices_and_traces_stay_one_object_a_line(tmp_path):
    out, err, traces = attacked(tmp_path, "--json")
    assert err == ""
    assert len(traces) == 3
    for document in (out, *traces):
        lines = document.splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)
        assert not any(re.search("[\x00-\x1f\x7f-\x9f]", line) for line in lines)


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\0"])
def test_no_header_of_an_answer_is_made_by_a_client(raw, server, line_end):
    for name in ("Sec-WebSocket-Protocol", "Authorization", "x-mockagent-scenario", "Origin"):
        enemy = raw(server.url)
        value = f"token, {KEY}{line_end}Set-Cookie: a=b"
        enemy.send(handshake(**{name: value}))
        assert "set-cookie" not in enemy.head().lower()
