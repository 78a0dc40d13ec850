"""What the drivers share: values that fit a pattern, a voice that is heard as one, what an SDK may not leave out."""

import sys

import pytest
from environments import CLIENTS

sys.path.insert(0, str(CLIENTS))

from conversation import CannotSend, Speech, demand_whole
from play import fitting

from mockagent.audio.detection import SpeechDetector, SpeechStarted, SpeechStopped
from mockagent.protocol.formats import AudioFormat
from mockagent.scenario.matching import matches


@pytest.mark.parametrize(
    "pattern",
    ["*", "~formal", "=all of it", "/confirmed|booked/", "plain", 3, True, {"a": {"b": "*"}}, [{"a": "~x"}]],
)
def test_what_is_made_for_a_pattern_matches_it(pattern):
    assert matches(pattern, fitting(pattern, {"a": {"c": 1}} if isinstance(pattern, dict) else None))


def test_what_a_pattern_leaves_open_is_as_usual():
    assert fitting({"type": "Settings", "a": {"b": 2}}, {"a": {"b": 1, "c": 3}}) == {
        "type": "Settings",
        "a": {"b": 2, "c": 3},
    }
    assert fitting("*", "usual") == "usual"


@pytest.mark.parametrize(("encoding", "rate"), [("linear16", 16_000), ("mulaw", 8_000)])
def test_the_voice_is_heard_as_speech_and_its_silence_as_none(encoding, rate):
    speech, detector = Speech(encoding, rate), SpeechDetector(AudioFormat(encoding, rate))
    pieces = [speech.silence] * 12 + [speech.chunk() for _ in range(15)] + [speech.silence] * 12
    heard = [each for piece in pieces for each in detector.feed(piece)]
    assert [type(each) for each in heard] == [SpeechStarted, SpeechStopped]


def test_an_sdk_may_add_to_what_is_asked_for():
    demand_whole({"a": [{"b": 1}]}, {"a": [{"b": 1, "url": ""}], "language": "en"})


@pytest.mark.parametrize("made", [{}, {"a": [{}]}, {"a": [{"b": 2}]}, {"a": []}, {"a": {"b": 1}}])
def test_an_sdk_may_not_leave_out_what_is_asked_for(made):
    with pytest.raises(CannotSend, match="/a"):
        demand_whole({"a": [{"b": 1}]}, made)
