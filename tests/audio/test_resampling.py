"""Resampling: tones survive, what the new rate cannot hold does not, and lengths are exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.resampling import resample

RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]


def tone(hertz, rate, seconds=1.0, amplitude=16_000):
    return np.rint(amplitude * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(
        np.int16
    )


def signal_to_noise(samples, hertz, rate):
    """Decibels between the best fitting tone and all that is left, without the edges."""
    edge = rate // 20
    inner = samples[edge:-edge].astype(float)
    angle = 2 * np.pi * hertz * np.arange(len(inner)) / rate
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fitted = basis @ np.linalg.lstsq(basis, inner, rcond=None)[0]
    return 10 * np.log10((fitted**2).sum() / ((inner - fitted) ** 2).sum())


def level(samples):
    return 20 * np.log10(np.sqrt((samples.astype(float) ** 2).mean()) + 1e-9)


def test_a_tone_survives_the_way_down_and_up_again():
    down = resample(tone(1000, 24_000), 24_000, 8_000)
    assert signal_to_noise(down, 1000, 8_000) > 40
    again = resample(down, 8_000, 24_000)
    assert signal_to_noise(again, 1000, 24_000) > 40
    assert abs(level(again[2000:-2000]) - level(tone(1000, 24_000))) < 0.1


@pytest.mark.parametrize("from_rate", RATES)
@pytest.mark.parametrize("to_rate", RATES)
def test_a_tone_survives_between_any_two_rates(from_rate, to_rate):
    output = resample(tone(1000, from_rate, 0.4), from_rate, to_rate)
    assert len(output) == round(0.4 * to_rate)
    assert signal_to_noise(output, 1000, to_rate) > 40


@pytest.mark.parametrize(("hertz", "from_rate", "to_rate"), [(6_000, 24_000, 8_000), (9_000, 44_100, 16_000)])
def test_what_the_new_rate_cannot_hold_is_gone(hertz, from_rate, to_rate):
    before = tone(hertz, from_rate)
    after = resample(before, from_rate, to_rate)
    assert level(after[500:-500]) < level(before) - 40


def test_no_image_appears_on_the_way_up():
    output = resample(tone(3_000, 8_000), 8_000, 24_000).astype(float)
    spectrum = np.abs(np.fft.rfft(output * np.hanning(len(output)))) ** 2
    assert spectrum[4_200:].sum() < spectrum.sum() * 1e-5


def test_phase_is_kept():
    output = resample(tone(440, 48_000), 48_000, 16_000)
    assert np.abs(output - tone(440, 16_000))[800:-800].max() < 20


def test_a_level_stays_a_level_and_full_scale_does_not_wrap():
    assert np.abs(resample(np.full(4800, 1000, np.int16), 48_000, 11_025)[100:-100] - 1000).max() <= 1
    square = np.repeat(np.tile(np.array([32767, -32768], np.int16), 10), 600)
    output = resample(square, 24_000, 16_000).reshape(20, 400)
    assert (output[::2, 10:-10] > 25_000).all()  # the overshoot after each jump would wrap to below zero
    assert (output[1::2, 10:-10] < -25_000).all()


def test_the_same_rate_changes_nothing():
    samples = tone(1000, 8_000)
    assert resample(samples, 8_000, 8_000) is samples


def test_the_result_is_the_same_each_time():
    assert (resample(tone(500, 44_100), 44_100, 16_000) == resample(tone(500, 44_100), 44_100, 16_000)).all()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 900), st.sampled_from([*RATES, 12_345]), st.sampled_from([*RATES, 9_999]))
def test_lengths_are_exact(count, from_rate, to_rate):
    output = resample(np.zeros(count, np.int16), from_rate, to_rate)
    assert output.dtype == np.int16
    assert abs(len(output) - count * to_rate / from_rate) <= 0.5
