"""G.711 against a plain reading of the recommendation, for every code and every sample.

The reference is written as a search through the values of the recommendation's tables, not as the bit
arithmetic of the library: a decoded value is computed step by step, and a sample gets the code of the
interval that it lies in.
"""

from bisect import bisect_right
from itertools import pairwise

import numpy as np
import pytest

from mockagent.audio.companding import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = bytes(range(256))


def mulaw_values() -> list[int]:
    """The 128 magnitudes of G.711 table 2, in 14 bits: eight segments of sixteen, each with doubled steps."""
    values, value = [], 0
    for segment in range(8):
        step = 2 << segment
        for _ in range(16):
            values.append(value)
            value += step
        value += step // 2  # between segments the next is one and a half steps away
    return values


def mulaw_decisions() -> list[int]:
    """Where each of the 128 intervals begins, in 14 bits: 0, 1, 3, 5 … 31, 35 … 95, 103 …"""
    decisions, at = [0, 1], 1
    for segment in range(8):
        for _ in range(15 if segment == 0 else 16):
            at += 2 << segment
            decisions.append(at)
    return decisions[:128]


def alaw_decisions() -> list[int]:
    """Where each of the 128 intervals begins, in 12 bits and half steps: 0, 1, 2 … 32, 34 … 64, 68 …"""
    decisions, at = [], 0
    for segment in range(8):
        for _ in range(16):
            decisions.append(at)
            at += 1 << max(segment - 1, 0)
    return decisions


def reference_mulaw_code(sample: int) -> int:
    magnitude = (sample if sample >= 0 else -sample - 1) >> 2
    number = bisect_right(mulaw_decisions(), magnitude) - 1
    return 0xFF - number - (0x80 if sample < 0 else 0)


def reference_alaw_code(sample: int) -> int:
    magnitude = (sample if sample >= 0 else -sample - 1) >> 4
    number = bisect_right(alaw_decisions(), magnitude) - 1
    return (number + (0x80 if sample >= 0 else 0)) ^ 0x55


def test_every_sample_gets_the_mulaw_code_of_its_interval():
    expected = bytes(reference_mulaw_code(int(sample)) for sample in EVERY_SAMPLE)
    assert mulaw_encode(EVERY_SAMPLE) == expected


def test_every_sample_gets_the_alaw_code_of_its_interval():
    expected = bytes(reference_alaw_code(int(sample)) for sample in EVERY_SAMPLE)
    assert alaw_encode(EVERY_SAMPLE) == expected


def test_every_mulaw_code_stands_for_its_value():
    values = mulaw_values()
    expected = [-4 * values[127 - code] if code < 128 else 4 * values[255 - code] for code in range(256)]
    assert mulaw_decode(EVERY_CODE).tolist() == expected


def test_every_alaw_code_stands_for_the_middle_of_its_interval():
    edges = [*alaw_decisions(), 2048]
    middles = [8 * (low + high) for low, high in pairwise(edges)]
    expected = []
    for code in range(256):
        plain = code ^ 0x55
        expected.append(middles[plain & 0x7F] * (1 if plain & 0x80 else -1))
    assert alaw_decode(EVERY_CODE).tolist() == expected


def test_every_code_survives_a_round_trip():
    assert alaw_encode(alaw_decode(EVERY_CODE)) == EVERY_CODE
    # 0x7F is minus zero, which has the value of 0xFF and becomes that.
    assert mulaw_encode(mulaw_decode(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


@pytest.mark.parametrize(("code", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xFE, 8)])
def test_known_values_of_mulaw(code, sample):
    assert mulaw_decode(bytes([code]))[0] == sample


@pytest.mark.parametrize(("code", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256)])
def test_known_values_of_alaw(code, sample):
    assert alaw_decode(bytes([code]))[0] == sample


@pytest.mark.parametrize(("encode", "decode"), [(mulaw_encode, mulaw_decode), (alaw_encode, alaw_decode)])
def test_no_sample_is_far_from_what_comes_back(encode, decode):
    back = decode(encode(EVERY_SAMPLE)).astype(int)
    samples = EVERY_SAMPLE.astype(int)
    assert (np.abs(back - samples) <= np.maximum(np.abs(samples) / 16 + 1, 16)).all()


def test_nothing_stays_nothing():
    assert mulaw_encode(mulaw_decode(b"")) == alaw_encode(alaw_decode(b"")) == b""
