"""From what was seen to verdicts: each failure has its row, and what did not happen proves nothing."""

from dataclasses import replace

import pytest

from mockagent import catalogue
from mockagent.conformance.judging import passes, results_of, unscored
from mockagent.conformance.report import Result, Row
from mockagent.conformance.seen import Clock, Fault, Seen, Witness
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Side
from mockagent.protocol.handshake import Credentials, Handshake
from mockagent.protocol.judge import Violation
from mockagent.protocol.requirements import Certainty
from mockagent.protocol.switches import Switches
from mockagent.scenario.account import Unmet
from mockagent.scenario.model import Place

REQUIREMENTS = catalogue.requirements()


@pytest.fixture
def case(cases_of):
    return cases_of("greeting_only")["greeting_only"]


def session(case, ending="finished", faults=(), code=1000, by=Side.CLIENT, configured=True):
    witness = Witness(Dialect.V1, Switches())
    witness.ending, witness.faults, witness.is_configured = ending, list(faults), configured
    witness.asked = {row.asks for row in case.rows}
    witness.closed, witness.closed_by = Closed(code), by
    if ending == "unfinished":
        witness.unmet = (Unmet(Place("f.yaml", 3, 1), "much", "little", "enough"),)
    return witness


def fault(requirement, binds=Side.CLIENT):
    return Fault(requirement, binds, 7, "client Settings", "much", "little", "/agent")


def judged(case, *sessions, level=1, requirements=REQUIREMENTS, **seen):
    found = Seen(list(sessions), **{"status": 0, **seen})
    return {each.row.asks: each for each in results_of(case, found, requirements, level)}


def verdicts(rows):
    return {each.verdict for each in rows.values()}


def test_a_session_that_came_to_its_end_and_broke_nothing_passes(case):
    assert verdicts(judged(case, session(case))) == {Verdict.PASS}


def test_a_broken_must_fails_its_own_row_and_no_other(case):
    rows = judged(case, session(case, faults=[fault("SET-004"), fault("SET-004")]))
    assert [asks for asks, each in rows.items() if each.verdict is not Verdict.PASS] == ["SET-004"]
    told = rows["SET-004"]
    assert (told.verdict, told.frame, told.expected, told.got, told.pointer, told.reason) == (
        *(Verdict.FAIL, 7, "much", "little", "/agent"),
        "2 times",
    )


def test_a_broken_should_and_what_is_only_inferred_are_warnings(case):
    assert judged(case, session(case, faults=[fault("SET-008")]))["SET-008"].verdict is Verdict.WARN
    inferred = {**REQUIREMENTS, "SET-004": replace(REQUIREMENTS["SET-004"], certainty=Certainty.INFERRED)}
    rows = judged(case, session(case, faults=[fault("SET-004")]), requirements=inferred)
    assert rows["SET-004"].verdict is Verdict.WARN


def test_what_the_scenario_does_not_ask_about_is_told_among_the_others(case):
    rows = judged(case, session(case, faults=[fault("SET-008"), fault("FUN-001")]))
    assert (rows["others"].verdict, rows["others"].expected) == (Verdict.FAIL, "FUN-001: much")


def test_what_was_not_exercised_is_no_pass(case):
    witness = session(case)
    witness.asked = set()
    assert judged(case, witness)["SET-001"].verdict is Verdict.NOT_APPLICABLE
    failed = session(case, "unfinished")
    failed.asked = set()
    assert judged(case, failed)["SET-001"].verdict is Verdict.FAIL


def test_a_session_without_settings_proves_nothing(case):
    assert verdicts(judged(case, session(case, "unfinished", configured=False))) == {Verdict.FAIL}


def test_nobody_who_came_fails_everything(case):
    assert verdicts(judged(case)) == {Verdict.FAIL}


def test_an_unmet_step_is_told_with_its_place_and_the_nearest(case):
    course = judged(case, session(case, "unfinished"))["course"]
    assert (course.verdict, course.place, course.expected, course.got, course.nearest) == (
        *(Verdict.FAIL, "f.yaml:3", "much", "little", "enough"),
    )


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ({"late": Clock.STEP, "status": None}, Verdict.HANG),
        ({"late": Clock.CASE, "status": None}, Verdict.HANG),
        ({"status": 139}, Verdict.CRASH),
        ({"status": 1}, Verdict.FAIL),
        ({"status": 127}, Verdict.UNIMPLEMENTED),
    ],
)
def test_how_the_command_ended_decides_how_an_unfinished_course_is_called(seen, verdict, case):
    assert judged(case, session(case, "unfinished"), **seen)["course"].verdict is verdict


def test_a_fault_of_the_kit_is_never_one_of_the_client(case):
    rows = judged(case, session(case, "unfinished", faults=[fault("OPN-001", Side.SERVER), fault("SET-004")]))
    assert verdicts(rows) == {Verdict.HARNESS_ERROR}


@pytest.mark.parametrize(
    ("session_of", "seen", "level", "verdict"),
    [
        ({"code": 1006}, {}, 1, Verdict.WARN),
        ({"code": 1006, "ending": "unfinished"}, {}, 1, Verdict.FAIL),
        ({"code": None}, {}, 1, Verdict.PASS),
        ({"by": Side.SERVER, "code": 4000}, {}, 1, Verdict.PASS),
        ({}, {"late": Clock.EXIT, "status": None}, 1, Verdict.HANG),
        ({}, {"late": Clock.EXIT, "status": None}, 0, Verdict.PASS_LENIENT),
        ({}, {"status": 139}, 1, Verdict.CRASH),
    ],
)
def test_the_close_is_judged_apart(session_of, seen, level, verdict, case):
    rows = judged(case, session(case, **session_of), level=level, **seen)
    assert rows["close"].verdict is verdict
    if "ending" not in session_of:
        assert rows["course"].verdict is Verdict.PASS


def test_a_case_that_is_skipped_says_why_in_every_row(case):
    rows = judged(replace(case, skipped="no reason"))
    assert {(each.verdict, each.reason) for each in rows.values()} == {(Verdict.NOT_APPLICABLE, "no reason")}


def test_a_client_that_fails_the_sanity_case_is_not_scored():
    row = Row("sanity-first", "course", "A sentence.")
    first = [Result(row, Verdict.FAIL, "much", "little")]
    assert not passes(first)
    (other,) = unscored([Row("lunch", "course", "A sentence.")], first)
    assert (other.verdict, other.reason) == (
        *(Verdict.FAIL, "not scored: sanity-first/course is FAIL: expected much, got little"),
    )
    (other,) = unscored([row], [replace(first[0], verdict=Verdict.HARNESS_ERROR)])
    assert other.verdict is Verdict.HARNESS_ERROR


def test_a_result_says_what_was_broken_and_in_which_session_of_the_case(case):
    witness = session(case, faults=[])
    early = Witness(Dialect.V1, Switches(), 2)
    event = Event(0.1, Side.CLIENT, Audio(9))
    early.record(event, [Violation(REQUIREMENTS["SET-002"], event, 1, "Settings", "audio")], frozenset())
    witness.faults = early.faults
    rows = judged(case, witness)
    found = next(each for each in rows.values() if each.verdict is Verdict.FAIL)
    assert (found.session, found.requirement, found.frame) == (2, "SET-002", 1)
    stuck = session(case, "unfinished")
    stuck.session = 3
    assert judged(case, stuck)["course"].session == 3
    assert judged(case, session(case, code=1006))["close"].session == 1


@pytest.mark.parametrize(
    ("scheme", "credentials", "broken"),
    [
        ("Token", Credentials.KEY, set()),
        ("Bearer", Credentials.KEY, {"HSK-002"}),
        ("", Credentials.NONE, {"HSK-001"}),
    ],
)
def test_a_client_is_held_to_what_it_says_at_the_door(scheme, credentials, broken, case):
    knocks = [Handshake("/v1/agent/converse", scheme, credentials)]
    rows = judged(case, session(case), handshakes=knocks)
    assert {asks for asks, each in rows.items() if each.verdict is Verdict.FAIL} == broken


def test_a_client_that_only_knocks_has_proved_nothing(case):
    knocks = [Handshake("/v1/agent/converse", "Token", Credentials.KEY)]
    rows = judged(case, session(case, "unfinished", configured=False), handshakes=knocks)
    assert verdicts(rows) == {Verdict.FAIL}
