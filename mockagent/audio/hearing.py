"""What an ear makes of a stretch of sound: how loud it is where speech lies, and how much it is a voice.

The rule: a stretch is judged by itself; nothing is remembered from one to the next.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mockagent.audio.companding import Samples

STEPS_A_SECOND = 50
STEPS_A_STRETCH = 2

LEVEL_BAND = (200.0, 3800.0)
"""Hz between which loudness is measured; the hum of the mains lies mostly below."""

SHAPE_EDGES = (200.0, 400.0, 700.0, 1100.0, 1700.0, 2500.0, 3800.0)
"""Hz between the bands whose balance is the shape of a sound: narrow enough to tell vowels apart."""

PITCH_BAND = (150.0, 2000.0)
"""Hz between which the pitch is looked for; weighted by frequency, so that pink noise comes out white."""

LOWEST_PITCH, HIGHEST_PITCH = 75.0, 400.0
SILENCE = 1e-12

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Impression:
    """`level` in dB of full scale within the band of speech; `harmony`, the part (about 0 to 1) that recurs
    one period of a voice later: some 0.3 in noise, 0.7 and more in vowels; `shape`, decibels of each band above
    their mean."""

    level: float
    harmony: float
    shape: Floats


class Ear:
    """The windows and weights for one sample rate. Stretches are `stretch` samples, one each `step` samples."""

    def __init__(self, sample_rate: int) -> None:
        self.step = max(1, round(sample_rate / STEPS_A_SECOND))
        self.stretch = STEPS_A_STRETCH * self.step
        self._size = 1 << (2 * self.stretch - 1).bit_length()
        self._window = np.hanning(self.stretch + 1)[:-1] / 32768
        # From the power in one half of the spectrum to mean squares of full scale.
        self._scale = 2 / (self._size * float((self._window**2).sum()) * 32768**2)
        frequencies = np.fft.rfftfreq(self._size, 1 / sample_rate)
        self._level_bins = slice(*np.searchsorted(frequencies, LEVEL_BAND))
        inside = (frequencies >= PITCH_BAND[0]) & (frequencies <= PITCH_BAND[1])
        edges = [edge for edge in SHAPE_EDGES if edge < sample_rate / 2]
        self._edges = np.unique(np.searchsorted(frequencies, edges))
        self._weights = np.where(inside, frequencies / PITCH_BAND[1], 0.0) ** 2
        self._periods = slice(int(sample_rate / HIGHEST_PITCH), int(sample_rate / LOWEST_PITCH) + 1)
        self._fading = self._fading_of_the_window()

    def hear(self, stretch: Samples) -> Impression:
        """The impression that these samples make; there must be `stretch` of them."""
        spectrum = np.fft.rfft(stretch * self._window, self._size)
        power = spectrum.real**2 + spectrum.imag**2
        level = 10 * np.log10(float(power[self._level_bins].sum()) * self._scale + SILENCE)
        recurring = np.fft.irfft(power * self._weights, self._size)
        harmony = float((recurring[self._periods] / self._fading).max()) / (float(recurring[0]) + SILENCE)
        return Impression(float(level), harmony, self._shape(power))

    def _shape(self, power: Floats) -> Floats:
        bands = np.add.reduceat(power, self._edges)[:-1]
        levels: Floats = 10 * np.log10(bands * self._scale + SILENCE)
        shape: Floats = levels - levels.mean() if levels.size else levels  # below 800 Hz there is no band
        return shape

    def _fading_of_the_window(self) -> Floats:
        """How much of a perfectly repeating sound the window leaves at each period."""
        power = np.abs(np.fft.rfft(self._window, self._size)) ** 2
        recurring = np.fft.irfft(power, self._size)
        fading: Floats = recurring[self._periods] / recurring[0]
        return fading
