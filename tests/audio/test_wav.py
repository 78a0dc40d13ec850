"""WAV files of every kind that is read, and of kinds that are not."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.companding import alaw_decode, mulaw_decode
from mockagent.audio.wav import UnreadableWav, read_wav, wav_header
from mockagent.protocol.formats import AudioFormat


def chunk(name, body, size=None):
    return struct.pack("<4sI", name, len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def wav(body, tag=1, channels=1, rate=8_000, bits=16, before=b"", size=None, extra=b""):
    width = bits // 8 * channels
    layout = struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits) + extra
    chunks = before + chunk(b"fmt ", layout) + chunk(b"data", body, size)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


def samples_of(data):
    samples, rate = read_wav(data)
    assert samples.dtype == np.int16
    assert rate == 8_000
    return samples.tolist()


def test_pcm_of_every_width():
    assert samples_of(wav(bytes([0, 128, 255]), bits=8)) == [-32768, 0, 32512]
    assert samples_of(wav(struct.pack("<3h", -32768, 5, 32767))) == [-32768, 5, 32767]
    assert samples_of(wav(b"\xff\x34\x12" + b"\x00\x00\x80", bits=24)) == [0x1234, -32768]
    assert samples_of(wav(struct.pack("<2i", 0x12345678, -(2**31)), bits=32)) == [0x1234, -32768]


def test_float_is_scaled_and_clipped():
    data = struct.pack("<6f", 0.0, 0.5, -1.0, 1.0, 7.0, float("nan"))
    assert samples_of(wav(data, tag=3, bits=32)) == [0, 16384, -32768, 32767, 32767, 0]


def test_telephone_encodings():
    every = bytes(range(256))
    assert samples_of(wav(every, tag=7, bits=8)) == mulaw_decode(every).tolist()
    assert samples_of(wav(every, tag=6, bits=8)) == alaw_decode(every).tolist()


def test_channels_are_mixed_into_one():
    assert samples_of(wav(struct.pack("<4h", 100, 300, -32768, -32768), channels=2)) == [200, -32768]


def test_extensible_says_its_format_further_on():
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
    assert samples_of(wav(struct.pack("<2h", 1, 2), tag=0xFFFE, extra=extra)) == [1, 2]


def test_other_chunks_are_passed_over_with_their_padding():
    before = chunk(b"LIST", b"odd") + chunk(b"junk", b"")
    assert samples_of(wav(struct.pack("<2h", 1, 2), before=before)) == [1, 2]


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 1000])
def test_a_size_beyond_the_end_means_to_the_end(size):
    assert samples_of(wav(struct.pack("<2h", 1, 2), size=size)) == [1, 2]


def test_a_last_sample_that_was_cut_is_left_out():
    assert samples_of(wav(struct.pack("<2h", 1, 2) + b"\x03")) == [1, 2]
    assert samples_of(wav(struct.pack("<3h", 1, 3, 5), channels=2)) == [2]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected a RIFF/WAVE header, got b''"),
        (b"ID3\x04 an mp3 file", "expected a RIFF/WAVE header"),
        (wav(b"")[:20], "expected a 'fmt ' chunk of 16 bytes or more, got 0"),
        (wav(b"")[:36], "expected a 'data' chunk, got the end of the file"),
        (wav(b"")[:12], "expected a 'data' chunk"),
        (wav(b"", before=chunk(b"data", b"12")), "expected a 'fmt ' chunk before the 'data' chunk"),
        (wav(b"", before=chunk(b"fmt ", b"1234")), "expected a 'fmt ' chunk of 16 bytes or more, got 4"),
        (wav(b"1234", tag=0x55, bits=16), "got format 85 with 16 bits"),
        (wav(b"1234", bits=12), "got format 1 with 12 bits"),
        (wav(b"1234", bits=0), "got format 1 with 0 bits"),
        (wav(b"1234", channels=0), "expected channels and a sample rate, got 0 and 8000 Hz"),
        (wav(b"1234", rate=0), "got 1 and 0 Hz"),
    ],
)
def test_what_cannot_be_read_says_why(data, message):
    with pytest.raises(UnreadableWav) as caught:
        read_wav(data)
    assert message in str(caught.value)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 80), st.binary(max_size=8), st.binary(max_size=12))
def test_whatever_the_bytes_the_answer_is_samples_or_why_not(at, replacement, appended):
    good = wav(struct.pack("<6h", *range(6)), before=chunk(b"LIST", b"odd"), channels=2)
    data = good[:at] + replacement + good[at + len(replacement) :] + appended
    try:
        samples, rate = read_wav(data)
    except UnreadableWav as error:
        assert "expected" in str(error)
    else:
        assert samples.dtype == np.int16
        assert rate > 0


@pytest.mark.parametrize(
    ("format", "tag", "bits"),
    [
        (AudioFormat("linear16", 24_000, "wav"), 1, 16),
        (AudioFormat("mulaw", 8_000, "wav"), 7, 8),
        (AudioFormat("alaw", 16_000, "wav"), 6, 8),
    ],
)
def test_a_header_has_44_bytes_and_says_the_format(format, tag, bits):
    header = wav_header(format, 1000)
    assert len(header) == 44
    assert struct.unpack("<4sI4s4sIHHIIHH4sI", header) == (
        *(b"RIFF", 1036, b"WAVE", b"fmt ", 16, tag, 1, format.sample_rate),
        *(format.sample_rate * bits // 8, bits // 8, bits, b"data", 1000),
    )


def test_a_header_of_unknown_length_is_read_by_the_standard_library():
    header = wav_header(AudioFormat("linear16", 24_000, "wav"), None)
    assert header[4:8] == header[40:44] == b"\xff\xff\xff\xff"
    with wave.open(io.BytesIO(header + struct.pack("<3h", 1, 2, 3))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.readframes(10) == struct.pack("<3h", 1, 2, 3)


@pytest.mark.parametrize("encoding", ["linear16", "mulaw", "alaw"])
@pytest.mark.parametrize("known", [True, False])
def test_what_the_header_says_is_read_back(encoding, known):
    format = AudioFormat(encoding, 8_000, "wav")
    body = bytes(range(0, 200, 2))
    data = wav_header(format, len(body) if known else None) + body
    assert len(samples_of(data)) == len(body) // format.sample_width
