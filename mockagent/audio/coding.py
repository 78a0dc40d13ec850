"""Speech in compressed encodings, by the codecs of FFmpeg (the package av): samples in, parts of one stream out.

The rule: what comes out, joined, is one stream that a decoder takes from its first byte to its last, and the same
sound gives the same bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
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


def encoded(
    stretches: Iterable[Samples], length: int, format: AudioFormat, frame_ms: int
) -> Iterator[list[bytes]]:
    """One stream of these samples, `length` in all, in parts for each `frame_ms` of sound: those that are ready after
    each stretch. A part is empty where a packet spans several.

    Packets are never cut: each is in the part in which its sound begins, and what the codec needs to come to its
    end is in the last. Only bare packets may need parts beyond that.
    """
    if not length:
        return
    last = ceil(length * 1000 / (format.sample_rate * frame_ms)) - 1
    is_bare = (format.encoding, format.container) == BARE_OPUS
    part, at = b"", 0
    for packets in _packets(stretches, format, frame_ms):
        ready: list[bytes] = []
        for starts_at, data in packets:
            number = int(starts_at * 1000 / frame_ms + _ROUNDING)
            if number > last:
                number = max(at, last) + is_bare
            for _ in range(at, number):
                ready.append(part)
                part = b""
            part, at = part + data, max(at, number)
        yield ready
    yield [part] + [b""] * (last - at)


def _packets(
    stretches: Iterable[Samples], format: AudioFormat, frame_ms: int
) -> Iterator[list[tuple[float, bytes]]]:
    """After each stretch what the muxer writes, each packet with the second of sound at which it begins."""
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
        starts_at, first = 0.0, None
        for frame in chain(_frames(stretches, format), (None,)):
            found = []
            for packet in stream.encode(frame):
                if packet.pts is not None and packet.time_base is not None:
                    first = packet.pts if first is None else first
                    starts_at = float((packet.pts - first) * packet.time_base)
                output.mux(packet)
                found.append((starts_at, written.taken()))
            yield found
    if rest := written.taken():
        yield [(starts_at, rest)]


def _frames(stretches: Iterable[Samples], format: AudioFormat) -> Iterator[av.AudioFrame]:
    begins = 0
    for samples in stretches:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = format.sample_rate, begins
        begins += len(samples)
        yield frame


def _own_options(format: AudioFormat, frame_ms: int) -> dict[str, str]:
    match format.encoding:
        case "opus":
            fitting = (each for each in OPUS_PACKETS if each >= frame_ms)
            return {"frame_duration": str(next(fitting, OPUS_PACKETS[-1]))}
        case "flac":
            return {"frame_size": str(max(16, format.sample_rate * frame_ms // 1000))}
        case _:
            return {}
