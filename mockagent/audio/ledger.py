"""What a peer has sent: frames, bytes and seconds of audio, added up for each format."""

from dataclasses import dataclass, field

from mockagent.audio.formats import AudioFormat


@dataclass(slots=True)
class Tally:
    """Frames and bytes of one format."""

    frames: int = 0
    bytes: int = 0


@dataclass(slots=True)
class AudioLedger:
    """The running sum of a stream; the same peer may change its format on the way."""

    by_format: dict[AudioFormat, Tally] = field(default_factory=dict)

    def add(self, size: int, format: AudioFormat) -> None:
        """Enters one frame of `size` bytes."""
        tally = self.by_format.setdefault(format, Tally())
        tally.frames += 1
        tally.bytes += size

    @property
    def frames(self) -> int:
        """Frames of all formats."""
        return sum(tally.frames for tally in self.by_format.values())

    @property
    def bytes(self) -> int:
        """Bytes of all formats."""
        return sum(tally.bytes for tally in self.by_format.values())

    @property
    def seconds(self) -> float | None:
        """Seconds of sound; None when a part came in an encoding whose bytes do not give time."""
        lengths = [format.duration_of(tally.bytes) for format, tally in self.by_format.items()]
        counted = [length for length in lengths if length is not None]
        return sum(counted) if len(counted) == len(lengths) else None
