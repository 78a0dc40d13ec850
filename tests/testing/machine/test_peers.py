"""Every kind of peer: each is right where it is right, and found out where it is not."""

import json
import sys
from pathlib import Path

import pytest
import wrong_clients as clients
from hypothesis import HealthCheck, Phase
from hypothesis import settings as trials
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from wrong_server import between

from mockagent.protocol.trace import read
from mockagent.testing import run_state_machine, serving

PROGRAM = str(Path(clients.__file__))
KEY = "a-key-that-nobody-may-see"
FEW = trials(max_examples=4, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
UNSHRUNK = trials(FEW, max_examples=50, phases=[Phase.generate])
SHORT = 2.5


def in_coroutine(react, **how):
    """A client that is a coroutine function."""

    async def run(url):
        headers = {"additional_headers": {"Authorization": "Token any"}}
        async with connect(url, proxy=None, **{"open_timeout": 60, **(how or headers)}) as socket:
            try:
                async for data in socket:
                    for body in react(json.loads(data)) if isinstance(data, str) else []:
                        await socket.send(json.dumps(body))
            except (ConnectionClosed, ValueError, KeyError):
                return

    return run


def program(name):
    return [sys.executable, PROGRAM, name, "{url}"]


def test_a_coroutine_function_is_a_client():
    run_state_machine(in_coroutine(clients.right), settings=FEW, strict=True)
    with pytest.raises(AssertionError, match="SET-003"):
        run_state_machine(in_coroutine(clients.greets_with_settings_again), settings=UNSHRUNK, patience=SHORT)


def test_a_client_may_bring_its_key_as_a_subprotocol():
    run_state_machine(in_coroutine(clients.right, subprotocols=["token", "any"]), settings=FEW, strict=True)


def test_a_client_without_a_key_is_not_let_in():
    with pytest.raises(
        AssertionError, match=r"its handshake was refused: 401 .*; the client ended with Inval"
    ):
        run_state_machine(in_coroutine(clients.right, open_timeout=60), settings=UNSHRUNK)


def test_a_client_of_early_access_is_played_with_in_its_words():
    early = clients.client(clients.right_in_early_access)
    run_state_machine(early, dialect="early-access", settings=FEW, strict=True)
    wrong = clients.client(clients.settings_of_v1_in_early_access)
    with pytest.raises(AssertionError, match="Settings"):
        run_state_machine(wrong, dialect="early-access", settings=UNSHRUNK, patience=SHORT)


def test_a_client_of_the_other_dialect_is_not_let_in():
    elsewhere = clients.client(clients.right)
    with pytest.raises(AssertionError, match="refused: 404 This is a session of early-access"):
        run_state_machine(
            lambda url: elsewhere(url.replace("/agent", "/v1/agent/converse")),
            dialect="early-access",
            settings=UNSHRUNK,
        )


def test_a_command_is_a_client():
    run_state_machine(program("right"), settings=FEW, steps=6, strict=True)
    with pytest.raises(AssertionError, match="SET-003"):
        run_state_machine(program("greets_with_settings_again"), settings=UNSHRUNK, steps=6)


def test_a_command_finds_the_address_in_its_environment_and_no_key_of_the_user():
    code = (
        "import os, sys; sys.argv[1:] = ['right', os.environ['MOCKAGENT_URL']];"
        "assert os.environ['DEEPGRAM_API_KEY'] == 'not-a-real-key', 'it has a key';"
        f"exec(open({PROGRAM!r}).read())"
    )
    run_state_machine([sys.executable, "-c", code], settings=trials(FEW, max_examples=2), steps=4)


def test_the_last_words_of_a_command_that_gives_up_are_told():
    with pytest.raises(AssertionError, match="to go on; the client ended with exit status 1: no such tune"):
        run_state_machine(program("leaves_with_an_error"), settings=UNSHRUNK, steps=6)


def test_a_command_that_does_not_end_is_ended_with_all_its_processes():
    with pytest.raises(AssertionError, match="expected the client to end after its session"):
        run_state_machine(
            program("outstays"), settings=trials(UNSHRUNK, max_examples=3), steps=2, patience=SHORT
        )
    commands = [each.read_bytes() for each in Path("/proc").glob("[0-9]*/cmdline") if each.exists()]
    assert not any(clients.OUTSTAYING.encode() in each for each in commands)


def test_a_client_is_let_in_once_for_each_start():
    def comes_twice(url):
        clients.client(clients.right)(url)
        clients.client(clients.right)(url)

    run_state_machine(comes_twice, settings=trials(FEW, max_examples=6), strict=True)


def test_a_server_may_want_a_key_and_be_fast():
    with serving(speed=4.0, api_key=KEY, expect_finished=False, allow_findings=True) as server:
        run_state_machine(server.url, headers={"authorization": f"Token {KEY}"}, speed=4.0, settings=FEW)
        assert any(session.sent for session in server.sessions)
        with pytest.raises(AssertionError, match=r"to let a client in, got .*401"):
            run_state_machine(server.url, speed=4.0, settings=UNSHRUNK)


def tells_the_key(body, memory):
    return {**body, "note": KEY}


def test_no_report_and_no_trace_shows_the_key_that_a_server_was_given(tmp_path):
    with (
        serving(speed=4.0, expect_finished=False, allow_findings=True) as server,
        between(server.url, tells_the_key) as url,
        pytest.raises(AssertionError, match=r"MSG-.* /note") as caught,
    ):
        headers = {"Authorization": f"Bearer {KEY}"}
        run_state_machine(url, headers=headers, speed=4.0, settings=UNSHRUNK, strict=True, traces=tmp_path)
    (written,) = tmp_path.iterdir()
    text = written.read_text("utf-8")
    assert KEY not in str(caught.value) + text
    assert "[redacted]" in text
    assert read(text.splitlines(keepends=True)).events


def test_no_report_shows_the_key_that_a_client_brought(tmp_path):
    def tells_its_key(body):
        return [{"type": "Settings", "agent": KEY, "tags": [KEY]}] if body["type"] == "Welcome" else []

    with pytest.raises(AssertionError, match="Settings") as caught:
        run_state_machine(clients.client(tells_its_key, KEY), settings=UNSHRUNK, traces=tmp_path)
    text = "".join(each.read_text("utf-8") for each in tmp_path.iterdir())
    assert KEY not in str(caught.value) + text
    assert "[redacted]" in text
