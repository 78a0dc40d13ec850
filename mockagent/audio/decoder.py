"""What a decoder is: messages of one stream in, samples out."""

from typing import Protocol

import numpy as np

from mockagent.audio.companding import Samples

SILENCE: Samples = np.zeros(0, np.int16)


class CannotDecode(ValueError):
    """An encoding that cannot be decoded here; the message says why."""


class Decoder(Protocol):
    """Turns the messages of one stream into samples of `sample_rate` Hz, one channel."""

    sample_rate: int

    def feed(self, data: bytes) -> Samples:
        """The samples that the next message completes, perhaps none."""

    def finish(self) -> Samples:
        """What was still held back at the end of the stream; nothing may be fed after it."""
