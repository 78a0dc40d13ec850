"""Speech-like sound for a text: a voice that buzzes and breathes through formants that follow the letters.

The rule: the same text, rate and voice give the same samples; whatever is random is seeded by them. The sound comes
in stretches, and no stretch needs what comes after it: whoever speaks a long text makes it as it goes out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mockagent.audio.companding import Samples
from mockagent.audio.pace import NEUTRAL, Phrase, phrases, speaking_time

__all__ = ["length_of", "speaking_time", "spoken", "synthesise"]

Floats = NDArray[np.floating[Any]]

HOP_FOR = 0.01
"""Seconds between two settings of the mouth."""

PEAK = 10 ** (-3 / 20) * 32767
LOUDEST = 5.3
"""What the sound of a sentence rises to before it is brought to its level; measured over voices, rates and texts."""
LOWEST_VOICE, HIGHEST_VOICE = 95.0, 210.0
BANDWIDTHS = (80.0, 100.0, 140.0)
HIGHEST_FORMANT, HIGHEST_BANDWIDTH = 3500.0, 250.0
BREATH_BANDWIDTH = 1400.0
HOPS_AT_ONCE, SAMPLES_AT_ONCE = 100, 32_768
"""What is worked on together, the larger of the two: a few milliseconds of work, and enough to know how loud it is."""


@dataclass(frozen=True, slots=True)
class _Mouth:
    """The settings at each hop: pitch in Hz, loudness of voice and breath, places in Hz."""

    pitch: Floats
    voice: Floats
    breath: Floats
    formants: Floats
    breath_at: Floats


def synthesise(text: str, sample_rate: int, voice: str = "") -> Samples:
    """The text spoken, length_of(text, sample_rate) samples."""
    return np.concatenate([np.zeros(0, np.int16), *spoken(text, sample_rate, voice)])


def length_of(text: str, sample_rate: int) -> int:
    """Samples of the text spoken."""
    return round(speaking_time(text) * sample_rate)


def spoken(text: str, sample_rate: int, voice: str = "") -> Iterator[Samples]:
    """The text spoken, stretch by stretch.

    One stretch alone peaks at -3 dB of full scale. Of several, which are yet to be made, the level is the one at
    which a loud sentence does.
    """
    said = phrases(text)
    left = round(sum(phrase.lasts_for for phrase in said) * sample_rate)
    if not left:
        return
    hop = max(1, round(sample_rate * HOP_FOR))
    mouth = _mouth(said, left // hop + 3, hop / sample_rate, _pitch_of(voice))
    gain: np.float32 | None = None
    for stretch in _voiced(mouth, hop, sample_rate, _seed(text, voice)):
        sound = stretch[:left]
        if gain is None:
            loudest = max(float(np.abs(sound).max()), 1e-9 if len(sound) == left else LOUDEST)
            gain = np.float32(PEAK / loudest)
        left -= len(sound)
        yield np.clip(np.rint(sound * gain), -32768, 32767).astype(np.int16)
        if not left:
            return


def _seed(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _pitch_of(voice: str) -> float:
    """The middle of the voice's range in Hz."""
    return LOWEST_VOICE + (HIGHEST_VOICE - LOWEST_VOICE) * (_seed(voice) % 1000) / 1000


def _mouth(said: list[Phrase], hops: int, hop_for: float, base_pitch: float) -> _Mouth:
    """The mouth at each hop: places glide from sound to sound, loudness is held and its edges rounded."""
    table = np.array(list(_rows(said)), np.float64)
    ends = np.cumsum(table[:, 0])
    middles = ends - table[:, 0] / 2
    times = np.arange(hops) * hop_for
    at = np.minimum(np.searchsorted(ends, times, side="right"), len(ends) - 1)
    shut = (times > ends[-1] - hop_for) | (times == 0)  # so that the sound neither starts nor ends in a click

    def glide(column: int) -> Floats:
        glided: Floats = np.interp(times, middles, table[:, column]).astype(np.float32)
        return glided

    def hold(column: int) -> Floats:
        held = np.where(shut, 0.0, table[at, column])
        rounded: Floats = (np.convolve(held, (0.25, 0.5, 0.25), mode="same") * ~shut).astype(np.float32)
        return rounded

    return _Mouth(
        pitch=np.float32(base_pitch) * glide(3),
        voice=hold(1),
        breath=hold(2),
        formants=np.stack([glide(4), glide(5), glide(6)]),
        breath_at=table[at, 7].astype(np.float32),
    )


def _rows(said: list[Phrase]) -> Iterator[tuple[float, ...]]:
    """For each sound and rest: seconds, voice, breath, pitch relative to the base, formants, breath's place.

    The pitch sinks along a phrase and is set a little higher on stressed (loud) sounds; a question ends high.
    """
    for phrase in said:
        count = len(phrase.sounds)
        for number, sound in enumerate(phrase.sounds):
            part = (number + 0.5) / count
            pitch = 1.15 - 0.28 * part + 0.06 * (sound.voice - 0.5)
            if phrase.asks and part > 0.75:
                pitch += 1.6 * (part - 0.75)
            yield sound.lasts_for, sound.voice, sound.breath, pitch, *sound.formants, sound.breath_at
        if phrase.rests_for:
            yield phrase.rests_for, 0.0, 0.0, 1.0, *NEUTRAL, 3000.0


def _voiced(mouth: _Mouth, hop: int, sample_rate: int, seed: int) -> Iterator[Floats]:
    """The sound of the mouth: overlapping windows of two hops, their spectra shaped, laid together.

    What reaches beyond a stretch is carried into the next one. The first hop, half a window of silence, is left out.
    """
    hops = len(mouth.pitch)
    at_once = max(HOPS_AT_ONCE, SAMPLES_AT_ONCE // hop)
    size = 1 << (4 * hop - 1).bit_length()
    window = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    frequencies = np.fft.rfftfreq(size, 1 / sample_rate).astype(np.float32)
    turns = np.cumsum(mouth.pitch, dtype=np.float64) * hop / sample_rate
    random = np.random.Generator(np.random.PCG64(seed))
    carried = np.zeros((size // hop + 1) * hop, np.float32)
    for first in range(0, hops - 1, at_once):
        rows = slice(first, min(first + at_once, hops - 1))
        buzz = _buzz(mouth, turns, slice(rows.start, rows.stop + 1), hop, sample_rate)
        breath = random.random(buzz.size, np.float32) - np.float32(0.5)
        shaped = np.fft.rfft(_windows(buzz, hop) * window, size) * _formants(mouth, rows, frequencies)
        shaped += np.fft.rfft(_windows(breath, hop) * window, size) * _breath(mouth, rows, frequencies)
        end = (rows.stop - rows.start) * hop
        output = np.concatenate([carried, np.zeros(end, np.float32)])
        _lay(output, np.fft.irfft(shaped, size), hop)
        yield output[hop if first == 0 else 0 : end]
        carried = output[end:]


def _buzz(mouth: _Mouth, turns: Floats, rows: slice, hop: int, sample_rate: int) -> Floats:
    """A sawtooth at the mouth's pitch; its jumps are rounded over two samples, against aliases."""
    step = (mouth.pitch[rows] / sample_rate)[:, None]
    turn = turns[rows, None] - step * np.arange(hop, 0, -1)
    place = (turn - np.floor(turn)).astype(np.float32)
    after = 1 - np.minimum(place / step, 1)
    before = 1 - np.minimum((1 - place) / step, 1)
    buzz: Floats = 2 * place - 1 + after * after - before * before
    return buzz.ravel()


def _formants(mouth: _Mouth, rows: slice, frequencies: Floats) -> NDArray[np.complex64]:
    """The resonances of the mouth at each row, and no direct current."""
    divisor = _resonance(frequencies, np.float32(HIGHEST_FORMANT), HIGHEST_BANDWIDTH)
    for places, bandwidth in zip(mouth.formants[:, rows, None], BANDWIDTHS, strict=True):
        divisor = divisor * _resonance(frequencies, places, bandwidth)
    shaped: NDArray[np.complex64] = (mouth.voice[rows, None] * _above(frequencies) / divisor).astype(
        np.complex64
    )
    return shaped


def _resonance(frequencies: Floats, places: Floats | np.float32, bandwidth: float) -> NDArray[np.complex64]:
    """What to divide by for a resonance, which passes 0 Hz unchanged."""
    relative = frequencies / places
    divisor: NDArray[np.complex64] = (1 - relative**2 + 1j * relative * (bandwidth / places)).astype(
        np.complex64
    )
    return divisor


def _breath(mouth: _Mouth, rows: slice, frequencies: Floats) -> Floats:
    """One broad band of noise at each row, kept below what the rate can hold."""
    places = np.minimum(mouth.breath_at[rows, None], 0.8 * frequencies[-1])
    distance = np.square((frequencies - places) / np.float32(BREATH_BANDWIDTH))
    shaped: Floats = mouth.breath[rows, None] * _above(frequencies) / (1 + distance * distance)
    return shaped


def _above(frequencies: Floats) -> Floats:
    """A gentle end below 80 Hz, and nothing at 0 Hz."""
    squares = np.square(frequencies / np.float32(80))
    passed: Floats = squares / (1 + squares)
    return passed


def _windows(sound: Floats, hop: int) -> Floats:
    return sliding_window_view(sound, 2 * hop)[::hop]


def _lay(output: Floats, rows: Floats, hop: int) -> None:
    """Adds each row to the output, one hop after the row before."""
    lanes = output.reshape(-1, hop)
    for lane, start in enumerate(range(0, rows.shape[1], hop)):
        part = rows[:, start : start + hop]
        lanes[lane : lane + len(rows), : part.shape[1]] += part
