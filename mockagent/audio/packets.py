"""Sound cut into the frames that go on the wire, 20 ms each unless told otherwise.

Every frame holds whole samples, or whole packets of a compressed encoding. In encodings of a constant rate none is
empty, and frame n starts at sample n * rate * 20 ms, rounded down, so that rates which 20 ms does not divide (11025 Hz:
220 and 221 samples in turn) do not drift. In compressed ones a frame is empty where a packet spans several: nothing
is sent at that moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain
from math import ceil

from mockagent.audio.companding import Samples
from mockagent.audio.making import PER_FRAME, Frames, Part, at_once
from mockagent.audio.pcm import encode
from mockagent.audio.remembering import remembered
from mockagent.audio.resampling import resample
from mockagent.audio.speech import SAMPLES_AT_ONCE, length_of, spoken
from mockagent.audio.wav import read_wav, wav_header
from mockagent.protocol.formats import SAMPLE_WIDTHS, AudioFormat

FRAME_MS = 20
_CODER_TAKES = 262_144
"""Bytes of memory of a codec at work, about."""


def packets(sound: Samples | bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of samples, or of bytes already in this encoding; the last may be shorter.

    In container wav the first frame is preceded by one header for the whole reply, of unknown length: a
    server that speaks as it synthesises cannot know it, and a barge-in would belie it.
    """
    if not isinstance(sound, bytes):
        return tuple(chain.from_iterable(_framed([sound], len(sound), format, frame_ms)))
    if not format.is_counted:
        raise ValueError(f"bytes of {format.encoding} cannot be cut by their number")
    return tuple(chain.from_iterable(_cut([sound], format, frame_ms)))


def speech_packets(
    text: str, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS
) -> tuple[bytes, ...]:
    """The frames of `text` spoken, all at once; none for a text with nothing to say."""
    return at_once(speech_frames(text, format, voice, frame_ms))


@remembered
def speech_frames(text: str, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS) -> Frames:
    """The frames of `text` spoken, made as they are asked for. Shared between those who ask."""
    return _reply((text,), format, voice, frame_ms)


def statement_frames(
    statements: tuple[str, ...], number: int, format: AudioFormat, voice: str = "", frame_ms: int = FRAME_MS
) -> Iterable[bytes | None]:
    """The frames of one statement of a reply, whose statements make one stream with one header.

    None stands where a piece of them was made instead: the next one is to come.
    """
    if format.is_counted:
        is_begun = any(each.strip() for each in statements[:number])
        return speech_frames(
            statements[number], replace(format, container="none") if is_begun else format, voice, frame_ms
        )
    lengths = (length_of(text, format.sample_rate) for text in statements[: number + 1])
    ends = [0, *(ceil(end * 1000 / (format.sample_rate * frame_ms)) for end in accumulate(lengths))]
    is_last = number == len(statements) - 1
    return Part(
        _reply_frames(statements, format, voice, frame_ms),
        ends[number],
        None if is_last else ends[number + 1],
    )


def wav_packets(data: bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> tuple[bytes, ...]:
    """The frames of a WAV file, brought to this format, all at once. UnreadableWav when it cannot be read."""
    return at_once(wav_frames(data, format, frame_ms))


@remembered
def wav_frames(data: bytes, format: AudioFormat, frame_ms: int = FRAME_MS) -> Frames:
    """The frames of a WAV file, brought to this format; written in its encoding as they are asked for.

    UnreadableWav when it cannot be read.
    """
    samples, rate = read_wav(data)
    sound = resample(samples, rate, format.sample_rate)
    stretches = (sound[start : start + SAMPLES_AT_ONCE] for start in range(0, len(sound), SAMPLES_AT_ONCE))
    return _made(stretches, len(sound), format, frame_ms)


@remembered
def _reply_frames(statements: tuple[str, ...], format: AudioFormat, voice: str, frame_ms: int) -> Frames:
    """The frames of the one stream that the statements make."""
    return _reply(statements, format, voice, frame_ms)


def _reply(statements: tuple[str, ...], format: AudioFormat, voice: str, frame_ms: int) -> Frames:
    length = sum(length_of(text, format.sample_rate) for text in statements)
    stretches = (stretch for text in statements for stretch in spoken(text, format.sample_rate, voice))
    return _made(stretches, length, format, frame_ms)


def _made(stretches: Iterable[Samples], length: int, format: AudioFormat, frame_ms: int) -> Frames:
    count = length * 1000 // (format.sample_rate * frame_ms) + 1
    size = length * SAMPLE_WIDTHS.get(format.encoding, 2)
    takes = 0 if format.is_counted else _CODER_TAKES
    return Frames(_framed(stretches, length, format, frame_ms), size + count * PER_FRAME + takes)


def _framed(
    stretches: Iterable[Samples], length: int, format: AudioFormat, frame_ms: int
) -> Iterator[Sequence[bytes]]:
    """After each stretch of so many samples in all, the frames that are ready; at the end the rest."""
    if format.is_counted:
        return _cut((encode(samples, format) for samples in stretches), format, frame_ms)
    from mockagent.audio.coding import encoded  # loads the codecs, which few sessions need

    return encoded(stretches, length, format, frame_ms)


def _cut(pieces: Iterable[bytes], format: AudioFormat, frame_ms: int) -> Iterator[list[bytes]]:
    width, held, begins, number = format.sample_width, b"", 0, 0
    header = wav_header(format, None) if format.container == "wav" else b""
    for piece in pieces:
        held += piece
        frames: list[bytes] = []
        at = 0
        while at + (size := _ends(number, format, frame_ms) - begins) * width <= len(held):
            frames.append(header + held[at : at + size * width])
            header = b""
            begins, at, number = begins + size, at + size * width, number + 1
        held = held[at:]
        yield frames
    if rest := held[: len(held) // width * width]:
        yield [header + rest]


def _ends(number: int, format: AudioFormat, frame_ms: int) -> int:
    """The sample before which the frame of that number ends."""
    return (number + 1) * format.sample_rate * frame_ms // 1000
