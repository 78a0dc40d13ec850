"""A recorded session as a picture is drawn from it: stretches of audio, turns, and events in groups."""

from reports import recording

from mockagent.protocol.events import Audio, Closed, Malformed, Message, Side
from mockagent.protocol.transitions import Turn
from mockagent.render.recording import grouped, label_of, shades, stretches

CLIENT, SERVER = Side


def said(type, **body):
    return Message(type, {"type": type, **body})


def test_audio_of_a_side_without_a_break_is_one_stretch():
    sounds = [(n / 10, side, Audio(100, 2)) for n in range(1, 6) for side in Side]
    found = stretches(recording(*sounds, (3.0, CLIENT, Audio(7))).trace)
    assert [(each.side, each.start, each.end, each.frames, each.size) for each in found] == [
        (CLIENT, 0.1, 0.5, 10, 500),
        (SERVER, 0.1, 0.5, 10, 500),
        (CLIENT, 3.0, 3.0, 1, 7),
    ]


def test_a_message_sent_as_binary_is_no_sound():
    trace = recording((0.1, CLIENT, Audio(9, json=True))).trace
    assert stretches(trace) == []
    assert label_of(trace.events[1]) == "JSON as binary"


def test_who_has_the_floor_is_shaded():
    talk = recording(
        (0.1, SERVER, said("Welcome", request_id="1")),
        (0.2, CLIENT, said("Settings")),
        (0.3, SERVER, said("SettingsApplied")),
        (1.0, SERVER, said("UserStartedSpeaking")),
        (2.0, SERVER, said("ConversationText", role="user", content="Hello")),
        (3.0, SERVER, said("ConversationText", role="assistant", content="Hi")),
        (3.5, SERVER, Audio(9)),
        (4.0, SERVER, said("AgentAudioDone")),
        (5.0, CLIENT, Closed(1000)),
    )
    assert [(each.turn, each.start, each.end) for each in shades(talk.trace)] == [
        (Turn.USER, 1.0, 2.0),
        (Turn.THINKING, 2.0, 3.0),
        (Turn.REPLYING, 3.0, 3.5),
        (Turn.SPEAKING, 3.5, 4.0),
    ]


def test_audio_between_two_messages_is_together_but_for_what_was_found():
    sounds = [(n / 10, side, Audio(1)) for n in range(1, 4) for side in Side]
    trace = recording(*sounds, (1.0, CLIENT, Malformed("JSON", "x", 1))).trace
    found = [[number for number, _ in group] for group in grouped(trace, [5])]
    assert found == [[1], [2, 4], [3], [5], [6], [7], [8]]
