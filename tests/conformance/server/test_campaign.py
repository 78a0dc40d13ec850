"""The kit against servers that play freely, and against what is no server: right ones pass, and nothing else does."""

import asyncio
import contextlib
import json

import pytest

from mockagent.conformance.server.handshakes import HANDSHAKE
from mockagent.conformance.server.speech import Voice, has_synthesiser
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.render.document import document
from mockagent.render.text import lines

KEY = "sesame-0123456789abcdef"
CONVERSATIONS = (
    "greeting_only",
    "everyday_call",
    "text_only",
    "long_answer",
    "function_call",
    "two_functions_at_once",
    "prompt_and_speak_updates",
)


def verdicts(report, case=None, asks=None):
    found = [
        each for each in report.results if case in (None, each.row.case) and asks in (None, each.row.asks)
    ]
    return {each.verdict for each in found}


def told_of(report):
    shown = [each for each in report.results if each.row.id in bad(report)]
    return [f"{each.row.id} {each.verdict} {each.expected} {each.got} {each.reason}" for each in shown]


def bad(report):
    return {
        each.row.id for each in report.results if each.verdict.weight not in (Weight.GOOD, Weight.UNSCORED)
    }


@pytest.mark.parametrize("voice", [Voice.TONES, Voice.TEXT])
def test_a_server_that_finds_its_own_words_passes(against, playing_freely, voice):
    report = against(playing_freely(KEY), *CONVERSATIONS, knocks=True, voice=voice)
    assert bad(report) == set(), "\n".join(told_of(report))
    assert verdicts(report, asks="course") == {Verdict.PASS}
    assert report.exit_code == 0
    said = " ".join(report.notes)
    assert ("in tones" in said) is (voice is Voice.TONES)
    assert "words free" in said


@pytest.mark.skipif(not has_synthesiser(), reason="this machine has no espeak-ng")
def test_a_user_turn_is_spoken_by_the_machine(against, playing_freely):
    report = against(playing_freely(KEY), "function_call", voice=Voice.ESPEAK)
    assert bad(report) == set()
    assert "1 by espeak-ng" in report.notes[1]


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        ("odd samples", {"sanity-first/AUD-004"}),
        ("takes any key", {"handshake/HSK-005"}),
    ],
)
def test_one_wrong_thing_breaks_its_own_row(against, playing_freely, wrong, broken):
    report = against(playing_freely(KEY, wrong), knocks=True)
    assert broken <= bad(report)
    courses = [each for each in report.results if each.row.asks == "course"]
    assert courses[0].verdict is Verdict.PASS
    assert report.exit_code == 1


def test_what_a_model_need_not_do_is_inconclusive_and_never_a_pass(against, playing_freely):
    report = against(playing_freely(KEY, "never calls"), "function_call", step=1.0)
    assert verdicts(report, "function_call", "course") == {Verdict.INCONCLUSIVE}
    assert verdicts(report, "function_call", "FUN-009") == {Verdict.INCONCLUSIVE}
    assert Verdict.FAIL not in verdicts(report)
    assert verdicts(report, "sanity-last") == {Verdict.PASS}


def test_a_server_that_does_not_answer_what_was_typed_hangs(against, playing_freely):
    report = against(playing_freely(KEY, "deaf"), "text_only", step=1.0)
    assert verdicts(report, "text_only", "course") == {Verdict.HANG}


def test_what_only_a_script_can_bring_about_does_not_apply(against, playing_freely):
    report = against(playing_freely(KEY), "fatal_error", "half_open", "slow_providers", "two_hours")
    for case in ("fatal_error", "half_open", "slow_providers", "two_hours"):
        assert verdicts(report, case) == {Verdict.NOT_APPLICABLE}
        assert {each.reason for each in report.results if each.row.case == case} != {""}


@contextlib.asynccontextmanager
async def tcp(attend):
    server = await asyncio.start_server(attend, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse"
        server.close()


async def accepts_and_is_silent(reader, writer):
    await reader.read()
    writer.close()


async def answers_200(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()
    writer.close()


async def talks_garbage(reader, writer):
    writer.write(b"\x00\xff garbage \r\n\r\n" * 10)
    await writer.drain()
    writer.close()


async def tells_the_key(reader, writer):
    """Refuses, and says with which key."""
    asked = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.split()[-1] for line in asked.splitlines() if line.startswith("Authorization"))
    body = json.dumps({"err_code": "INVALID_AUTH", "err_msg": f"Who is {key}?"}).encode()
    writer.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def refuses():
    async with tcp(accepts_and_is_silent) as url:
        pass
    yield url


@contextlib.asynccontextmanager
async def websocket(attend):
    from websockets.asyncio.server import serve

    async with serve(attend, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/agent/converse"


async def echoes(socket):
    async for data in socket:
        await socket.send(data)


async def welcomes_for_ever(socket):
    with contextlib.suppress(Exception):
        while True:
            await socket.send(json.dumps({"type": "Welcome", "request_id": KEY}))
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "serving",
    [
        lambda: tcp(accepts_and_is_silent),
        lambda: tcp(answers_200),
        lambda: tcp(talks_garbage),
        lambda: refuses(),
        lambda: websocket(echoes),
        lambda: websocket(welcomes_for_ever),
    ],
    ids=["silence", "plain_http", "garbage", "refused", "echo", "welcome_for_ever"],
)
def test_what_is_no_server_fails_every_row(against, serving):
    report = against(serving(), "function_call", "text_only", knocks=True, step=0.3, speed=20.0)
    assert verdicts(report) <= {Verdict.FAIL, Verdict.HANG}
    assert len(report.results) == len(report.planned)
    assert report.exit_code == 1


def test_what_does_not_fit_into_the_minutes_is_skipped_with_the_reason(against, playing_freely):
    report = against(playing_freely(KEY), "everyday_call", minutes=1.0)
    assert verdicts(report, "everyday_call") == {Verdict.SKIPPED}
    assert "1 minutes" in next(each.reason for each in report.results if each.row.case == "everyday_call")
    assert verdicts(report, "sanity-first", "course") == {Verdict.PASS}


def test_a_case_that_hangs_is_cut_when_the_minutes_are_up(against, playing_freely):
    """No other clock runs out for a minute."""
    serving = playing_freely(KEY, "never calls")
    report = against(serving, "function_call", minutes=0.1, step=60.0, speed=20.0)
    assert verdicts(report, "function_call", "course") == {Verdict.SKIPPED}
    assert verdicts(report, "sanity-last") == {Verdict.SKIPPED}
    assert len(report.results) == len(report.planned)


def test_a_refusal_that_tells_the_key_does_not_tell_it_further(against):
    report = against(tcp(tells_the_key), "function_call")
    shown = json.dumps(document(report, "1")) + "\n".join(lines(report))
    assert "Who is [redacted]?" in shown
    assert KEY not in shown


def test_the_key_is_in_no_report_and_no_trace(against, playing_freely, tmp_path):
    serving = playing_freely(KEY, "tells the key")
    report = against(serving, "text_only", folder=tmp_path, knocks=True)
    traces = sorted(tmp_path.iterdir())
    assert [path.name for path in traces] == ["sanity-first.jsonl", "sanity-last.jsonl", "text_only.jsonl"]
    kept = "".join(path.read_text("utf-8") for path in traces)
    assert "Your key is [redacted]." in kept
    shown = kept + json.dumps(document(report, "1")) + "\n".join(lines(report))
    assert KEY not in shown
    assert all(run.files for run in report.runs if run.case != HANDSHAKE)
