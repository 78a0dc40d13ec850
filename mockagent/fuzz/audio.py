"""Faults of audio: binary frames that are no whole samples, no audio, or not such audio as Settings asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from mockagent.fuzz.near_miss import Kind, NearMiss, Opcode, Payload, Way, Wire, binary, name_of
from mockagent.protocol.events import Dialect, Side

_FRAME = bytes(640)
_MEBIBYTE = 1_048_576
_BYTES_ARE_BYTES = "bytes do not tell what they were meant to be"
_NO_RULE = "no requirement is about it"
_WAV = (
    b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
    b"\x80>\x00\x00\x00}\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"
)
_MP3 = b"\xff\xfb\x90d" + bytes(412)
_OGG = b"OggS\x00\x02" + bytes(22)


@dataclass(frozen=True, slots=True)
class AudioFault:
    """A fault by its name. `legal` holds for both sides, or for the client alone."""

    name: str
    summary: str
    wires: tuple[Wire, ...]
    legal: str = ""
    legal_for_client: str = ""
    fault: str = ""


def audio(dialect: Dialect, side: Side, way: Way) -> Iterator[NearMiss]:
    """Every fault of audio, where that side may send some. Settings asks for linear16 at 16000 Hz both ways."""
    for each in FAULTS:
        id = name_of(dialect, side, "audio", f"audio:{each.name}")
        legal = each.legal or (each.legal_for_client if side is Side.CLIENT else "")
        yield NearMiss(
            id, Kind.AUDIO, dialect, side, "", each.summary, way, each.wires, legal=legal, fault=each.fault
        )


FAULTS: tuple[AudioFault, ...] = (
    AudioFault("empty", "an empty binary frame", (binary(b""),), fault="empty_audio"),
    AudioFault("odd", "an odd number of bytes of linear16", (binary(_FRAME + b"\x00"),), fault="odd_audio"),
    AudioFault("one-byte", "half a sample", (binary(b"\x00"),), fault="odd_audio"),
    AudioFault(
        "cut-sample",
        "a sample cut in two by frames",
        (binary(_FRAME[:-1]), binary(b"\x00")),
        fault="odd_audio",
    ),
    AudioFault(
        "json", "a message in a binary frame", (binary(b'{"type":"KeepAlive"}'),), fault="text_as_binary"
    ),
    AudioFault(
        "over-a-mebibyte",
        "a frame of more than a mebibyte",
        (Wire(Opcode.BINARY, Payload(fill=b"\x00\x00", times=_MEBIBYTE // 2 + 1)),),
        legal_for_client="only frames to clients have a limit",
    ),
    AudioFault(
        "wav",
        "a WAV header in a stream without a container",
        (binary(_WAV + _FRAME),),
        legal_for_client=_BYTES_ARE_BYTES,
        fault="misencoded_audio",
    ),
    AudioFault(
        "mp3", "MP3 in place of linear16", (binary(_MP3),), _BYTES_ARE_BYTES, fault="misencoded_audio"
    ),
    AudioFault(
        "ogg",
        "Ogg in place of linear16",
        (binary(_OGG),),
        legal_for_client=_BYTES_ARE_BYTES,
        fault="misencoded_audio",
    ),
    AudioFault(
        "base64",
        "Base64 in a binary frame",
        (binary(b"AAAA" * 160),),
        _BYTES_ARE_BYTES,
        fault="misencoded_audio",
    ),
    AudioFault(
        "noise",
        "noise at full level",
        (binary(b"\xff\x7f\x00\x80" * 160),),
        _BYTES_ARE_BYTES,
        fault="corrupted_audio",
    ),
    AudioFault("one-sample", "a frame of one sample", (binary(b"\x00\x00"),), _NO_RULE),
    AudioFault(
        "burst",
        "ten seconds at once, in frames of 20 ms",
        (binary(_FRAME),) * 500,
        _NO_RULE,
        fault="bursty_audio",
    ),
    AudioFault(
        "gap",
        "two seconds between two frames",
        (binary(_FRAME), binary(_FRAME, after=2.0)),
        _NO_RULE,
        fault="late_audio",
    ),
)
