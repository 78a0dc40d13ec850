"""How well speech is told from noise: `python tests/bench/detection.py` speaks with espeak-ng and prints tables.

Every sentence is heard in every voice, noise, level and rate: two seconds of noise, the sentence, two seconds of noise,
in frames of 20 ms. Levels are those of the speech while somebody speaks against the noise, over all frequencies.
Seeds are fixed: the same espeak-ng gives the same figures.
"""

import argparse
import functools
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from noises import EVENTS, STEADY, Sound

from mockagent.audio.detection import SpeechDetector, SpeechStarted
from mockagent.audio.pcm import encode
from mockagent.audio.resampling import resample
from mockagent.audio.wav import read_wav
from mockagent.protocol.formats import AudioFormat

VOICES = ["en-us", "en-gb+f3", "en-us+m7", "en-us+f5", "de", "fr+f2"]
SENTENCES = [
    "Yes, please.",
    "No, stop.",
    "What's the weather in Fremont?",
    "I would like to order a large pizza with mushrooms.",
    "Can you hear me?",
    "My number is four seven one, eight eight nine.",
]
FORMATS = [
    AudioFormat("linear16", 8_000),
    AudioFormat("mulaw", 8_000),
    AudioFormat("linear16", 16_000),
    AudioFormat("linear16", 24_000),
]
LEVELS = [30, 20, 10, 5, 0]
EARLY_AT = 10
BEFORE, AFTER = 2.0, 2.0
SPEECH_LEVEL = 3_000.0
BABBLERS = 8
ALONE_FOR = 120


@dataclass(frozen=True)
class Heard:
    """What became of one sentence: seconds after its true start and end at which these were known.

    `is_early`: the noise before it was taken for speech.
    """

    started: float | None
    stopped: float | None
    is_early: bool


@functools.cache
def said(voice: str, text: str, rate: int) -> Sound:
    """The sentence without silence around it."""
    wav = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], check=True, capture_output=True).stdout
    samples = resample(*read_wav(wav), rate).astype(float)
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 50)
    spoken = samples[loud[0] : loud[-1] + 1]
    frames = spoken[: len(spoken) // (rate // 50) * (rate // 50)].reshape(-1, rate // 50)
    power = (frames**2).mean(axis=1)
    return spoken * SPEECH_LEVEL / np.sqrt(power[power > power.max() / 1000].mean())


@functools.cache
def babble(rate: int, count: int, seed: int) -> Sound:
    """Several people talk at once, without a rest."""
    random = np.random.default_rng(seed)
    sound = np.zeros(count)
    for _ in range(BABBLERS):
        voice = random.choice(VOICES)
        parts = [said(voice, text, rate) for text in random.permutation(SENTENCES)]
        sound += np.roll(np.resize(np.concatenate(parts), count), int(random.integers(count)))
    return sound / np.sqrt((sound**2).mean())


def known(sound: Sound, format: AudioFormat) -> Iterator[tuple[float, bool]]:
    """When what was known: seconds of sound heard, and whether it is a start."""
    samples = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    data, detector = encode(samples, format), SpeechDetector(format)
    size = format.size_of(0.02)
    for at in range(0, len(data), size):
        for event in detector.feed(data[at : at + size]):
            yield (at + size) / format.bytes_per_second, isinstance(event, SpeechStarted)


def hear(speech: Sound, noise: Sound, format: AudioFormat) -> Heard:
    """One sentence in noise."""
    rate = format.sample_rate
    sound = noise.copy()
    first = round(BEFORE * rate)
    sound[first : first + len(speech)] += speech
    start, end = BEFORE, BEFORE + len(speech) / rate
    events = list(known(sound, format))
    starts = [at for at, is_start in events if is_start]
    true = [at for at in starts if start <= at <= end + 0.1]
    stops = [at for at, is_start in events if not is_start and true and at > true[0]]
    is_early = any(at < start for at in starts)
    return Heard(true[0] - start if true else None, stops[-1] - end if stops else None, is_early)


def sentences(noise: str, level: float, format: AudioFormat) -> list[Heard]:
    """All of them, in one noise at one level."""
    found = []
    for number, (voice, text) in enumerate((v, t) for v in VOICES for t in SENTENCES):
        speech = said(voice, text, format.sample_rate)
        count = len(speech) + round((BEFORE + AFTER) * format.sample_rate)
        make = STEADY.get(noise) or EVENTS.get(noise) or babble
        volume = SPEECH_LEVEL * 10 ** (-level / 20)
        found.append(hear(speech, make(format.sample_rate, count, number) * volume, format))
    return found


def false_starts(noise: str, format: AudioFormat) -> float:
    """False starts a minute in noise alone, as loud as speech 10 dB above it would allow and as loud as speech."""
    make = STEADY.get(noise) or EVENTS.get(noise) or babble
    count, total = ALONE_FOR * format.sample_rate, 0
    sound = make(format.sample_rate, count, 77)
    for volume in (SPEECH_LEVEL * 10 ** (-10 / 20), SPEECH_LEVEL):
        total += sum(is_start for _, is_start in known(sound * volume, format))
    return total / (2 * ALONE_FOR / 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="16 kHz only")
    quick = parser.parse_args().quick
    formats = FORMATS[2:3] if quick else FORMATS
    try:
        said(VOICES[0], SENTENCES[0], 16_000)
    except FileNotFoundError:
        sys.exit("espeak-ng is not installed: apt-get install espeak-ng")
    names = ", ".join(f"{format.encoding} {format.sample_rate} Hz" for format in formats)
    print(f"{len(VOICES) * len(SENTENCES)} sentences, each in {names}\n")
    print("| noise | " + " | ".join(f"{level} dB" for level in LEVELS) + " | false starts a minute | early |")
    print("| --- |" + " --- |" * (len(LEVELS) + 2))
    for noise in (*STEADY, *EVENTS, "babble"):
        heard = {level: [each for f in formats for each in sentences(noise, level, f)] for level in LEVELS}
        early = statistics.mean(each.is_early for each in heard[EARLY_AT])
        cells = [cell(heard[level]) for level in LEVELS]
        alone = statistics.mean(false_starts(noise, format) for format in formats)
        print(f"| {noise} | {' | '.join(cells)} | {alone:.1f} | {early:.0%} |", flush=True)


def cell(heard: list[Heard]) -> str:
    """How many of the sentences were noticed, and the medians of when their start and end were known."""
    starts = [each.started for each in heard if each.started is not None]
    stops = [each.stopped for each in heard if each.stopped is not None]
    known_at = [f"{statistics.median(times):.2f}" if times else "-" for times in (starts, stops)]
    return f"{len(starts) / len(heard):.0%}, {known_at[0]} s, {known_at[1]} s"


if __name__ == "__main__":
    main()
