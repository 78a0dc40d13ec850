"""What a test learns from a server that runs beside it."""

import asyncio
import re
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mockagent.audio.packets import speech_packets
from mockagent.errors import NoSuchName
from mockagent.protocol.formats import AudioFormat
from mockagent.testing import serving

SPEED = 20


@pytest.fixture
def server():
    """The house agent, which nobody need talk to."""
    with serving(speed=SPEED, expect_finished=False) as server:
        yield server


def test_each_message_is_given_once_and_in_any_order(server, call):
    with call(server.url) as client:
        client.settle()
        client.say(type="UpdatePrompt", prompt="one")
        client.say(type="KeepAlive")
        client.say(type="UpdatePrompt", prompt="two")
        assert server.wait_for("KeepAlive") == {"type": "KeepAlive"}
        assert server.wait_for({"type": "UpdatePrompt", "prompt": "~t"})["prompt"] == "two"
        assert server.wait_for("UpdatePrompt")["prompt"] == "one"
        with pytest.raises(AssertionError, match="nearest: UpdatePrompt, which an earlier wait was given"):
            server.wait_for("UpdatePrompt", timeout=0)
    assert [message["type"] for message in server.messages] == [
        "Settings",
        "UpdatePrompt",
        "KeepAlive",
        "UpdatePrompt",
    ]


def test_a_wait_in_vain_says_what_came_instead(server, call):
    with call(server.url) as client:
        client.settle()
        client.socket.send(bytes(640))
        client.socket.send(bytes(640))
        client.say(type="UpdatePrompt", prompt="Answer in French.")
        server.wait_for("UpdatePrompt")
        with pytest.raises(AssertionError) as failure:
            server.wait_for({"type": "UpdatePrompt", "prompt": "~German"}, timeout=0)
    assert str(failure.value).splitlines() == [
        'waited 0 s for a message: {"type": "UpdatePrompt", "prompt": "~German"}',
        '  nearest: UpdatePrompt, where /prompt: expected a text containing "German", got "Answer in French."',
        "  session 1 (open) sent Settings, audio (1280 bytes), UpdatePrompt",
    ]


def test_a_wait_without_any_client_says_so(server):
    with pytest.raises(AssertionError, match=re.escape(f"no client has connected to {server.url}")):
        server.wait_for("KeepAlive", timeout=0)


def test_a_wait_that_stops_its_own_event_loop_says_so(server):
    async def wait() -> None:
        server.wait_for("KeepAlive", timeout=0)

    with pytest.raises(AssertionError, match=r"await asyncio\.to_thread"):
        asyncio.run(wait())


def test_a_type_that_no_client_sends_is_refused_at_once(server):
    with pytest.raises(NoSuchName, match="did you mean 'FunctionCallResponse'"):
        server.wait_for("FunctionCallRespons")


def test_audio_is_waited_for_by_bytes_or_by_seconds(server, call):
    with call(server.url) as client:
        client.settle()
        client.socket.send(b"\1\0" * 1600)
        client.socket.send(b"\2\0" * 1600)
        assert server.wait_for_audio(bytes=6400) == 6400
        assert server.wait_for_audio(seconds=0.2) == 6400
        with pytest.raises(AssertionError, match=r"waited 0 s for 1 s of audio \(got 6400 bytes, 0\.20 s\)"):
            server.wait_for_audio(seconds=1, timeout=0)
    assert server.sessions[0].audio == b"\1\0" * 1600 + b"\2\0" * 1600


def test_compressed_audio_is_waited_for_by_its_seconds(server, call):
    opus = speech_packets("One second of this.", AudioFormat("opus", 48_000, "none", 24_000))
    with call(server.url) as client:
        client.settle(audio={"input": {"encoding": "opus", "sample_rate": 48_000}})
        for frame in opus:
            client.socket.send(frame)
        assert server.wait_for_audio(seconds=1.0) > 0
    assert server.sessions[0].audio_seconds == pytest.approx(len(opus) * 0.02, abs=0.03)


@pytest.mark.parametrize("amount", [{}, {"bytes": 1, "seconds": 1}])
def test_audio_is_waited_for_by_one_of_the_two(server, amount):
    with pytest.raises(TypeError, match="either bytes or seconds"):
        server.wait_for_audio(**amount)


def test_the_trace_has_a_header_each_event_and_a_footer(server, call):
    with call(server.url) as client:
        client.settle()
    server.wait_for_close()
    header, *events, footer = server.trace
    assert (header["trace"], header["dialect"], header["session"]) == (1, "v1", server.sessions[0].id)
    assert [line["n"] for line in events] == list(range(1, len(events) + 1))
    assert events[-1]["closed"] == {"code": 1000, "reason": ""}
    assert (footer["end"], footer["events"], footer["outcome"]) == (True, len(events), "unscripted")


def test_an_open_session_has_no_footer_yet(server, call):
    with call(server.url) as client:
        client.settle()
        assert "end" not in server.trace[-1]
        assert server.sessions[0].ending == "open"


def test_what_the_server_says_is_kept_too(server, call):
    with call(server.url) as client:
        client.settle()
        assert [message["type"] for message in server.sessions[0].sent][:2] == ["Welcome", "SettingsApplied"]


def test_each_client_has_a_session(server, call):
    for _ in range(2):
        with call(server.url) as client:
            client.settle()
    assert [session.number for session in server.wait_for_close(2)] == [1, 2]
    assert [message["type"] for message in server.messages] == ["Settings", "Settings"]


def test_a_session_that_stays_open_is_waited_for_in_vain(server, call):
    with call(server.url), pytest.raises(AssertionError, match=r"waited 0 s for the end of 1 session"):
        server.wait_for_close(timeout=0)


def test_a_fault_of_the_server_itself_is_a_complaint():
    server = serving(expect_finished=False)
    server._loop.call_soon_threadsafe(lambda: 1 / 0)
    server.stop()
    [complaint] = server.complaints()
    assert complaint.startswith("mockagent itself failed: ")
    assert "ZeroDivisionError" in complaint


def test_the_end_of_the_block_checks_what_happened(call):
    missing = r"greeting_only\.yaml:7: expected the close of the client"
    with (
        ExitStack() as afterwards,
        pytest.raises(AssertionError, match=missing),
        serving("greeting_only", speed=SPEED) as server,
    ):
        afterwards.enter_context(call(server.url)).settle()


def test_a_block_that_failed_keeps_its_own_error():
    with pytest.raises(ZeroDivisionError), serving("greeting_only"):
        raise ZeroDivisionError


def test_a_server_that_was_stopped_can_still_be_asked(call):
    server = serving(speed=SPEED)
    with call(server.url) as client:
        client.settle()
    server.finish()
    server.stop()
    assert server.is_quiet()
    assert server.messages[0]["type"] == "Settings"
    assert server.complaints() == []


def test_a_client_that_was_turned_away_is_not_said_never_to_have_come():
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(AssertionError, match="turned away with 401: Invalid credentials"))
        server = stack.enter_context(serving("greeting_only", api_key="good"))
        with pytest.raises(InvalidStatus):
            connect(server.url, additional_headers={"Authorization": "Token other"})
