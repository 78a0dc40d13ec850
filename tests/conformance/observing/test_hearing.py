"""What an application that left need not have seen: what was on its way, for as long as the script held it up."""

import pytest

from mockagent.conformance.observing.hearing import hearings
from mockagent.conformance.observing.lines import SawEvent
from mockagent.conformance.observing.served import served
from mockagent.protocol.events import Closed, Event, Message, Side


def message(at, type):
    return Event(at, Side.SERVER, Message(type, {"type": type}))


@pytest.mark.parametrize(("stalled", "unseen"), [(0.0, [1]), (3.0, [])])
def test_what_a_stall_held_up_is_not_asked_of_who_has_left(stalled, unseen):
    session = served(
        [message(1.0, "Welcome"), message(5.0, "LatencyReport"), Event(7.0, Side.CLIENT, Closed(1000))]
    )
    (hearing,) = hearings([session], [SawEvent("Welcome")], 1.0, stalled)
    assert hearing.unseen() == unseen
