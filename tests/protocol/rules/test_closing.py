"""CLS: how a session ends."""

import pytest

from mockagent.protocol.events import Closed, Side

C, S = Side.CLIENT, Side.SERVER
ERROR = (S, {"type": "Error", "code": "FAILED_TO_THINK", "description": "x"}, 5.0)


@pytest.mark.parametrize(
    "steps",
    [
        (ERROR, (S, Closed(), 5.1)),
        (ERROR, (C, 640, 5.01), (S, Closed(), 6.0)),
        (ERROR, (C, Closed(1000), 5.1)),
        (ERROR, (C, Closed(1000), 5.1), (S, Closed(1000), 9.0)),
        ((S, Closed(1000), 5.0),),
        ((C, Closed(1000), 5.0),),
    ],
)
def test_proper_ends_break_nothing(broken_in_session, steps):
    assert broken_in_session(*steps) == ()


@pytest.mark.parametrize("what", ["UserStartedSpeaking", 960, ERROR[1]])
def test_more_after_an_error_breaks_only_cls_001(broken_in_session, what):
    assert broken_in_session(ERROR, (S, what)) == ("CLS-001",)


def test_an_error_is_fatal_even_where_it_should_not_come(broken):
    assert broken(ERROR, (S, Closed(1011), 5.1)) == ("OPN-001", "CLS-003")


def test_a_late_close_breaks_only_cls_002(broken_in_session):
    assert broken_in_session(ERROR, (S, Closed(), 6.1)) == ("CLS-002",)


@pytest.mark.parametrize("code", [1000, 1006, 1011])
def test_a_close_with_a_status_breaks_only_cls_003(broken_in_session, code):
    assert broken_in_session(ERROR, (S, Closed(code), 5.1)) == ("CLS-003",)


def test_what_a_client_sends_after_the_close_is_no_longer_about_the_error(broken_in_session):
    assert "CLS-006" not in broken_in_session(ERROR, (S, Closed(), 5.1), (C, 640, 9.0))


def test_a_client_has_a_second_to_take_notice_of_an_error(broken_in_session):
    failed = (S, {"type": "Error", "code": "FAILED_TO_THINK", "description": "x"}, 5.0)
    assert broken_in_session(failed, (C, "KeepAlive", 6.0)) == ()
    assert broken_in_session(failed, (C, "KeepAlive", 6.01)) == ("CLS-006",)
