"""Time that is bent: two hours of a session in seven seconds, with everything at its own time of the session."""

import asyncio

import pytest
from virtual_time import Clock

from mockagent import catalogue
from mockagent.protocol.events import Elapsed, Message, Side
from mockagent.testing import ReferenceClient, serving

SPEED = 1000
LATE = 60.0
"""Seconds of the session by which anything may be late at that speed."""


@pytest.fixture(scope="module")
def session():
    scenario = catalogue.proved_scenario(catalogue.find_scenario("two_hours"))
    client = ReferenceClient(scenario, speed=SPEED)
    with Clock().everywhere(), serving(scenario, speed=SPEED) as server:
        asyncio.run(asyncio.wait_for(client.play(server.url), 60))
    (found,) = server.sessions
    assert client.is_over
    return found


def moments(session, wanted):
    return [event.at for event in session.events if wanted(event.content)]


def test_the_session_ends_at_two_hours_and_the_script_with_it(session):
    assert (session.ending, session.findings) == ("finished", [])
    (ended,) = moments(session, lambda content: content == Elapsed("the session"))
    assert 7200 <= ended < 7200 + LATE
    assert session.sent[-1]["code"] == "MAXIMUM_SESSION_LENGTH_REACHED"


def test_it_is_warned_once_five_minutes_before(session):
    (warned,) = moments(session, lambda content: isinstance(content, Message) and content.type == "Warning")
    assert 6900 <= warned < 6900 + LATE
    assert session.sent[-2]["code"] == "MAXIMUM_SESSION_LENGTH_APPROACHING"


def test_keep_alives_came_all_the_time_and_did_not_put_off_the_end(session):
    signs = [
        event.at
        for event in session.events
        if event.sender is Side.CLIENT and isinstance(event.content, Message)
    ]
    assert len(signs) > 200
    assert max(signs) > 7000
