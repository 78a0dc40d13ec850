"""Speech for the shell: frames of what can be spoken, none of what cannot, and ears for what can be decoded."""

import io
import wave

import pytest

from mockagent.audio.making import at_once
from mockagent.audio.packets import wav_packets
from mockagent.protocol.formats import AudioFormat
from mockagent.scenario.actions import Speak
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
    frames = at_once(speech(Speak("Hello, and how are you today?"), LINEAR, 0.02))
    assert sum(map(len, frames)) > 8000
    assert any(any(frame) for frame in frames)


def test_a_recording_is_played_in_place_of_the_text():
    samples = bytes(range(1, 161)) * 4
    assert b"".join(at_once(speech(Speak("Hello", recording(samples)), LINEAR, 0.02)))[:640] == samples


@pytest.mark.parametrize(("frame_for", "size"), [(0.02, 320), (0.1, 1600)])
def test_frames_are_as_long_as_they_are_asked_to_be(frame_for, size):
    assert len(at_once(speech(Speak("Hello, and how are you today?"), LINEAR, frame_for))[0]) == size


def test_an_ear_hears_speech_begin_and_cease():
    ear = Ear(LINEAR)
    spoken = b"".join(at_once(speech(Speak("Hello, and how are you today?"), LINEAR, 0.02)))
    assert [*ear.feed(bytes(16_000)), *ear.feed(spoken), *ear.feed(bytes(32_000))] == [True, False]


def test_an_ear_is_deaf_to_what_cannot_be_decoded_and_says_why():
    ear = Ear(AudioFormat("vorbis", 48000))
    assert ear.feed(b"OggS" * 999) == ()
    assert (ear.heard_for, ear.why_deaf) == (None, "no speech can be detected: vorbis cannot be decoded")


def test_an_ear_hears_compressed_speech_and_knows_how_long_it_was():
    format = AudioFormat("opus", 48_000, "none", 24_000)
    ear = Ear(format)
    silence = wav_packets(recording(bytes(16_000)), format)
    spoken = at_once(speech(Speak("Hello, and how are you today?"), format, 0.02))
    assert [change for frame in (*silence, *spoken, *silence) for change in ear.feed(frame)] == [True, False]
    assert ear.heard_for == pytest.approx((2 * len(silence) + len(spoken)) * 0.02, abs=0.05)


def test_an_ear_gives_up_telling_the_time_of_what_is_no_sound():
    ear = Ear(AudioFormat("ogg-opus", 48_000))
    for _ in range(50):
        assert not ear.feed(b"webm")
        assert ear.heard_for == 0.0
    ear.feed(b"webm")
    assert ear.heard_for is None
