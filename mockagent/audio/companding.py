"""G.711: the mu-law and A-law of telephones, between int16 samples and bytes.

Everything is a look-up: the tables are built once from the segments of the recommendation, in which a code is
a sign, three bits of segment and four bits of step. mu-law sees 14 bits of a sample, A-law 13.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

_CODES = np.arange(256, dtype=np.int32)
_SAMPLES = np.arange(-32768, 32768, dtype=np.int32)

# One's complement below zero, as in the reference software of the ITU (G.191): -1 is in the same step as 0.
_MAGNITUDES = np.where(_SAMPLES < 0, ~_SAMPLES, _SAMPLES)

_MULAW_BIAS = 33
_MULAW_LARGEST = 0x1FFF


def _mulaw_values() -> Samples:
    """The sample that each mu-law code stands for."""
    code = ~_CODES & 0xFF
    magnitude = (((((code & 0x0F) << 1) + _MULAW_BIAS) << ((code >> 4) & 0x07)) - _MULAW_BIAS) << 2
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _mulaw_codes() -> NDArray[np.uint8]:
    """The mu-law code of each sample, indexed by the sample as uint16."""
    magnitude = np.minimum((_MAGNITUDES >> 2) + _MULAW_BIAS, _MULAW_LARGEST)
    segment = _position_of_highest_bit(magnitude) - 5
    code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F)
    return _by_unsigned(~np.where(_SAMPLES < 0, code | 0x80, code) & 0xFF)


def _alaw_values() -> Samples:
    """The sample that each A-law code stands for."""
    code = _CODES ^ 0x55
    segment = (code >> 4) & 0x07
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, step, (step + 0x100) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _alaw_codes() -> NDArray[np.uint8]:
    """The A-law code of each sample, indexed by the sample as uint16."""
    magnitude = _MAGNITUDES >> 3
    segment = np.maximum(_position_of_highest_bit(np.maximum(magnitude, 1)) - 4, 0)
    code = (segment << 4) | ((magnitude >> np.maximum(segment, 1)) & 0x0F)
    return _by_unsigned(np.where(_SAMPLES < 0, code, code | 0x80) ^ 0x55)


def _position_of_highest_bit(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.floor(np.log2(numbers)).astype(np.int32)


def _by_unsigned(codes: NDArray[np.int32]) -> NDArray[np.uint8]:
    return np.roll(codes, 32768).astype(np.uint8)


_MULAW_VALUES = _mulaw_values()
_MULAW_CODES = _mulaw_codes()
_ALAW_VALUES = _alaw_values()
_ALAW_CODES = _alaw_codes()


def mulaw_decode(data: bytes) -> Samples:
    """The samples that mu-law bytes stand for."""
    return _MULAW_VALUES[np.frombuffer(data, np.uint8)]


def mulaw_encode(samples: Samples) -> bytes:
    """The mu-law byte of each sample."""
    return _MULAW_CODES[samples.view(np.uint16)].tobytes()


def alaw_decode(data: bytes) -> Samples:
    """The samples that A-law bytes stand for."""
    return _ALAW_VALUES[np.frombuffer(data, np.uint8)]


def alaw_encode(samples: Samples) -> bytes:
    """The A-law byte of each sample."""
    return _ALAW_CODES[samples.view(np.uint16)].tobytes()
