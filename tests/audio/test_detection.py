"""Speech is noticed, in noise too; noise, hum, tones and clicks are not; the cutting of the stream is not either."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.decoder import CannotDecode
from mockagent.audio.detection import SpeechDetector, SpeechStarted, SpeechStopped
from mockagent.audio.pcm import encode
from mockagent.audio.speech import synthesise
from mockagent.protocol.formats import AudioFormat

RATES = [8_000, 16_000, 24_000, 48_000]
TEXT = "What is the weather in Fremont, please"
SHORT = ["Yes.", "No, stop.", "Hello there."]


def detected(sound, rate, encoding="linear16"):
    format = AudioFormat(encoding, rate)
    samples = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return SpeechDetector(format).feed(encode(samples, format))


def white(count, seed=1):
    return np.random.default_rng(seed).standard_normal(count)


def pink(count, seed=1):
    spectrum = np.fft.rfft(white(count, seed))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    return sound / sound.std()


NOISES = {"white": white, "pink": pink}


def spoken(text, rate, voice="", before=1.0, after=1.0):
    """The text between two silences, and the second at which it ends."""
    speech = synthesise(text, rate, voice).astype(float)
    sound = np.concatenate([np.zeros(round(before * rate)), speech, np.zeros(round(after * rate))])
    return sound, before + len(speech) / rate


def loudness(sound):
    return np.sqrt((sound[sound != 0] ** 2).mean())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("encoding", ["linear16", "mulaw", "alaw"])
def test_it_hears_where_speech_starts_and_stops(rate, encoding):
    sound, end = spoken(TEXT, rate)
    started, stopped = detected(sound, rate, encoding)
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert started.at == pytest.approx(1.0, abs=0.15)
    assert stopped.at == pytest.approx(end, abs=0.1)


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("ratio", [20, 10])
@pytest.mark.parametrize("voice", ["aura-2-thalia-en", "aura-asteria-en"])
def test_it_hears_short_answers_in_noise(text, noise, ratio, voice):
    sound, end = spoken(text, 16_000, voice)
    noisy = sound + NOISES[noise](len(sound)) * loudness(sound) * 10 ** (-ratio / 20)
    events = detected(noisy, 16_000)
    assert events
    assert 0.9 < events[0].at < end
    assert 0.9 < events[-1].at < end + 0.1


@pytest.mark.parametrize("volume", [1.0, 0.1, 0.03])
def test_soft_speech_is_heard_too(volume):
    sound, _ = spoken(TEXT, 16_000)
    assert len(detected(sound * volume, 16_000)) == 2


def test_speech_from_the_first_byte_is_heard():
    sound, _ = spoken(TEXT, 16_000, before=0.0)
    assert detected(sound, 16_000)[0].at <= 0.05


def test_a_long_speech_is_one():
    sound, end = spoken("we will all be on our way over to you now and then " * 20, 16_000)
    started, stopped = detected(sound + white(len(sound)) * loudness(sound) / 10, 16_000)
    assert started.at == pytest.approx(1.0, abs=0.15)
    assert stopped.at == pytest.approx(end, abs=0.1)


def test_noise_after_the_last_word_is_no_speech():
    sound, end = spoken(TEXT, 16_000, after=5.0)
    noise = np.where(np.arange(len(sound)) > (end + 0.1) * 16_000, white(len(sound)) * loudness(sound) / 3, 0)
    _, stopped = detected(sound + noise, 16_000)
    assert stopped.at < end + 0.3


def test_two_sayings_are_two():
    sound, _ = spoken("Hello there", 16_000)
    kinds = [type(event) for event in detected(np.concatenate([sound, sound]), 16_000)]
    assert kinds == [SpeechStarted, SpeechStopped] * 2


def test_a_rest_at_a_comma_is_no_stop():
    sound, _ = spoken("Well, that is all, really, all of it", 16_000)
    assert len(detected(sound, 16_000)) == 2


def test_a_stop_needs_half_a_second():
    sound, end = spoken("Hello there", 16_000, after=2.0)
    detector = SpeechDetector(AudioFormat("linear16", 16_000))
    data = sound.astype("<i2").tobytes()
    known_at = []
    for index in range(0, len(data), 640):
        known_at += [(index + 640) / 32_000 for _ in detector.feed(data[index : index + 640])]
        assert detector.is_speaking == (len(known_at) == 1)
    assert 1.08 <= known_at[0] <= 1.4
    assert end + 0.4 < known_at[1] < end + 0.6


@pytest.mark.parametrize("rate", RATES)
def test_silence_is_not_speech(rate):
    assert detected(np.zeros(rate * 10), rate) == []


@pytest.mark.parametrize("rate", [8_000, 24_000])
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("amplitude", [10, 100, 1_000, 5_000])
def test_steady_noise_is_not_speech_nor_is_its_beginning(rate, noise, amplitude):
    sound = NOISES[noise](rate * 20) * amplitude
    assert detected(sound, rate) == []
    sound[: rate * 5] *= 0.01
    assert detected(sound, rate) == []


@pytest.mark.parametrize("rate", [8_000, 24_000])
@pytest.mark.parametrize("hertz", [50, 60, 100, 120, 440, 1_000])
@pytest.mark.parametrize("overtones", [1, 12])
def test_hum_and_tones_are_not_speech(rate, hertz, overtones):
    time = np.arange(rate * 10) / rate
    sound = sum(
        np.sin(2 * np.pi * hertz * n * time + n) / n for n in range(1, overtones + 1) if hertz * n < 3_900
    )
    noisy = sound * 4_000 + white(len(time)) * 10
    assert detected(noisy, rate) == []
    noisy[: rate * 3] = white(rate * 3) * 10
    assert detected(noisy, rate) == []


@pytest.mark.parametrize("rate", [8_000, 24_000])
def test_clicks_and_taps_are_not_speech(rate):
    clicks = np.zeros(rate * 10)
    clicks[:: rate // 5] = 20_000
    assert detected(clicks, rate) == []
    taps = white(rate * 10) * 20
    tap = white(rate // 50) * np.exp(-np.arange(rate // 50) / (rate / 250)) * 10_000
    for start in np.random.default_rng(4).integers(0, rate * 9, 40):
        taps[start : start + len(tap)] += tap
    assert detected(taps, rate) == []


def test_an_encoding_that_cannot_be_decoded_is_refused():
    with pytest.raises(CannotDecode, match="vorbis"):
        SpeechDetector(AudioFormat("vorbis", 48_000))


CONVERSATION = np.concatenate([spoken("Yes, hello.", 8_000)[0], spoken("No.", 8_000)[0]]) + 100 * white(
    len(spoken("Yes, hello.", 8_000)[0]) + len(spoken("No.", 8_000)[0])
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 3_000), max_size=60), st.sampled_from(["linear16", "mulaw"]))
def test_how_the_stream_is_cut_makes_no_difference(cuts, encoding):
    format = AudioFormat(encoding, 8_000)
    data = encode(CONVERSATION.astype(np.int16), format)
    whole = SpeechDetector(format).feed(data)
    assert len(whole) == 4
    detector, found, at = SpeechDetector(format), [], 0
    for size in cuts:
        found += detector.feed(data[at : at + size])
        at += size
    found += detector.feed(data[at:])
    assert found == whole
