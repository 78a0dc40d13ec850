"""Between bytes on the wire and int16 samples, for every encoding of a constant rate.

A last sample that was cut in two is left out: a peer may cut its frames anywhere.
"""

import numpy as np
from numpy.typing import NDArray

from mockagent.audio.companding import Samples, alaw_decode, alaw_encode, mulaw_decode, mulaw_encode
from mockagent.protocol.formats import AudioFormat


def decode(data: bytes, format: AudioFormat) -> Samples:
    """The whole samples in `data`. ValueError for an encoding that this release cannot decode."""
    whole = data[: len(data) - len(data) % format.sample_width]
    match format.encoding:
        case "linear16":
            return np.frombuffer(whole, "<i2").astype(np.int16)
        case "linear32":
            return _from_floats(np.frombuffer(whole, "<f4"))
        case "mulaw":
            return mulaw_decode(whole)
        case _:
            return alaw_decode(whole)


def encode(samples: Samples, format: AudioFormat) -> bytes:
    """The bytes of these samples. ValueError for an encoding that this release cannot produce."""
    match format.encoding:
        case "linear16":
            return samples.astype("<i2").tobytes()
        case "mulaw":
            return mulaw_encode(samples)
        case "alaw":
            return alaw_encode(samples)
        case encoding:
            raise ValueError(f"cannot encode {encoding}; expected linear16, mulaw or alaw")


def _from_floats(values: NDArray[np.float32]) -> Samples:
    """Samples of what lies between -1 and 1; what is no number is silence.

    That linear32 is floating point the vendor's page on encodings says.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.nan_to_num(values * np.float32(32768), nan=0.0, posinf=0.0, neginf=0.0)
        samples: Samples = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return samples
