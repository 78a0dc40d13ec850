"""When speech starts and stops in a stream, as the ear of an agent that listens for its user.

Speech is what is voiced, stands out from the noise before it, and changes while it lasts, in loudness and in the
balance of its bands; steady noise, hum, clicks and chords each lack one of these. The stream is judged in steps of
20 ms, in order, whatever the frames that it came in.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from mockagent.audio.decoding import decoder_for
from mockagent.audio.hearing import STEPS_A_SECOND, Ear, Floats, Impression
from mockagent.protocol.formats import AudioFormat

FIRST_FLOOR = -50.0
"""The loudest noise that is believed in before any was heard, in dB of full scale."""
QUIETEST = -58.0
"""Speech is louder than this, in dB of full scale."""
ABOVE_NOISE = 6.0
"""Decibels by which speech stands out from the noise."""
VOICED_HARMONY = 0.58
"""Noise of 40 ms, white or pink, hardly ever reaches this; vowels do, also in noise 10 dB below them."""
CHANGE = 2.0
"""Decibels between the loudest and the softest of the voiced steps at a start. Hum and tones vary by less."""

VARIETY = 1.6
"""Decibels by which the balance of the bands strays in the voiced steps at a start. Between the sounds of a word the
mouth moves; a chord that dies away keeps its shape."""

MEMORY_STEPS = 15
START_STEPS = 4
"""Voiced steps within the memory that make a start: 80 ms, more than a click leaves behind."""
BREATH_STEPS = 10
"""Steps after a voiced one in which something loud still belongs to the word."""
STOP_STEPS = STEPS_A_SECOND // 2
"""Steps without speech that make a stop."""

FLOOR_FALLS_BY = 0.3
"""Part of the way that the floor follows a softer step."""
FLOOR_RISES_BY = 0.3
"""Decibels a step, at most, that the floor rises under louder ones; the gaps in speech bring it down again."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak `at` seconds of audio after the first byte. Known 0.1 s of audio later or more."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Somebody fell silent `at` seconds of audio after the first byte. Known 0.5 s of audio later."""

    at: float


Spoken = SpeechStarted | SpeechStopped


class SpeechDetector:
    """Listens to one stream. CannotDecode for an encoding that cannot be decoded.

    `heard_for` is how many seconds of sound there have been.
    """

    def __init__(self, format: AudioFormat) -> None:
        self.heard_for = 0.0
        self._decoder = decoder_for(format)
        self._ear = Ear(self._decoder.sample_rate)
        self._heard = np.zeros(0, np.int16)
        self._listener = _Listener(self._ear.step / self._decoder.sample_rate)

    @property
    def is_speaking(self) -> bool:
        """Whether a start has been reported and no stop since."""
        return self._listener.speaking

    def feed(self, data: bytes) -> list[Spoken]:
        """What the next message of the stream reveals, in order; a sample may be cut between two of them."""
        sound = self._decoder.feed(data)
        self.heard_for += len(sound) / self._decoder.sample_rate
        heard = np.concatenate([self._heard, sound])
        found: list[Spoken] = []
        at = 0
        while at + self._ear.stretch <= len(heard):
            found += self._listener.listen(self._ear.hear(heard[at : at + self._ear.stretch]))
            at += self._ear.step
        self._heard = heard[at:]
        return found


@dataclass(frozen=True, slots=True)
class _Step:
    number: int
    level: float
    voiced: bool
    loud: bool
    shape: Floats


@dataclass(slots=True)
class _Listener:
    """Turns impressions, one a step, into starts and stops."""

    step_for: float
    floor: float = FIRST_FLOOR
    number: int = -1
    speaking: bool = False
    last_voiced: int = -BREATH_STEPS
    last_spoken: int = 0
    memory: deque[_Step] = field(default_factory=lambda: deque(maxlen=MEMORY_STEPS))

    def listen(self, impression: Impression) -> list[Spoken]:
        """The start or stop that this step makes known, if it does."""
        self.number += 1
        loud = impression.level > max(self.floor + ABOVE_NOISE, QUIETEST)
        voiced = loud and impression.harmony > VOICED_HARMONY
        step = _Step(self.number, impression.level, voiced, loud, impression.shape)
        self.memory.append(step)
        self._remember_speech(step)
        self._move_floor(step.level)
        if not self.speaking and self._is_changing():
            return self._start()
        if self.speaking and self.number - self.last_spoken >= STOP_STEPS:
            return self._stop()
        return []

    def _remember_speech(self, step: _Step) -> None:
        if step.voiced:
            self.last_voiced = step.number
        if step.loud and step.number - self.last_voiced < BREATH_STEPS:
            self.last_spoken = step.number

    def _is_changing(self) -> bool:
        """Whether the memory holds enough voiced steps, and these differ as those of a syllable do."""
        shapes = [step.shape for step in self.memory if step.voiced]
        if len(shapes) < START_STEPS or np.std(shapes, axis=0).mean() < VARIETY:
            return False
        # The first and the last may hold the edge of a steady tone, which also makes them differ.
        levels = [step.level for step in self.memory if step.loud][1:-1]
        return max(levels) - min(levels) >= CHANGE

    def _move_floor(self, level: float) -> None:
        if level < self.floor:
            self.floor += FLOOR_FALLS_BY * (level - self.floor)
        else:
            self.floor += min(FLOOR_RISES_BY, level - self.floor)

    def _start(self) -> list[Spoken]:
        self.speaking = True
        first = next(step for step in self.memory if step.voiced)
        return [SpeechStarted(self._middle_of(first.number) - self.step_for / 2)]

    def _stop(self) -> list[Spoken]:
        self.speaking = False
        return [SpeechStopped(self._middle_of(self.last_spoken) + self.step_for / 2)]

    def _middle_of(self, number: int) -> float:
        """Seconds from the first byte to the middle of a step's stretch, which is two steps long."""
        return (number + 1) * self.step_for
