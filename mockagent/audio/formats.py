"""What a stream of audio is made of: encoding, sample rate and container, as Settings ask for it.

The rule: bytes become seconds only for encodings of a constant rate; for all others the answer is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockagent.protocol.events import Dialect

SAMPLE_WIDTHS: Mapping[str, int] = {"linear16": 2, "linear32": 4, "mulaw": 1, "alaw": 1}
"""Bytes a sample, for the encodings whose bytes give time."""

SPOKEN_ENCODINGS = frozenset({"linear16", "mulaw", "alaw"})
SPOKEN_CONTAINERS = frozenset({"none", "wav"})
SPOKEN_RATES = range(2_000, 192_001)
"""Sample rates in Hz at which speech can be made."""

TELEPHONE_RATE = 8_000


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How audio is written on the wire; one channel. The sample rate is in Hz."""

    encoding: str
    sample_rate: int
    container: str = "none"

    @property
    def is_counted(self) -> bool:
        """Whether a number of bytes of this encoding stands for a length of time."""
        return self.encoding in SAMPLE_WIDTHS

    @property
    def sample_width(self) -> int:
        """Bytes a sample. ValueError when the encoding is not counted."""
        if not self.is_counted:
            raise ValueError(f"{self.encoding} has no fixed number of bytes a sample")
        return SAMPLE_WIDTHS[self.encoding]

    @property
    def bytes_per_second(self) -> int:
        """Bytes a second of sound takes. ValueError when the encoding is not counted."""
        return self.sample_width * self.sample_rate

    def duration_of(self, size: int) -> float | None:
        """Seconds of sound in `size` bytes; None when the encoding is not counted."""
        return size / self.bytes_per_second if self.is_counted else None

    def size_of(self, seconds: float) -> int:
        """Bytes of the whole samples nearest to `seconds`. ValueError when the encoding is not counted."""
        return round(seconds * self.sample_rate) * self.sample_width


INPUT_DEFAULTS: Mapping[Dialect, AudioFormat] = {
    Dialect.V1: AudioFormat("linear16", 24_000),
    Dialect.EARLY_ACCESS: AudioFormat("linear16", 16_000),
}
"""What a client sends when its settings do not say: the AsyncAPI file for v1, the early access reference."""

OUTPUT_DEFAULT = AudioFormat("linear16", 24_000)
"""What the agent sends when the settings do not say, in both dialects."""


def input_format(settings: Mapping[str, Any], dialect: Dialect) -> AudioFormat:
    """The format in which the client of these settings sends; the dialect's default where they do not say."""
    wanted = _part(_part(settings, "audio"), "input")
    default = INPUT_DEFAULTS[dialect]
    encoding = _text(wanted, "encoding", default.encoding)
    return AudioFormat(encoding, _rate(wanted, default.sample_rate))


def output_format(settings: Mapping[str, Any], dialect: Dialect) -> AudioFormat:
    """The format in which the client of these settings wants to hear the agent.

    mulaw and alaw without a rate are 8000 Hz, as the vendor's text-to-speech documents say of them.
    """
    del dialect  # both have the same defaults; the caller need not know that
    wanted = _part(_part(settings, "audio"), "output")
    encoding = _text(wanted, "encoding", OUTPUT_DEFAULT.encoding)
    default_rate = TELEPHONE_RATE if encoding in {"mulaw", "alaw"} else OUTPUT_DEFAULT.sample_rate
    container = _text(wanted, "container", OUTPUT_DEFAULT.container)
    return AudioFormat(encoding, _rate(wanted, default_rate), container)


def can_speak(format: AudioFormat) -> bool:
    """Whether speech can be made in this format."""
    return (
        format.encoding in SPOKEN_ENCODINGS
        and format.container in SPOKEN_CONTAINERS
        and format.sample_rate in SPOKEN_RATES
    )


def _part(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(of: Mapping[str, Any], key: str, default: str) -> str:
    found = of.get(key)
    return found if isinstance(found, str) and found else default


def _rate(of: Mapping[str, Any], default: int) -> int:
    found = of.get("sample_rate")
    if isinstance(found, bool) or not isinstance(found, int | float):
        return default
    return int(found) if found > 0 and found == found // 1 else default
