"""Level 2 through real sockets and processes: an application that loses one thing fails that row, and no other."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.conformance.campaign import REFERENCE
from mockagent.conformance.judging import results_of
from mockagent.conformance.trial import How, tried
from mockagent.conformance.verdicts import Verdict

PEERS = Path(__file__).parent / "observing_peers.py"


async def judged(case, command, folder):
    seen = await tried(case, How(command, folder, os.environ, 20.0))
    return {each.row.asks: each for each in results_of(case, seen, catalogue.requirements(), 2)}


def peer(name):
    return (sys.executable, str(PEERS), name)


@pytest.mark.parametrize(
    ("name", "scenario", "asks", "verdict"),
    [
        ("lose_events", "barge_in", "OBS-001", Verdict.FAIL),
        ("lose_a_field", "barge_in", "OBS-002", Verdict.WARN),
        ("tell_no_fields", "barge_in", "OBS-002", Verdict.NOT_APPLICABLE),
        ("swallow_errors", "fatal_error", "OBS-003", Verdict.FAIL),
        ("drop_audio", "barge_in", "OBS-004", Verdict.FAIL),
        ("play_on", "barge_in", "OBS-005", Verdict.FAIL),
        ("miss_the_close", "fatal_error", "OBS-006", Verdict.WARN),
        ("garble", "barge_in", "observed", Verdict.FAIL),
    ],
)
def test_what_an_application_loses_is_found_and_nothing_else(
    name, scenario, asks, verdict, cases_of, tmp_path
):
    case = cases_of(scenario, level=2)[scenario]
    rows = asyncio.run(judged(case, peer(name), tmp_path))
    assert {each: row.verdict for each, row in rows.items() if row.verdict is not Verdict.PASS} == {
        asks: verdict
    }


def test_an_application_that_says_nothing_fails_all_that_it_had_to_say(cases_of, tmp_path):
    (tmp_path / "barge_in").mkdir()
    old = tmp_path / "barge_in" / "observed.txt"
    old.write_text('{"audio": 99999999}\n', "utf-8")  # of another run
    case = cases_of("barge_in", level=2)["barge_in"]
    rows = asyncio.run(judged(case, peer("say_nothing"), tmp_path))
    failed = {asks for asks, row in rows.items() if row.verdict is not Verdict.PASS}
    assert failed == {"observed", "OBS-001", "OBS-002", "OBS-004", "OBS-005"}
    assert {rows[asks].verdict for asks in failed} == {Verdict.FAIL}


def test_the_reference_client_passes_every_row(cases_of, tmp_path):
    case = cases_of("fatal_error", level=2)["fatal_error"]
    rows = asyncio.run(judged(case, REFERENCE, tmp_path))
    assert {row.verdict for row in rows.values()} == {Verdict.PASS}
    assert {"OBS-001", "OBS-003", "OBS-006", "observed"} <= set(rows)


@pytest.mark.parametrize("level", [0, 1])
def test_below_level_2_nothing_is_asked_of_the_application(level, cases_of):
    for case in cases_of("barge_in", "fatal_error", level=level).values():
        assert [row.asks for row in case.rows if row.asks.startswith("OBS") or row.asks == "observed"] == []
