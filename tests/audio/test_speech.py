"""Synthesised speech, measured: neither silence nor noise nor a tone, but something that moves like a voice."""

import subprocess
import sys

import numpy as np
import pytest

from mockagent.audio.hearing import Ear
from mockagent.audio.speech import SAMPLES_AT_ONCE, length_of, speaking_time, spoken, synthesise

RATE = 24_000
TEXT = (
    "Right now in Fremont it is twenty one degrees and sunny, with a light breeze from the west. "
    "Would you like to hear about tomorrow?"
)
VOICES = ["", "aura-2-thalia-en", "aura-asteria-en", "flux-alexis-en"]


def spectrum_of(sound, rate=RATE):
    power = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    return np.fft.rfftfreq(len(sound), 1 / rate), power


def share(frequencies, power, low, high):
    return power[(frequencies >= low) & (frequencies < high)].sum() / power.sum()


def steps_of(sound, rate=RATE):
    ear = Ear(rate)
    starts = range(0, len(sound) - ear.stretch + 1, ear.step)
    return [ear.hear(sound[start : start + ear.stretch]) for start in starts]


def pitches_of(sound, rate=RATE):
    """The pitch of each loud stretch of 40 ms, by its strongest recurrence between 60 and 400 Hz."""
    size, found = rate // 25, []
    for start in range(0, len(sound) - size, size):
        stretch = sound[start : start + size].astype(float)
        recurring = np.correlate(stretch, stretch, "full")[size - 1 :]
        periods = recurring[rate // 400 : rate // 60]
        if np.abs(stretch).max() > 3000 and periods.max() > 0.5 * recurring[0]:
            found.append(rate / (rate // 400 + int(periods.argmax())))
    return np.array(found)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_it_lasts_as_long_as_the_text_takes(rate):
    sound = synthesise(TEXT, rate)
    assert sound.dtype == np.int16
    assert len(sound) == pytest.approx(speaking_time(TEXT) * rate, abs=1)


def test_nothing_to_say_is_no_sound():
    assert len(synthesise("", RATE)) == len(synthesise("  ", RATE)) == 0


@pytest.mark.parametrize("text", ["a", "Yes.", "...", "shhh", "zzz", "привет", "今日は", "🙂"])
@pytest.mark.parametrize("rate", [2_000, 8_000, 24_000, 192_000])
def test_a_word_has_the_level_that_it_should_have(text, rate):
    sound = synthesise(text, rate).astype(float)
    assert np.abs(sound).max() == pytest.approx(32767 * 10 ** (-3 / 20), abs=1)
    assert abs(sound.mean()) < 32


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("rate", [2_000, 8_000, 24_000, 192_000])
def test_a_sentence_is_near_that_level_and_does_not_clip(rate, voice):
    sound = synthesise(TEXT, rate, voice).astype(float)
    assert -9 < 20 * np.log10(np.abs(sound).max() / 32767) <= -2.5
    assert abs(sound.mean()) < 32


def test_no_text_clips_however_loud_it_becomes_after_it_began():
    sound = synthesise("shhh " * 20 + "a privet " * 20, 8_000)
    assert np.abs(sound.astype(int)).max() < 32767


@pytest.mark.parametrize("rate", [8_000, 24_000, 192_000])
def test_it_comes_in_stretches_of_which_none_is_much_work(rate):
    stretches = [len(each) for each in spoken(TEXT * 4, rate)]
    assert len(stretches) > 5
    assert max(stretches) <= max(SAMPLES_AT_ONCE, rate)
    assert sum(stretches) == length_of(TEXT * 4, rate)


def test_no_stretch_needs_the_text_to_be_spoken_to_its_end():
    said = spoken(TEXT * 100, RATE)
    begun = np.concatenate([next(said), next(said)])
    assert (begun == synthesise(TEXT * 100, RATE)[: len(begun)]).all()


@pytest.mark.parametrize("voice", VOICES)
def test_it_is_as_loud_as_speech(voice):
    sound = synthesise(TEXT, RATE, voice).astype(float)
    assert -28 < 20 * np.log10(np.sqrt((sound**2).mean()) / 32768) < -14


@pytest.mark.parametrize("voice", VOICES)
def test_it_has_the_rhythm_of_syllables(voice):
    sound = synthesise(TEXT, RATE, voice).astype(float)
    envelope = np.sqrt((sound[: len(sound) // 240 * 240].reshape(-1, 240) ** 2).mean(axis=1))
    frequencies, power = spectrum_of(envelope - envelope.mean(), rate=100)
    assert share(frequencies, power, 2, 8) > 0.4
    assert envelope.std() > 0.5 * envelope.mean()


@pytest.mark.parametrize("voice", VOICES)
def test_it_is_voiced_at_the_pitch_of_a_person(voice):
    sound = synthesise(TEXT, RATE, voice)
    assert sum(step.harmony > 0.6 for step in steps_of(sound)) > 0.4 * len(steps_of(sound))
    pitches = pitches_of(sound)
    assert len(pitches) > 50
    assert np.percentile(pitches, 5) > 75
    assert np.percentile(pitches, 95) < 300
    assert pitches.std() > 4


def test_it_hisses_at_an_s_and_hums_at_an_m():
    hiss, hum = (spectrum_of(synthesise(text, RATE)) for text in ("ssss", "mmmm"))
    assert share(*hiss, 3_000, 8_000) > 0.7
    assert share(*hum, 80, 1_000) > 0.9


def test_vowels_sound_different():
    centres = {}
    for vowel in "aeiou":
        frequencies, power = spectrum_of(synthesise(vowel * 5, RATE))
        centres[vowel] = (frequencies * power).sum() / power.sum()
    assert len({round(centre / 20) for centre in centres.values()}) == 5


@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
def test_its_energy_lies_where_speech_does(rate):
    frequencies, power = spectrum_of(synthesise(TEXT, rate), rate)
    assert share(frequencies, power, 200, 4_000) > 0.75
    assert share(frequencies, power, 0, 70) < 0.01


def test_its_colour_keeps_changing():
    sound = synthesise("a " * 3 + "see you soon, we all do", RATE).astype(float)
    rows = np.abs(np.fft.rfft(sound[: len(sound) // 960 * 960].reshape(-1, 960))) ** 2
    loud = rows[rows.sum(axis=1) > rows.sum(axis=1).max() / 300]
    centres = (loud * np.arange(481)).sum(axis=1) / loud.sum(axis=1)
    assert centres.std() > 0.2 * centres.mean()


def test_it_rests_at_the_marks():
    sound = np.abs(synthesise("Well, yes. No.", RATE))
    silent = np.flatnonzero(np.diff(np.concatenate([[1], sound > 8, [1]]).astype(int)))
    lengths = sorted((end - start) / RATE for start, end in zip(silent[::2], silent[1::2], strict=False))
    assert lengths[-1] == pytest.approx(0.4, abs=0.06)
    assert lengths[-2] == pytest.approx(0.2, abs=0.06)


def test_a_question_ends_higher_than_a_statement():
    asked, stated = (pitches_of(synthesise(f"they are all away now{mark}", RATE)) for mark in "?.")
    assert np.median(asked[-4:]) > 1.1 * np.median(stated[-4:])


def test_the_pitch_sinks_along_a_statement():
    pitches = pitches_of(synthesise("we are all on our way over to you now.", RATE))
    assert np.median(pitches[:6]) > 1.1 * np.median(pitches[-6:])


def test_voices_have_pitches_of_their_own():
    middles = [np.median(pitches_of(synthesise(TEXT, RATE, voice))) for voice in VOICES]
    assert max(middles) > 1.2 * min(middles)


def test_the_same_text_is_the_same_sound_in_another_process():
    program = (
        "import hashlib; from mockagent.audio.speech import synthesise;"
        f"print(hashlib.sha256(synthesise({TEXT!r}, 8000, 'v').tobytes()).hexdigest())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert (synthesise(TEXT, 8_000, "v") == synthesise(TEXT, 8_000, "v")).all()


def test_other_texts_and_voices_are_other_sounds():
    sounds = {synthesise(*what).tobytes() for what in [("one", 8_000), ("two", 8_000), ("one", 8_000, "v")]}
    assert len(sounds) == 3


def test_a_long_text_is_the_same_all_along():
    rate, count = 8_000, 6
    sound = synthesise(". ".join(["All of us will see you soon at home"] * 3 * count), rate).astype(float)
    envelope = np.sqrt((sound[: len(sound) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1))
    assert len(envelope) > 4_000  # hundredths of a second: several of the blocks that it is worked in
    period = (len(envelope) + 40) / (3 * count)
    first = envelope[: int(period) - 40]
    for number in range(1, 3 * count):
        start = round(number * period)
        assert np.corrcoef(first, envelope[start : start + len(first)])[0, 1] > 0.9


def test_a_long_text_has_no_seams():
    sound = synthesise(TEXT * 6, 8_000).astype(int)
    assert len(sound) > 40 * 8_000  # several of the blocks that it is worked in
    # A seam would be a jump in the middle of a block of hops; none may be larger than those of a short text.
    assert np.abs(np.diff(sound)).max() <= 1.5 * np.abs(np.diff(synthesise(TEXT, 8_000).astype(int))).max()
