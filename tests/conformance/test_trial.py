"""One case through real sockets and processes: who is no client fails every row, and nothing of anybody is left."""

import asyncio
import os
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.conformance.campaign import REFERENCE
from mockagent.conformance.judging import results_of
from mockagent.conformance.planning import Limits
from mockagent.conformance.processes import inheriting_orphans
from mockagent.conformance.seen import Clock
from mockagent.conformance.trial import How, tried
from mockagent.conformance.verdicts import Verdict, Weight

NULL_PEERS = (
    *("connect_and_close", "connect_and_silence", "connect_and_echo"),
    *("garbage", "plain_http", "sleep", "crash"),
)
TRIED_WITH = (
    "greeting_only",
    "barge_in",
    "silence_timeout",
    "half_open",
    "fatal_error",
    "reconnect_after_503",
)


def attempt(play, command, folder, **limits):
    """What is seen of that command in the case."""
    how = How(command, folder, os.environ, 20.0, Limits(**limits))
    with inheriting_orphans():
        return asyncio.run(tried(play, how))


def judged(case, seen, level=1):
    return {each.row.asks: each for each in results_of(case, seen, catalogue.requirements(), level)}


def living(words):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            found += [entry.name] if words in (entry / "cmdline").read_text() else []
        except OSError:
            continue
    return found


@pytest.mark.parametrize("name", NULL_PEERS)
@pytest.mark.parametrize("scenario", TRIED_WITH)
def test_who_is_no_client_fails_every_row(name, scenario, cases_of, peer, tmp_path):
    case = cases_of(scenario)[scenario]
    seen = attempt(case, peer(name), tmp_path, connect=1.0, step=1.0)
    rows = judged(case, seen)
    assert [each for each in rows.values() if each.verdict.weight is not Weight.BAD] == []
    assert len(rows) == len(case.rows)


def test_a_program_that_does_nothing_at_all_fails_every_row(cases_of, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    rows = judged(case, attempt(case, ("true",), tmp_path))
    assert {each.verdict for each in rows.values()} == {Verdict.FAIL}
    assert rows["course"].got == "none"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of all processes")
def test_a_hostile_command_is_ended_in_time_and_leaves_no_process(cases_of, peer, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    seen = attempt(case, peer("hostile"), tmp_path, case=2.0)
    assert seen.late is Clock.CASE
    assert seen.seconds < 3.0
    assert living("77777") == []
    assert living(peer("hostile")[1]) == []
    assert (tmp_path / "greeting_only" / "stdout.txt").read_text() == "started\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of all processes")
def test_what_a_command_leaves_behind_in_another_session_ends_with_its_case(cases_of, peer, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    seen = asyncio.run(tried(case, How(peer("daemon"), tmp_path, os.environ, 20.0)))
    assert seen.status == 0
    assert living(peer("hostile")[1]) == []


def test_a_signal_is_a_crash_and_names_itself(cases_of, peer, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    course = judged(case, attempt(case, peer("crash"), tmp_path))["course"]
    assert (course.verdict, course.reason) == (Verdict.CRASH, "signal 11 ended the command")


def test_an_unknown_intent_is_unimplemented_in_every_row(cases_of, peer, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    rows = judged(case, attempt(case, peer("unimplemented"), tmp_path))
    assert {each.verdict for each in rows.values()} == {Verdict.UNIMPLEMENTED}


def test_a_client_that_waits_for_ever_hangs_and_is_told_for_what_it_was_waited(cases_of, peer, tmp_path):
    case = cases_of("greeting_only", speed=0.2)["greeting_only"]
    how = How(peer("connect_and_silence"), tmp_path, os.environ, 0.2, Limits(case=2.0))
    seen = asyncio.run(tried(case, how))
    course = judged(case, seen)["course"]
    assert (course.verdict, seen.late) == (Verdict.HANG, Clock.CASE)
    assert course.expected == "Settings that can be applied"
    assert course.what == "server Welcome"


def test_the_reference_client_passes_and_its_session_is_recorded(cases_of, tmp_path):
    case = cases_of("function_call")["function_call"]
    how = How(REFERENCE, tmp_path, os.environ, 20.0, traces=True)
    seen = asyncio.run(tried(case, how))
    assert {each.verdict for each in judged(case, seen).values()} == {Verdict.PASS}
    assert Path(seen.sessions[0].trace).parent == tmp_path / "function_call"


def test_no_credential_of_the_user_reaches_the_command(cases_of, tmp_path):
    case = cases_of("greeting_only")["greeting_only"]
    how = How(
        ("env",), tmp_path, {"PATH": os.environ["PATH"], "DEEPGRAM_API_KEY": "precious", "MINE": "precious"}
    )
    seen = asyncio.run(tried(case, how))
    assert "precious" not in seen.output
    assert "DEEPGRAM_API_KEY=[redacted]" in seen.output


def test_the_sessions_of_a_case_are_counted(cases_of, tmp_path):
    case = cases_of("fragmented_and_compressed")["fragmented_and_compressed"]
    seen = attempt(case, REFERENCE, tmp_path)
    assert [each.session for each in seen.sessions] == list(range(1, case.connections + 1))
    assert case.connections > 1
