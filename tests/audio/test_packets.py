"""Frames: exact sizes at every rate, no drift, whole samples, none empty, one header a reply."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.pace import speaking_time
from mockagent.audio.packets import packets, speech_frames, speech_packets, wav_packets
from mockagent.audio.pcm import decode
from mockagent.audio.wav import UnreadableWav, wav_header
from mockagent.protocol.formats import AudioFormat

TEXT = "Hello! How can I help you today?"
LINEAR = AudioFormat("linear16", 24_000)


def sizes(frames):
    return [len(frame) for frame in frames]


def silence(count):
    return np.zeros(count, np.int16)


@pytest.mark.parametrize(
    ("encoding", "rate", "size"),
    [
        ("linear16", 24_000, 960),
        ("linear16", 8_000, 320),
        ("linear16", 44_100, 1764),
        ("linear16", 22_050, 882),
        ("linear16", 48_000, 1920),
        ("mulaw", 8_000, 160),
        ("alaw", 8_000, 160),
        ("alaw", 16_000, 320),
    ],
)
def test_a_frame_of_20_milliseconds_has_its_exact_size(encoding, rate, size):
    assert sizes(packets(silence(rate), AudioFormat(encoding, rate))) == [size] * 50


def test_a_rate_that_does_not_divide_alternates_and_never_drifts():
    frames = packets(silence(11_025 * 60), AudioFormat("linear16", 11_025))
    assert sizes(frames[:4]) == [440, 442, 440, 442]
    assert len(frames) == 50 * 60
    sent = np.cumsum(sizes(frames)) / 2
    assert np.abs(sent - np.arange(1, 3001) * 220.5).max() <= 0.5


def test_the_last_frame_is_what_is_left():
    assert sizes(packets(silence(500), LINEAR)) == [960, 40]
    assert packets(silence(0), LINEAR) == ()
    assert packets(silence(0), AudioFormat("linear16", 24_000, "wav")) == ()


@settings(deadline=None)
@given(st.binary(max_size=5_000), st.sampled_from(["linear16", "mulaw"]), st.integers(2_000, 48_000))
def test_frames_hold_all_whole_samples_in_order(data, encoding, rate):
    format = AudioFormat(encoding, rate)
    frames = packets(data, format)
    width = format.sample_width
    assert b"".join(frames) == data[: len(data) // width * width]
    assert all(frame and len(frame) % width == 0 for frame in frames)


def test_another_length_of_frame():
    assert sizes(packets(silence(24_000), LINEAR, frame_ms=100)) == [4800] * 10


@pytest.mark.parametrize("encoding", ["linear16", "mulaw", "alaw"])
def test_wav_has_one_header_before_everything(encoding):
    format = AudioFormat(encoding, 8_000, "wav")
    frames = speech_packets(TEXT, format)
    bare = speech_packets(TEXT, AudioFormat(encoding, 8_000))
    assert frames[0] == wav_header(format, None) + bare[0]
    assert frames[1:] == bare[1:]


@pytest.mark.parametrize("encoding", ["linear16", "mulaw", "alaw"])
@pytest.mark.parametrize("rate", [8_000, 11_025, 24_000, 44_100])
def test_speech_lasts_as_long_as_it_takes_and_is_heard(encoding, rate):
    format = AudioFormat(encoding, rate)
    data = b"".join(speech_packets(TEXT, format))
    assert format.duration_of(len(data)) == pytest.approx(speaking_time(TEXT), abs=1 / rate)
    assert np.abs(decode(data, format).astype(int)).max() > 10_000


def test_the_frames_of_a_text_are_shared():
    assert speech_frames(TEXT, LINEAR, "v") is speech_frames(TEXT, AudioFormat("linear16", 24_000), "v")
    assert speech_packets(TEXT, LINEAR, "v") != speech_packets(TEXT, LINEAR, "w")


def test_nothing_to_say_has_no_frames():
    assert speech_packets("", LINEAR) == ()


def test_a_wav_file_is_brought_to_the_format():
    second = np.rint(9_000 * np.sin(np.arange(44_100) * 0.05)).astype("<i2").tobytes()
    data = wav_header(AudioFormat("linear16", 44_100, "wav"), len(second)) + second
    frames = wav_packets(data, AudioFormat("mulaw", 8_000))
    assert sizes(frames) == [160] * 50
    heard = decode(b"".join(frames), AudioFormat("mulaw", 8_000)).astype(float)
    assert np.sqrt((heard[400:-400] ** 2).mean()) == pytest.approx(9_000 / 2**0.5, rel=0.02)


def test_a_wav_file_that_cannot_be_read_is_refused():
    with pytest.raises(UnreadableWav):
        wav_packets(struct.pack("<4sI4s", b"RIFF", 4, b"WAVE"), LINEAR)
