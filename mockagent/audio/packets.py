"""Sound cut into the frames that go on the wire, 20 ms each unless told otherwise.

Every frame holds whole samples and none is empty; frame n starts at sample n * rate * 20 ms, rounded down, so
that rates which 20 ms does not divide (11025 Hz: 220 and 221 samples in turn) do not drift.
"""

from functools import lru_cache

from mockagent.audio.companding import Samples
from mockagent.audio.pcm import encode
from mockagent.audio.resampling import resample
from mockagent.audio.speech import synthesise
from mockagent.audio.wav import read_wav, wav_header
from mockagent.protocol.formats import AudioFormat

FRAME_MS = 20
REMEMBERED = 64
"""Replies whose frames are kept for the next session that speaks them."""


def packets(sound: Samples | bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of samples, or of bytes already in this encoding; the last may be shorter.

    In container wav the first frame is preceded by one header for the whole reply, of unknown length: a
    server that speaks as it synthesises cannot know it, and a barge-in would belie it.
    """
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


@lru_cache(maxsize=REMEMBERED)
def speech_packets(
    text: str, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS
) -> tuple[bytes, ...]:
    """The frames of `text` spoken; none for a text with nothing to say. Shared between those who ask."""
    return packets(synthesise(text, format.sample_rate, voice), format, frame_ms)


@lru_cache(maxsize=REMEMBERED)
def wav_packets(data: bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of a WAV file, brought to this format. UnreadableWav when it cannot be read."""
    samples, rate = read_wav(data)
    return packets(resample(samples, rate, format.sample_rate), format, frame_ms)
