"""Between bytes and samples, for every encoding of a constant rate."""

import struct

import numpy as np
import pytest

from mockagent.audio.pcm import decode, encode
from mockagent.protocol.formats import AudioFormat

SAMPLES = np.array([0, 1, -1, 256, -32768, 32767], np.int16)


def test_linear16_is_little_endian():
    data = encode(SAMPLES, AudioFormat("linear16", 8_000))
    assert data == struct.pack("<6h", *SAMPLES)
    assert decode(data, AudioFormat("linear16", 8_000)).tolist() == SAMPLES.tolist()


def test_linear32_is_floating_point():
    data = struct.pack("<7f", 0, 0.5, -1, 1, 7, float("nan"), float("-inf"))
    expected = [0, 16384, -32768, 32767, 32767, 0, 0]
    assert decode(data, AudioFormat("linear32", 8_000)).tolist() == expected


@pytest.mark.parametrize("encoding", ["mulaw", "alaw"])
def test_telephone_encodings_take_a_byte_a_sample(encoding):
    format = AudioFormat(encoding, 8_000)
    data = encode(SAMPLES, format)
    assert len(data) == len(SAMPLES)
    assert np.abs(decode(data, format).astype(int) - SAMPLES).max() <= 1024


@pytest.mark.parametrize(("encoding", "width"), [("linear16", 2), ("linear32", 4)])
def test_a_sample_that_was_cut_is_left_out(encoding, width):
    for extra in range(width):
        assert len(decode(bytes(3 * width + extra), AudioFormat(encoding, 8_000))) == 3


def test_what_cannot_be_decoded_or_encoded_is_said():
    with pytest.raises(ValueError, match="opus"):
        decode(b"1234", AudioFormat("opus", 8_000))
    with pytest.raises(ValueError, match="cannot encode linear32"):
        encode(SAMPLES, AudioFormat("linear32", 8_000))


def test_decoded_samples_can_be_written_to():
    decode(b"\x01\x00", AudioFormat("linear16", 8_000))[0] = 5
