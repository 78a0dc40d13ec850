"""Recorded speech is noticed in every steady noise 10 dB below it; noise alone is not, whatever it is.

The figures of many more voices are those of tests/bench/detection.py; here is what must always hold.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mockagent.audio.detection import SpeechDetector, SpeechStarted
from mockagent.audio.pcm import encode
from mockagent.audio.resampling import resample
from mockagent.audio.wav import read_wav
from mockagent.protocol.formats import AudioFormat

HERE = Path(__file__).parent
CLIPS = ["yes", "stop", "weather", "hear"]
FORMATS = [AudioFormat("mulaw", 8_000), AudioFormat("linear16", 16_000), AudioFormat("linear16", 24_000)]
SPEECH_LEVEL = 3_000.0


def of_bench(name):
    spec = importlib.util.spec_from_file_location(name, HERE.parent / "bench" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NOISES = of_bench("noises")
STEADY, EVENTS = NOISES.STEADY, NOISES.EVENTS


def recorded(clip, rate):
    samples, its_rate = read_wav((HERE / "data" / f"{clip}.wav").read_bytes())
    sound = resample(samples, its_rate, rate).astype(float)
    return sound * SPEECH_LEVEL / np.sqrt((sound[np.abs(sound) > 200] ** 2).mean())


def detected(sound, format):
    samples = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return SpeechDetector(format).feed(encode(samples, format))


def with_rests(speech, rate):
    return np.concatenate([np.zeros(2 * rate), speech, np.zeros(2 * rate)])


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_clean_speech_is_noticed_from_start_to_end(clip, format):
    speech = recorded(clip, format.sample_rate)
    events = detected(with_rests(speech, format.sample_rate), format)
    assert isinstance(events[0], SpeechStarted)
    assert events[0].at == pytest.approx(2.0, abs=0.25)
    assert events[-1].at == pytest.approx(2.0 + len(speech) / format.sample_rate, abs=0.45)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("noise", STEADY)
@pytest.mark.parametrize("ratio", [20, 10])
@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_speech_is_noticed_in_steady_noise(clip, noise, ratio, format):
    rate = format.sample_rate
    sound = with_rests(recorded(clip, rate), rate)
    volume = SPEECH_LEVEL * 10 ** (-ratio / 20)
    events = detected(sound + STEADY[noise](rate, len(sound), 3) * volume, format)
    starts = [event.at for event in events if isinstance(event, SpeechStarted)]
    assert 1.9 < starts[0] < 2.0 + len(recorded(clip, rate)) / rate
    assert len(starts) == len(events) / 2


@pytest.mark.parametrize("noise", [*STEADY, *EVENTS])
@pytest.mark.parametrize("volume", [100, 1_000, 3_000])
@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_noise_alone_is_not_speech(noise, volume, format):
    make = (STEADY | EVENTS)[noise]
    assert detected(make(format.sample_rate, 20 * format.sample_rate, 9) * volume, format) == []


@pytest.mark.parametrize("noise", STEADY)
@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_noise_that_sets_in_at_once_is_not_speech(noise, format):
    rate = format.sample_rate
    sound = STEADY[noise](rate, 10 * rate, 5) * SPEECH_LEVEL
    sound[: 3 * rate] *= 0.001
    assert detected(sound, format) == []


@pytest.mark.parametrize("noise", ["keyboard", "doors"])
def test_speech_between_clicks_is_noticed(noise):
    format = FORMATS[1]
    sound = with_rests(recorded("weather", 16_000), 16_000)
    events = detected(sound + EVENTS[noise](16_000, len(sound), 4) * SPEECH_LEVEL / 3, format)
    assert events[0].at == pytest.approx(2.0, abs=0.3)
