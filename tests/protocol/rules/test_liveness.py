"""LIV: a client must show that it is there, and no session lasts for ever."""

import pytest

from mockagent.protocol.events import Closed, Dialect, Elapsed, Malformed, Side
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
WARNED = (S, {"type": "Warning", "code": "MAXIMUM_SESSION_LENGTH_APPROACHING", "description": "x"}, 6900.0)
TWO_HOURS = ((C, Elapsed("session warning"), 6900.0), WARNED, (C, Elapsed("the session"), 7200.0))
REACHED = {"type": "Error", "code": "MAXIMUM_SESSION_LENGTH_REACHED", "description": "x"}
CLOSED = (S, Closed(), 7200.0)


def test_settings_in_time_break_nothing(judge):
    assert judge((S, "Welcome", 0.02)).session.deadline == (10.0, "first settings")


def test_no_settings_in_time_break_only_liv_001(broken):
    welcome = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}
    assert broken((S, welcome, 0.02), (C, Elapsed("first settings"), 10.0)) == ("LIV-001",)


def test_silence_breaks_only_liv_002(broken_in_session):
    assert broken_in_session((C, Elapsed("silence"), 10.2)) == ("LIV-002",)


def test_a_client_that_does_not_read_breaks_only_liv_010(broken_in_session):
    assert broken_in_session((C, Elapsed("unread"), 3.0), (S, Closed(1006), 3.0)) == ("LIV-010",)


@pytest.mark.parametrize(
    "sign", [640, "KeepAlive", Malformed("JSON", "x", 1), {"type": "UpdatePrompt", "prompt": "x"}]
)
def test_every_sign_of_life_counts(session, sign):
    assert session((C, sign, 8.0)).deadline == (18.0, "silence")


def test_what_the_server_sends_is_no_sign_of_the_client(session):
    assert session((S, "UserStartedSpeaking", 8.0)).deadline == (10.2, "silence")


def test_a_session_that_is_warned_and_ended_breaks_nothing(broken_in_session):
    assert broken_in_session(*TWO_HOURS, (S, REACHED, 7200.0), CLOSED) == ()


@pytest.mark.parametrize(
    "what", ["UserStartedSpeaking", {"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": "x"}]
)
def test_a_session_that_goes_on_breaks_only_liv_003(broken_in_session, what):
    assert broken_in_session(*TWO_HOURS, (S, what, 7200.1)) == ("LIV-003",)


def test_an_end_without_a_warning_breaks_only_liv_004(broken_in_session):
    steps = (TWO_HOURS[0], TWO_HOURS[2], (S, REACHED, 7200.0), CLOSED)
    assert broken_in_session(*steps) == ("LIV-004",)


def test_a_session_may_end_so_before_its_time(broken_in_session):
    assert broken_in_session((S, REACHED, 10.0), (S, Closed(), 10.0)) == ()


def test_the_end_is_near_at_1_55_and_there_at_2_00(session):
    talked = session((C, "KeepAlive", 6895.0))
    assert talked.deadline == (6900.0, "session warning")
    warned = session((C, Elapsed("session warning"), 6900.0), (C, "KeepAlive", 7195.0))
    assert warned.deadline == (7200.0, "the session")


def test_a_short_session_is_not_warned_and_early_access_has_no_such_limit(session):
    short = Switches(session_for=5.0)
    assert session(switches=short).deadline == (5.0, "the session")
    silent = session((C, Elapsed("silence"), 10.3), dialect=Dialect.EARLY_ACCESS)
    assert silent.deadline is None
