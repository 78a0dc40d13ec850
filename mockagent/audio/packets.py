"""Sound cut into the frames that go on the wire, 20 ms each unless told otherwise.

Every frame holds whole samples, or whole packets of a compressed encoding. In encodings of a constant rate none is
empty, and frame n starts at sample n * rate * 20 ms, rounded down, so that rates which 20 ms does not divide (11025 Hz:
220 and 221 samples in turn) do not drift. In compressed ones a frame is empty where a packet spans several: nothing
is sent at that moment.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from mockagent.audio.companding import Samples
from mockagent.audio.pcm import encode
from mockagent.audio.remembering import remembered
from mockagent.audio.resampling import resample
from mockagent.audio.speech import synthesise
from mockagent.audio.wav import read_wav, wav_header
from mockagent.protocol.formats import AudioFormat

FRAME_MS = 20


def packets(sound: Samples | bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of samples, or of bytes already in this encoding; the last may be shorter.

    In container wav the first frame is preceded by one header for the whole reply, of unknown length: a
    server that speaks as it synthesises cannot know it, and a barge-in would belie it.
    """
    if not format.is_counted:
        if isinstance(sound, bytes):
            raise ValueError(f"bytes of {format.encoding} cannot be cut by their number")
        return _encoded(sound, format, frame_ms)
    data = sound if isinstance(sound, bytes) else encode(sound, format)
    width = format.sample_width
    total = len(data) // width
    frames: list[bytes] = []
    start = 0
    while start < total:
        end = (len(frames) + 1) * format.sample_rate * frame_ms // 1000
        frames.append(data[start * width : min(end, total) * width])
        start = end
    if frames and format.container == "wav":
        frames[0] = wav_header(format, None) + frames[0]
    return tuple(frames)


@remembered
def speech_packets(
    text: str, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS
) -> tuple[bytes, ...]:
    """The frames of `text` spoken; none for a text with nothing to say. Shared between those who ask."""
    return packets(synthesise(text, format.sample_rate, voice), format, frame_ms)


def statement_packets(
    statements: tuple[str, ...], number: int, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS
) -> tuple[bytes, ...]:
    """The frames of one statement of a reply, whose statements make one stream with one header."""
    if not format.is_counted:
        return _reply_packets(statements, format, voice, frame_ms)[number]
    bare = replace(format, container="none")
    is_begun = any(speech_packets(each, bare, voice, frame_ms) for each in statements[:number])
    return speech_packets(statements[number], bare if is_begun else format, voice, frame_ms)


@remembered
def wav_packets(data: bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of a WAV file, brought to this format. UnreadableWav when it cannot be read."""
    samples, rate = read_wav(data)
    return packets(resample(samples, rate, format.sample_rate), format, frame_ms)


@remembered
def _reply_packets(
    statements: tuple[str, ...], format: AudioFormat, voice: str, frame_ms: int
) -> Sequence[tuple[bytes, ...]]:
    """The frames of each statement, cut from the one stream that they make."""
    spoken = [synthesise(text, format.sample_rate, voice) for text in statements]
    frames = packets(np.concatenate(spoken), format, frame_ms)
    ends = np.cumsum([len(each) for each in spoken]) * 1000 / (format.sample_rate * frame_ms)
    cuts = [0, *(int(end) for end in np.ceil(ends[:-1])), len(frames)]
    return [frames[start:end] for start, end in pairwise(cuts)]


def _encoded(samples: Samples, format: AudioFormat, frame_ms: int) -> tuple[bytes, ...]:
    from mockagent.audio.coding import encoded  # loads the codecs, which few sessions need

    return encoded(samples, format, frame_ms)
