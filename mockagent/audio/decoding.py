"""A client's stream as samples, message by message, whatever it is wrapped in.

The rule: what arrives is data. Bytes that are not what they should be give no sound, and never an error.
"""

from mockagent.audio.companding import Samples
from mockagent.audio.decoder import SILENCE, CannotDecode, Decoder
from mockagent.audio.pcm import decode
from mockagent.protocol.formats import AudioFormat

_LONGEST_HEADER = 65_536
"""Bytes within which the sound of a WAV file begins."""


def decoder_for(format: AudioFormat) -> Decoder:
    """What decodes a stream of this format. CannotDecode if nothing does, or the package for it is not there."""
    if format.is_counted:
        return PlainDecoder(format)
    try:
        from mockagent.audio.unpacking import CodecDecoder  # loads the codecs, which few sessions need
    except ImportError:
        raise CannotDecode(f"{format.encoding} cannot be decoded without the package av") from None
    return CodecDecoder(format)


class PlainDecoder:
    """Decodes encodings of a constant rate; a sample may be cut between two messages.

    The header of a WAV file is passed over, and Settings believed rather than it; so is each that follows one,
    if a message begins with it.
    """

    def __init__(self, format: AudioFormat) -> None:
        self.sample_rate = format.sample_rate
        self._format = format
        self._width = format.sample_width
        self._cut = b""
        self._header = b""

    def feed(self, data: bytes) -> Samples:
        if self._header or data[:4] == b"RIFF":
            data = self._after_header(self._header + data)
        data = self._cut + data
        whole = len(data) - len(data) % self._width
        self._cut = data[whole:]
        return decode(data[:whole], self._format)

    def finish(self) -> Samples:
        return SILENCE

    def _after_header(self, data: bytes) -> bytes:
        """What follows the header, once it is there; until then the beginning is kept."""
        self._header = b""
        start = sound_begins(data)
        if start is None and len(data) < _LONGEST_HEADER:
            self._header = data
            return b""
        if start:
            self._cut = b""
        return data[start or 0 :]


def sound_begins(data: bytes) -> int | None:
    """Where the sound of a WAV file begins; 0 if this is none, None if that is still to come."""
    if len(data) < 12:
        return None
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return 0
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] == b"data":
            return at + 8
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return None
