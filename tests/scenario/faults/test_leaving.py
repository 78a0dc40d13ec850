"""How a client leaves after a fault: what excuses it, and what is said of it."""

import pytest

from mockagent.protocol.events import Closed
from mockagent.scenario.actions import Strike
from mockagent.scenario.faults.leaving import Leaving
from mockagent.scenario.model import Place

IN_A_FILE = Place("f.yaml", 3, 5)


def after(*strikes):
    leaving = Leaving()
    for strike in strikes:
        leaving.struck(strike)
    return leaving


@pytest.mark.parametrize(
    ("strike", "code", "is_excused"),
    [
        (Strike("invalid_utf8"), 1007, True),
        (Strike("invalid_utf8"), 1000, False),
        (Strike("invalid_utf8"), None, False),
        (Strike("invalid_utf8", place=IN_A_FILE), 1007, True),
        (Strike("oversized_text"), 1009, True),
        (Strike("oversized_text", place=IN_A_FILE), 1009, False),
        (Strike("malformed_json"), 1007, False),
    ],
)
def test_which_close_a_fault_is_the_reason_of(strike, code, is_excused):
    assert after(strike).left(Closed(code)) is is_excused


def test_what_is_said_of_a_client_that_does_not_leave_as_it_must():
    leaving = after(Strike("unknown_type"), Strike("oversized_text"), Strike("invalid_utf8"))
    sentence = "after invalid_utf8 a client must close with 1007 (RFC 6455, 8.1); this one"
    assert leaving.remarks == (f"{sentence} had not closed when the session ended",)
    leaving.left(Closed(1000))
    assert leaving.remarks == (f"{sentence} closed with 1000",)
    leaving.left(Closed())
    assert leaving.remarks == (f"{sentence} closed with no status",)
    leaving.left(Closed(1007))
    assert leaving.remarks == ()
