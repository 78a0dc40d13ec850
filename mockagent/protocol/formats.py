"""What a stream of audio is made of: encoding, sample rate and container, as Settings ask for it.

The rule: bytes become seconds only for encodings of a constant rate; for all others the answer is None.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mockagent.protocol.events import Dialect
from mockagent.protocol.wording import choices

SAMPLE_WIDTHS: Mapping[str, int] = {"linear16": 2, "linear32": 4, "mulaw": 1, "alaw": 1}
"""Bytes a sample, for the encodings whose bytes give time."""

INPUT_ENCODINGS = (
    *("linear16", "linear32", "flac", "alaw", "mulaw"),
    *("amr-nb", "amr-wb", "opus", "ogg-opus", "speex", "g729"),
)
"""What a client may send, in the order of the schema."""

CODECS_CURE = "install it with: pip install 'mockagent[audio]'"
"""What to do where an encoding needs a codec library that is not there."""

_ANY_RATE = range(2_000, 192_001)
_TELEPHONE_RATE = 8_000
_DEFAULT_RATE = 24_000


@dataclass(frozen=True, slots=True)
class Speakable:
    """How speech can be had in one encoding: the first container is the one meant where none is asked for.

    `default_bitrate` is in bits a second, None where the encoding has no such choice; with `needs_codec` it
    takes a codec library.
    """

    containers: tuple[str, ...] = ("none", "wav")
    rates: Collection[int] = _ANY_RATE
    default_rate: int = _DEFAULT_RATE
    default_bitrate: int | None = None
    needs_codec: bool = False


SPEAKABLE: Mapping[str, Speakable] = {
    "linear16": Speakable(),
    "mulaw": Speakable(default_rate=_TELEPHONE_RATE),
    "alaw": Speakable(default_rate=_TELEPHONE_RATE),
    "mp3": Speakable(
        ("none",),
        (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
        default_rate=22_050,
        default_bitrate=48_000,
        needs_codec=True,
    ),
    "opus": Speakable(
        ("ogg", "none"),
        (8_000, 12_000, 16_000, 24_000, 48_000),
        default_rate=48_000,
        default_bitrate=12_000,
        needs_codec=True,
    ),
    "flac": Speakable(("none", "ogg"), needs_codec=True),
    "aac": Speakable(
        ("none",),
        (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
        default_rate=22_050,
        default_bitrate=48_000,
        needs_codec=True,
    ),
}
"""What each encoding can be. Containers, and the defaults of mp3, opus and aac, are those that the vendor's
text-to-speech page lists (https://developers.deepgram.com/docs/tts-media-output-settings); it fixes the sample
rates of these three, where this follows the client as far as the codec does. Beyond that page: opus in container
none is bare packets, one a frame, and flac may be in ogg.
"""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How audio is written on the wire; one channel. The sample rate is in Hz."""

    encoding: str
    sample_rate: int
    container: str = "none"
    bitrate: int | None = None
    """Bits a second, for encodings that have the choice."""

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
    return AudioFormat(encoding, _number(wanted, "sample_rate", default.sample_rate))


def output_format(settings: Mapping[str, Any], dialect: Dialect) -> AudioFormat:
    """The format in which the client of these settings wants to hear the agent.

    What they do not say is as the vendor's text-to-speech documents have it for the encoding.
    """
    del dialect  # both have the same defaults; the caller need not know that
    wanted = _part(_part(settings, "audio"), "output")
    encoding = _text(wanted, "encoding", OUTPUT_DEFAULT.encoding)
    usual = SPEAKABLE.get(encoding, Speakable())
    bitrate = None
    if usual.default_bitrate is not None:
        bitrate = _number(wanted, "bitrate", usual.default_bitrate)
    container = _text(wanted, "container", usual.containers[0])
    return AudioFormat(encoding, _number(wanted, "sample_rate", usual.default_rate), container, bitrate)


def unspeakable(format: AudioFormat, *, has_codecs: bool) -> str | None:
    """Why speech cannot be made in this format, in words that follow "cannot speak"; None if it can."""
    known = SPEAKABLE.get(format.encoding)
    if known is None:
        return f"{format.encoding!r}; expected {choices(list(SPEAKABLE))}"
    if format.container not in known.containers:
        expected = choices(list(known.containers))
        return f"{format.encoding} in container {format.container!r}; expected {expected}"
    if format.sample_rate not in known.rates:
        return f"{format.encoding} at {format.sample_rate} Hz; expected {_in_words(known.rates)}"
    if known.needs_codec and not has_codecs:
        return f"{format.encoding} without the package av; {CODECS_CURE}"
    return None


def _in_words(rates: Collection[int]) -> str:
    return f"{rates[0]} to {rates[-1]}" if isinstance(rates, range) else choices(rates)


def _part(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(of: Mapping[str, Any], key: str, default: str) -> str:
    found = of.get(key)
    return found if isinstance(found, str) and found else default


def _number(of: Mapping[str, Any], key: str, default: int) -> int:
    found = of.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return default
    return int(found) if found > 0 and found == found // 1 else default
