"""Speech in compressed encodings, by the codecs of FFmpeg (the package av): samples in, parts of one stream out.

The rule: what comes out, joined, is one stream that a decoder takes from its first byte to its last, and the same
sound gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from types import MappingProxyType

import av
import numpy as np

from mockagent.audio.companding import Samples
from mockagent.protocol.formats import AudioFormat

BARE_OPUS = ("opus", "none")
"""The one format without marks between its packets: each must have a frame to itself."""
_ROUNDING = 1e-6

OPUS_PACKETS = (5, 10, 20, 40, 60, 80, 100, 120)
"""Milliseconds that an Opus packet can hold (RFC 6716)."""
BITRATES = {"mp3": (8_000, 320_000), "opus": (500, 256_000), "aac": (4_000, 192_000)}
"""The fewest and the most bits a second that are asked of each codec for one channel."""


@dataclass(frozen=True, slots=True)
class _Coder:
    """The codec and the muxer, by FFmpeg's names, with the options of each."""

    codec: str
    muxer: str
    options: dict[str, str] = field(default_factory=dict)
    muxer_options: dict[str, str] = field(default_factory=dict)


_CODERS = MappingProxyType(
    {
        ("mp3", "none"): _Coder("libmp3lame", "mp3", {}, {"write_xing": "0", "id3v2_version": "0"}),
        ("aac", "none"): _Coder("aac", "adts", {"aac_coder": "fast"}),
        ("opus", "ogg"): _Coder("libopus", "ogg", {"compression_level": "3"}),
        ("opus", "none"): _Coder("libopus", "data", {"compression_level": "3"}),
        ("flac", "none"): _Coder("flac", "flac", {}, {"metadata_header_padding": "0"}),
        ("flac", "ogg"): _Coder("flac", "ogg"),
    }
)


class _Written:
    """A file that cannot be sought in, as a socket; gives what was written since it was last asked."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def encoded(samples: Samples, format: AudioFormat, frame_ms: int) -> tuple[bytes, ...]:
    """One stream of these samples, a part for each `frame_ms` of sound; empty where a packet spans several.

    Packets are never cut: each is in the part in which its sound begins, and what the codec needs to come to its
    end is in the last.
    """
    if not samples.size:
        return ()
    parts = [b""] * ceil(len(samples) * 1000 / (format.sample_rate * frame_ms))
    is_bare = (format.encoding, format.container) == BARE_OPUS
    for starts_at, data in _packets(samples, format, frame_ms):
        number = int(starts_at * 1000 / frame_ms + _ROUNDING)
        if number >= len(parts) and is_bare:
            parts.append(data)
        else:
            parts[min(number, len(parts) - 1)] += data
    return tuple(parts)


def _packets(samples: Samples, format: AudioFormat, frame_ms: int) -> Iterator[tuple[float, bytes]]:
    """What the muxer writes, packet by packet, each with the second at which a decoder's output of it begins."""
    coder = _CODERS[format.encoding, format.container]
    options = {"flush_packets": "1", "fflags": "+bitexact", **coder.muxer_options}
    if coder.muxer == "ogg":
        options["page_duration"] = str(frame_ms * 1000)
    written = _Written()
    with av.open(written, "w", format=coder.muxer, container_options=options) as output:
        stream = output.add_stream(coder.codec, rate=format.sample_rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.options = {**coder.options, **_own_options(format, frame_ms)}
        if format.encoding in BITRATES and format.bitrate is not None:
            fewest, most = BITRATES[format.encoding]
            stream.bit_rate = min(max(format.bitrate, fewest), most)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = format.sample_rate, 0
        starts_at, first = 0.0, None
        for packet in (*stream.encode(frame), *stream.encode(None)):
            if packet.pts is not None and packet.time_base is not None:
                first = packet.pts if first is None else first
                starts_at = float((packet.pts - first) * packet.time_base)
            output.mux(packet)
            yield starts_at, written.taken()
    rest = written.taken()
    if rest:
        yield starts_at, rest


def _own_options(format: AudioFormat, frame_ms: int) -> dict[str, str]:
    match format.encoding:
        case "opus":
            fitting = (each for each in OPUS_PACKETS if each >= frame_ms)
            return {"frame_duration": str(next(fitting, OPUS_PACKETS[-1]))}
        case "flac":
            return {"frame_size": str(max(16, format.sample_rate * frame_ms // 1000))}
        case _:
            return {}
