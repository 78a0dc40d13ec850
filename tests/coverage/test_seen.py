"""What counts as exercised: what was really sent, in the state in which it was sent."""

from mockagent.coverage.seen import events_of, exercised
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Problem, Side
from mockagent.protocol.switches import Switches
from mockagent.scenario.beats import Beat


def message(sender, type, *problems, **body):
    return Event(1.0, sender, Message(type, {"type": type, **body}, problems))


def client(type, *problems, **body):
    return message(Side.CLIENT, type, *problems, **body)


def server(type, *problems, **body):
    return message(Side.SERVER, type, *problems, **body)


def seen(*events, dialect=Dialect.V1):
    opened = Event(0.0, Side.SERVER, Opened(dialect))
    return {str(row) for row in exercised([opened, *events], dialect, Switches())}


BROKEN = Problem("/x", "required", "something", "nothing")


def test_each_message_counts_with_its_variants_and_its_cell():
    assert seen(
        server("Welcome"), client("Settings"), server("SettingsApplied"), client("InjectAgentMessage")
    ) == {
        "v1 server Welcome",
        "v1 client Settings",
        "v1 welcomed/silence × Settings",
        "v1 server SettingsApplied",
        "v1 client InjectAgentMessage",
        "v1 client InjectAgentMessage behavior default",
        "v1 active/silence × InjectAgentMessage default",
    }


def test_codes_count_for_the_type_that_carries_them():
    assert seen(server("Warning", code="A"), server("Error", code="B")) == {
        "v1 server Warning",
        "v1 Warning A",
        "v1 server Error",
        "v1 Error B",
    }


def test_a_message_that_breaks_its_schema_counts_as_that_alone():
    assert seen(client("KeepAlive", BROKEN)) == {"v1 open/silence × a message that breaks its schema"}
    assert seen(server("Welcome", BROKEN)) == set()


def test_a_type_of_the_other_dialect_is_unknown():
    assert seen(client("Settings"), server("History"), dialect=Dialect.EARLY_ACCESS) == {
        "early-access open/silence × a message of an unknown type"
    }


def test_audio_counts_unless_it_is_none():
    assert "v1 client audio" in seen(Event(1.0, Side.CLIENT, Audio(640)))
    assert "v1 server audio" in seen(Event(1.0, Side.SERVER, Audio(640)))
    assert seen(Event(1.0, Side.CLIENT, Audio(0))) == {"v1 open/silence × an empty binary frame"}
    assert seen(Event(1.0, Side.CLIENT, Audio(9, json=True))) == {
        "v1 open/silence × a message in a binary frame"
    }


def test_sound_goes_on_over_what_the_server_does_meanwhile():
    speech = Beat(1.0, Side.CLIENT, Audio(640), None, lasts=2.0)
    heard = Beat(1.5, Side.SERVER, Message("UserStartedSpeaking", {"type": "UserStartedSpeaking"}), None)
    text = Beat(3.0, Side.SERVER, Message("History", {"type": "History"}), None)
    gone = Beat(4.0, Side.SERVER, Closed(), None)
    assert [(event.at, event.sender) for event in events_of([speech, heard, text, gone])] == [
        (1.0, Side.CLIENT),
        (1.5, Side.SERVER),
        (1.5, Side.CLIENT),
        (3.0, Side.SERVER),
        (4.0, Side.SERVER),
    ]
