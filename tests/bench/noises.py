"""Noises to listen through, each from a seed, as floats of a root mean square of 1; and the sound of events."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
PARTIALS = 8


def white(rate: int, count: int, seed: int) -> Sound:
    """As loud at every frequency: a bad line, a shower."""
    return np.random.default_rng(seed).standard_normal(count)


def pink(rate: int, count: int, seed: int) -> Sound:
    """Softer by 3 dB an octave: rooms, traffic, rain."""
    spectrum = np.fft.rfft(white(rate, count, seed))
    return _levelled(np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count))


def brown(rate: int, count: int, seed: int) -> Sound:
    """Softer by 6 dB an octave above 40 Hz: wind, a car."""
    spectrum = np.fft.rfft(white(rate, count, seed))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    return _levelled(np.fft.irfft(spectrum / np.maximum(hertz, 40.0), count))


def hum(rate: int, count: int, seed: int) -> Sound:
    """The mains and their overtones, with a little noise."""
    time = np.arange(count) / rate
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, 10)
    tones = (
        np.sin(2 * np.pi * 50 * n * time + phase) / n
        for n, phase in enumerate(phases, 1)
        if 50 * n < rate / 2
    )
    return _levelled(sum(tones, np.zeros(count)) + 0.05 * white(rate, count, seed))


def fan(rate: int, count: int, seed: int) -> Sound:
    """Pink noise that swells and fades by a third, six times a second."""
    time = np.arange(count) / rate
    return _levelled(pink(rate, count, seed) * (1 + 0.3 * np.sin(2 * np.pi * 6 * time)))


def music(rate: int, count: int, seed: int) -> Sound:
    """Chords of plucked notes with overtones, a new one every 0.4 s."""
    random = np.random.default_rng(seed)
    sound, length = np.zeros(count + 2 * rate), round(0.4 * rate)
    time = np.arange(2 * rate) / rate
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    for start in range(0, count, length):
        for pitch in random.choice(scale, 3, replace=False):
            numbers = [n for n in range(1, PARTIALS) if pitch * n < rate / 2]
            overtones = [np.sin(2 * np.pi * pitch * n * time) / n**1.5 for n in numbers]
            sound[start : start + 2 * rate] += sum(overtones) * np.exp(-3 * time) * np.minimum(1, time / 0.01)
    return _levelled(sound[:count])


def keyboard(rate: int, count: int, seed: int) -> Sound:
    """Somebody types: short clacks, about eight a second."""
    random = np.random.default_rng(seed)
    sound, size = 0.01 * white(rate, count, seed), round(0.03 * rate)
    for start in np.cumsum(random.exponential(0.12, 10 * count // rate + 1)) * rate:
        clack = (
            random.standard_normal(size) * np.exp(-np.arange(size) / (0.005 * rate)) * random.uniform(0.4, 1)
        )
        part = sound[int(start) : int(start) + size]
        part += clack[: len(part)]
    return _levelled(sound)


def doors(rate: int, count: int, seed: int) -> Sound:
    """A door slams every three seconds: a thump that dies away in 0.4 s."""
    sound, size = 0.01 * white(rate, count, seed), round(0.4 * rate)
    time = np.arange(size) / rate
    for number, start in enumerate(range(rate, count - size, 3 * rate)):
        thump = (
            brown(rate, size, seed + number) + np.sin(2 * np.pi * 70 * time) + 0.3 * pink(rate, size, number)
        )
        sound[start : start + size] += thump * np.exp(-12 * time)
    return _levelled(sound)


def bursts(rate: int, count: int, seed: int) -> Sound:
    """Pink noise that comes and goes at once, every two seconds."""
    is_on = (np.arange(count) // (2 * rate)) % 2 == 1
    return pink(rate, count, seed) * np.where(is_on, 1.0, 0.01)


def _levelled(sound: Sound) -> Sound:
    return sound / np.sqrt((sound**2).mean())


STEADY: dict[str, Callable[[int, int, int], Sound]] = {
    each.__name__: each for each in (white, pink, brown, hum, fan)
}
EVENTS: dict[str, Callable[[int, int, int], Sound]] = {
    each.__name__: each for each in (keyboard, doors, bursts, music)
}
