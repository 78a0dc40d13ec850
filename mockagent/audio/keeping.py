"""A whole side of a session as a file: WAV where it can be decoded, else the bytes as they came."""

from collections.abc import Sequence

import numpy as np

from mockagent.audio.decoder import CannotDecode
from mockagent.audio.decoding import decoder_for
from mockagent.audio.wav import wav_header
from mockagent.protocol.formats import AudioFormat

_SUFFIXES = {"amr-nb": "amr", "amr-wb": "awb"}
"""File name endings of encodings that are not called by their own name."""


def kept(messages: Sequence[bytes], format: AudioFormat) -> tuple[str, bytes]:
    """How the file's name ends, and what is in it. What has no sound in it is kept as it came."""
    try:
        decoder = decoder_for(format)
    except CannotDecode:
        return _as_it_came(messages, format)
    samples = np.concatenate([*(decoder.feed(message) for message in messages), decoder.finish()])
    if not samples.size:
        return _as_it_came(messages, format)
    data = samples.astype("<i2").tobytes()
    return "wav", wav_header(AudioFormat("linear16", decoder.sample_rate), len(data)) + data


def _as_it_came(messages: Sequence[bytes], format: AudioFormat) -> tuple[str, bytes]:
    data = b"".join(messages)
    is_ogg = data.startswith(b"OggS")
    return "ogg" if is_ogg else _SUFFIXES.get(format.encoding, format.encoding), data
