"""OPN: how a session opens."""

from mockagent.protocol.events import Closed, Opened, Side
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
WELCOME = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}
OPENED = (S, Opened(), 0.0)


def test_a_welcome_in_good_time_breaks_nothing(broken):
    assert broken(OPENED, (S, WELCOME, 0.02)) == ()


def test_settings_may_come_before_welcome(broken, settings):
    assert broken(OPENED, (C, settings(), 0.01), (S, WELCOME, 0.02), (S, "SettingsApplied")) == ()


def test_something_else_first_breaks_only_opn_001(broken):
    assert broken(OPENED, (S, {"type": "Warning", "code": "PROMPT_TOO_LONG", "description": "x"})) == (
        "OPN-001",
    )


def test_settings_applied_without_welcome_breaks_only_opn_001(broken, settings):
    assert broken(OPENED, (C, settings()), (S, "SettingsApplied")) == ("OPN-001",)


def test_audio_first_breaks_only_opn_001(broken):
    assert broken(OPENED, (S, 960)) == ("OPN-001",)


def test_a_close_before_welcome_is_no_frame(broken):
    assert broken(OPENED, (S, Closed(1011))) == ()


def test_a_welcome_at_once_breaks_only_opn_002(broken):
    assert broken(OPENED, (S, WELCOME, 0.019)) == ("OPN-002",)


def test_how_soon_is_too_soon_is_a_switch(broken):
    assert broken(OPENED, (S, WELCOME, 0.001), switches=Switches(welcome_after=0.0)) == ()


def test_a_second_welcome_breaks_only_opn_003(broken):
    assert broken(OPENED, (S, WELCOME), (S, WELCOME)) == ("OPN-003",)


def test_a_second_welcome_in_a_session_breaks_only_opn_003(broken_in_session):
    assert broken_in_session((S, WELCOME)) == ("OPN-003",)


def test_how_soon_a_welcome_came_is_told_in_milliseconds(violations):
    (violation,) = violations(OPENED, (S, WELCOME, 0.5), switches=Switches(welcome_after=1.0))
    assert violation.expected == "Welcome at least 1000 ms after the upgrade"
    assert violation.got == "Welcome after 500.0 ms"
