"""What an ear makes of stretches of tone, noise and silence."""

import numpy as np
import pytest

from mockagent.audio.hearing import Ear

RATES = [8_000, 11_025, 16_000, 24_000, 48_000]


def stretch(ear, rate, make):
    return np.rint(make(np.arange(ear.stretch) / rate)).astype(np.int16)


@pytest.mark.parametrize("rate", RATES)
def test_the_level_of_a_tone_is_its_mean_square(rate):
    ear = Ear(rate)
    sound = stretch(ear, rate, lambda t: 32767 * np.sin(2 * np.pi * 1000 * t))
    assert ear.hear(sound).level == pytest.approx(-3.01, abs=0.1)
    assert ear.hear(sound // 10).level == pytest.approx(-23.01, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_hum_is_soft_to_the_ear(rate):
    ear = Ear(rate)
    loud = stretch(ear, rate, lambda t: 10_000 * np.sin(2 * np.pi * 1000 * t))
    hum = stretch(ear, rate, lambda t: 10_000 * np.sin(2 * np.pi * 50 * t))
    assert ear.hear(hum).level < ear.hear(loud).level - 40


def test_silence_is_silent_and_no_voice():
    ear = Ear(16_000)
    heard = ear.hear(np.zeros(ear.stretch, np.int16))
    assert heard.level < -100
    assert heard.harmony == 0.0


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("pitch", [90, 140, 220, 350])
def test_what_repeats_is_a_voice_and_noise_is_not(rate, pitch):
    ear = Ear(rate)
    buzz = stretch(ear, rate, lambda t: 5_000 * (2 * (t * pitch % 1) - 1))
    assert ear.hear(buzz).harmony > 0.8
    random = np.random.default_rng(7)
    harmonies = [ear.hear(random.normal(0, 3_000, ear.stretch).astype(np.int16)).harmony for _ in range(100)]
    assert np.percentile(harmonies, 95) < 0.55
    assert np.median(harmonies) < 0.4


def test_steps_are_20_milliseconds_and_stretches_two_of_them():
    ear = Ear(24_000)
    assert (ear.step, ear.stretch) == (480, 960)
