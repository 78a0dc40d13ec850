"""A requirement is exercised by what could have broken it, and by nothing less."""

import pytest

from mockagent.conformance.exercise import Exercise
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Side
from mockagent.protocol.switches import Switches

SETTINGS = {"type": "Settings", "agent": {}}
CALL = {
    "type": "FunctionCallRequest",
    "functions": [{"id": "1", "name": "f", "arguments": "{}", "client_side": True}],
}


def asked(*events):
    exercise = Exercise(Dialect.V1, Switches())
    for event in events:
        exercise.see(event)
    return exercise.asked


def client(at, content):
    return Event(at, Side.CLIENT, content)


def server(at, type, **fields):
    return Event(at, Side.SERVER, Message(type, {"type": type, **fields}))


OPENED = Event(0.0, Side.SERVER, Opened())
BEGUN = (
    OPENED,
    server(0.1, "Welcome"),
    client(0.2, Message("Settings", SETTINGS)),
    server(0.2, "SettingsApplied"),
)


def test_a_connection_alone_asks_for_settings_in_time_and_for_nothing_else():
    assert asked(OPENED) == {"LIV-001"}


def test_a_message_asks_for_its_form_and_audio_for_its_own():
    assert {"MSG-001", "MSG-002", "SET-001"} <= asked(*BEGUN)
    assert "AUD-001" not in asked(*BEGUN)
    assert "AUD-001" in asked(*BEGUN, client(0.3, Audio(640)))


def test_what_the_server_sends_asks_for_nothing_of_the_client():
    assert asked(OPENED, server(0.1, "Welcome"), server(0.2, "Warning")) == {"LIV-001"}


@pytest.mark.parametrize(("closes_at", "is_asked"), [(9.0, False), (11.0, True)])
def test_silence_is_only_kept_by_a_session_that_lasts_for_as_long(closes_at, is_asked):
    assert ("LIV-002" in asked(*BEGUN, client(closes_at, Closed(1000)))) is is_asked


def test_a_call_asks_for_its_answer():
    assert "FUN-006" not in asked(*BEGUN)
    assert "FUN-006" in asked(*BEGUN, server(1.0, **CALL))
