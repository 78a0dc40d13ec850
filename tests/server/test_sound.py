"""Speech for the shell: frames of what can be spoken, none of what cannot, and ears for what can be decoded."""

import io
import wave

import pytest

from mockagent.protocol.formats import AudioFormat
from mockagent.server.sound import Ear, speech

LINEAR = AudioFormat("linear16", 8000)


def recording(samples):
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples)
    return data.getvalue()


def test_a_text_is_spoken():
    frames = speech("Hello, and how are you today?", None, LINEAR, 0.02)
    assert sum(map(len, frames)) > 8000
    assert any(any(frame) for frame in frames)


def test_a_recording_is_played_in_place_of_the_text():
    samples = bytes(range(1, 161)) * 4
    assert b"".join(speech("Hello", recording(samples), LINEAR, 0.02))[:640] == samples


@pytest.mark.parametrize(("frame_for", "size"), [(0.02, 320), (0.1, 1600)])
def test_frames_are_as_long_as_they_are_asked_to_be(frame_for, size):
    assert len(speech("Hello, and how are you today?", None, LINEAR, frame_for)[0]) == size


def test_an_ear_hears_speech_begin_and_cease():
    ear = Ear(LINEAR)
    spoken = b"".join(speech("Hello, and how are you today?", None, LINEAR, 0.02))
    assert [*ear.feed(bytes(16_000)), *ear.feed(spoken), *ear.feed(bytes(32_000))] == [True, False]


def test_an_ear_is_deaf_to_what_cannot_be_decoded():
    assert Ear(AudioFormat("opus", 48000)).feed(b"OggS" * 999) == ()
