"""WAV files: the sound in one, the header of one. Read by hand, since real files are often a little wrong.

A size that is too large, such as that of a stream of unknown length, means "to the end of the file".
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockagent.audio.companding import Samples, alaw_decode, mulaw_decode
from mockagent.protocol.formats import AudioFormat

PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
TAGS = {"linear16": PCM, "linear32": PCM, "alaw": ALAW, "mulaw": MULAW}
UNKNOWN_SIZE = 0xFFFFFFFF
HEADER_SIZE = 44


class UnreadableWav(ValueError):
    """A WAV file that cannot be played; the message says what was found."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the `fmt ` chunk says."""

    tag: int
    channels: int
    sample_rate: int
    bits: int


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples, all channels mixed into one, and the rate in Hz. UnreadableWav if there are none."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise UnreadableWav(f"expected a RIFF/WAVE header, got {data[:12]!r}")
    layout = None
    for name, body in _chunks(data):
        if name == b"fmt ":
            layout = _layout(body)
        elif name == b"data":
            if layout is None:
                raise UnreadableWav("expected a 'fmt ' chunk before the 'data' chunk, got none")
            return _mixed(_decoded(body, layout), layout.channels), layout.sample_rate
    raise UnreadableWav("expected a 'data' chunk, got the end of the file")


def wav_header(format: AudioFormat, size: int | None) -> bytes:
    """The 44 bytes before `size` bytes of sound; None for a stream whose length is not known."""
    width = format.sample_width
    data_size, riff_size = (size, size + HEADER_SIZE - 8) if size is not None else (UNKNOWN_SIZE,) * 2
    layout = struct.pack(
        "<HHIIHH", TAGS[format.encoding], 1, format.sample_rate, format.bytes_per_second, width, width * 8
    )
    return b"".join(
        [
            struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE"),
            struct.pack("<4sI", b"fmt ", len(layout)) + layout,
            struct.pack("<4sI", b"data", data_size),
        ]
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _layout(body: bytes) -> _Layout:
    if len(body) < 16:
        raise UnreadableWav(f"expected a 'fmt ' chunk of 16 bytes or more, got {len(body)}")
    tag, channels, sample_rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == EXTENSIBLE and len(body) >= 26:
        (tag,) = struct.unpack_from("<H", body, 24)
    if not channels or not sample_rate:
        raise UnreadableWav(f"expected channels and a sample rate, got {channels} and {sample_rate} Hz")
    return _Layout(tag, channels, sample_rate, bits)


def _decoded(body: bytes, layout: _Layout) -> NDArray[np.float32]:
    """Every sample of every channel, on the scale of int16."""
    block = layout.bits // 8 * layout.channels
    whole = body[: len(body) - len(body) % block] if block else body
    match layout.tag, layout.bits:
        case (1, 8):
            return (np.frombuffer(whole, np.uint8).astype(np.float32) - 128.0) * 256.0
        case (1, 16):
            return np.frombuffer(whole, "<i2").astype(np.float32)
        case (1, 24):
            return _upper_two_bytes(whole, 3)
        case (1, 32):
            return _upper_two_bytes(whole, 4)
        case (3, 32):
            return np.nan_to_num(np.frombuffer(whole, "<f4") * np.float32(32768.0))
        case (6, 8):
            return alaw_decode(whole).astype(np.float32)
        case (7, 8):
            return mulaw_decode(whole).astype(np.float32)
    raise UnreadableWav(
        "expected PCM of 8, 16, 24 or 32 bits, float of 32 bits, A-law or mu-law, "
        f"got format {layout.tag} with {layout.bits} bits"
    )


def _upper_two_bytes(data: bytes, width: int) -> NDArray[np.float32]:
    columns = np.frombuffer(data, np.uint8).reshape(-1, width)
    upper: NDArray[np.float32] = columns[:, -2:].copy().view("<i2").ravel().astype(np.float32)
    return upper


def _mixed(samples: NDArray[np.float32], channels: int) -> Samples:
    mono = samples.reshape(-1, channels).mean(axis=1)
    clipped: Samples = np.clip(np.rint(mono), -32768, 32767).astype(np.int16)
    return clipped
