"""Streams of compressed encodings as samples, by the decoders of FFmpeg (the package av).

The rule: a decoder that fails on a packet gives nothing for it, and the next packet is tried. A message of a few bytes
can unfold to hours of sound: of each, no more is decoded than a message without compression could hold.
"""

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import TypeVar

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from mockagent.audio.companding import Samples
from mockagent.audio.decoder import SILENCE, CannotDecode
from mockagent.audio.ogg import OggPackets
from mockagent.limits import MOST_SAMPLES_HEARD
from mockagent.protocol.formats import AudioFormat

DECODERS = MappingProxyType(
    {
        "flac": "flac",
        "amr-nb": "amrnb",
        "amr-wb": "amrwb",
        "opus": "opus",
        "ogg-opus": "opus",
        "speex": "speex",
        "g729": "g729",
        "mp3": "mp3float",
        "aac": "aac",
    }
)
"""FFmpeg's decoder for each encoding that a stream on the wire can have, of either side."""

_RATES = MappingProxyType({"amr-nb": 8_000, "amr-wb": 16_000, "g729": 8_000})
"""Sample rates in Hz of the encodings that have only one."""
_MARKS = (b"#!AMR-WB\n", b"#!AMR\n")
_G729_PACKET = 10
"""Bytes of 10 ms of G.729; the vendor's page knows no other kind."""
_OGG_CODECS = ((b"OpusHead", "opus"), (b"Speex   ", "speex"), (b"\x7fFLAC", "flac"))
_OGG_FLAC_PREFIX = 9
_FLAC_MARK = b"fLaC"
_STREAMINFO = slice(8, 42)
_SPEEX_HEADER = 80


T = TypeVar("T")


class CodecDecoder:
    """Decodes one stream, bare or in Ogg, into samples at `sample_rate`. CannotDecode where there is no decoder.

    Bare Opus and Speex have no marks between packets: a message is taken for one packet.
    """

    def __init__(self, format: AudioFormat, sample_rate: int | None = None) -> None:
        if format.encoding not in DECODERS:
            raise CannotDecode(f"{format.encoding} cannot be decoded")
        self._encoding = format.encoding
        self._rate = _RATES.get(format.encoding, format.sample_rate)
        self.sample_rate = sample_rate or self._rate
        self._ogg: OggPackets | None = OggPackets() if format.encoding == "ogg-opus" else None
        self._cut = b""
        self._room = 0
        self._start(format.encoding)

    def feed(self, data: bytes) -> Samples:
        """The samples that the next message completes; none for what cannot be decoded."""
        self._room = MOST_SAMPLES_HEARD
        if self._ogg is None and data[:4] == b"OggS":
            self._ogg = OggPackets()
        found = self._of_ogg(self._ogg, data) if self._ogg else self._decoded(self._split(data))
        return np.concatenate(found) if found else SILENCE

    def finish(self) -> Samples:
        """What parser and decoder still hold back; nothing may be fed after it."""
        self._room = MOST_SAMPLES_HEARD
        held = [] if self._ogg else _or_nothing(self._held_back)
        found = [*self._decoded(held), *_or_nothing(lambda: self._samples_of(None))]
        return np.concatenate(found) if found else SILENCE

    def _held_back(self) -> list[bytes]:
        found: list[bytes] = []
        while packets := self._context.parse(b""):  # one for each time that it is told of the end
            found += [bytes(packet) for packet in packets]
        return found

    def _start(self, encoding: str, extradata: bytes | None = None) -> None:
        """Begin a stream of its own: a new decoder, a new resampler."""
        try:
            context = av.CodecContext.create(DECODERS[encoding], "r")
            assert isinstance(context, AudioCodecContext)
            self._context = context
            self._context.sample_rate = self._rate
            self._context.layout = "mono"
            if extradata is not None:
                self._context.extradata = extradata
            self._context.open()
        except (av.FFmpegError, ValueError) as error:
            raise CannotDecode(f"{encoding} cannot be decoded by this build of av: {error}") from None
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=self.sample_rate)

    def _of_ogg(self, ogg: OggPackets, data: bytes) -> list[Samples]:
        found: list[Samples] = []
        for packet, is_first in ogg.feed(data):
            if is_first:
                self._begin(packet)
            elif not packet.startswith((b"OpusTags", b"fLaC")):
                found += self._decoded([packet])
        return found

    def _begin(self, head: bytes) -> None:
        """Take up the stream that this header opens, if it is one that can be decoded."""
        for mark, encoding in _OGG_CODECS:
            if head.startswith(mark):
                extradata = head[_OGG_FLAC_PREFIX + 8 :] if encoding == "flac" else head
                try:
                    self._start(encoding, extradata)
                except CannotDecode:
                    self._start(self._encoding)

    def _split(self, data: bytes) -> Iterable[bytes]:
        """The packets that a message completes."""
        match self._encoding:
            case "opus" | "speex":
                return [data]
            case "g729":
                data = self._cut + data
                whole = len(data) - len(data) % _G729_PACKET
                self._cut = data[whole:]
                return (data[at : at + _G729_PACKET] for at in range(0, whole, _G729_PACKET))
            case _:
                return self._parsed(data)

    def _parsed(self, data: bytes) -> list[bytes]:
        for mark in _MARKS:
            data = data.removeprefix(mark)
        if data.startswith(_FLAC_MARK):
            self._restart_flac(data)
        if not data:
            return []  # the parser takes nothing for the end
        return _or_nothing(lambda: [bytes(packet) for packet in self._context.parse(data)])

    def _restart_flac(self, data: bytes) -> None:
        if self._encoding == "flac" and len(data) >= _STREAMINFO.stop:
            try:
                self._start("flac", data[_STREAMINFO])
            except CannotDecode:
                self._start("flac")

    def _decoded(self, packets: Iterable[bytes]) -> list[Samples]:
        found: list[Samples] = []
        for packet in packets:
            if packet and self._room > 0:
                found += _or_nothing(lambda packet=packet: self._samples_of(packet))  # type: ignore[misc]
        return found

    def _samples_of(self, packet: bytes | None) -> list[Samples]:
        found: list[Samples] = []
        for frame in self._context.decode(None if packet is None else av.Packet(packet)):
            self._room -= frame.samples * self.sample_rate // max(1, frame.sample_rate)
            if self._room < 0:
                break
            for part in self._resampler.resample(frame):
                found.append(part.to_ndarray().ravel().astype(np.int16, copy=False))
        return found


def _or_nothing(act: Callable[[], list[T]]) -> list[T]:
    try:
        return act()
    except (av.FFmpegError, ValueError):
        return []
