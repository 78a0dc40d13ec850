"""From one sample rate to another, without what the new rate cannot hold.

A sinc under a Kaiser window, laid anew for each of the positions that an output sample can have between
two input samples (there are as many as the reduced ratio has in its numerator).
"""

from math import ceil, gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mockagent.audio.companding import Samples

ZERO_CROSSINGS = 32
"""Half the length of the filter, in periods of the lower rate."""

PASSBAND = 0.94
"""Where the filter is half way down, as a part of the lower Nyquist frequency."""

KAISER_BETA = 9.0


def resample(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """The same sound at `to_rate` Hz, round(len(samples) * to_rate / from_rate) samples long."""
    if from_rate == to_rate or not samples.size:
        return samples
    divisor = gcd(from_rate, to_rate)
    up, down = to_rate // divisor, from_rate // divisor
    length = (len(samples) * up * 2 + down) // (down * 2)
    cutoff = PASSBAND * min(1.0, up / down)
    half = ceil(ZERO_CROSSINGS / min(1.0, up / down))
    windows = _windows(samples, half, down)
    output = np.zeros(length, np.float32)
    for first in range(min(up, length)):
        position, offset = divmod(first * down, up)
        filter = _filter(half, offset / up, cutoff)
        share = output[first::up]
        share[:] = windows[position::down][: len(share)] @ filter
    return np.clip(np.rint(output), -32768, 32767).astype(np.int16)


def _windows(samples: Samples, half: int, down: int) -> NDArray[np.float32]:
    """Row i holds the input around sample i, `half` samples to each side; silence lies beyond both ends."""
    padded = np.zeros(len(samples) + 2 * half + down, np.float32)
    padded[half : half + len(samples)] = samples
    return sliding_window_view(padded, 2 * half + 1)


def _filter(half: int, offset: float, cutoff: float) -> NDArray[np.float32]:
    """The weights of the inputs around an output that lies `offset` of a sample after the middle one."""
    distance = np.arange(-half, half + 1) - offset
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1.0 - (distance / (half + 1)) ** 2)))
    weights = np.sinc(cutoff * distance) * window
    normalised: NDArray[np.float32] = (weights / weights.sum()).astype(np.float32)
    return normalised
