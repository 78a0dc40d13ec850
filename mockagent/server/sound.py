"""What the shell needs of the audio package, loaded when it is first needed: it costs 100 ms to import."""

from collections.abc import Sequence

from mockagent.protocol.formats import AudioFormat


def speech(text: str, wav: bytes | None, format: AudioFormat, frame_for: float) -> Sequence[bytes]:
    """The frames, of so many seconds each, of a text spoken or of a recording; the format can be spoken."""
    from mockagent.audio.packets import speech_packets, wav_packets

    frame_ms = round(frame_for * 1000)
    if wav is not None:
        return wav_packets(wav, format, frame_ms)
    return speech_packets(text, format, frame_ms=frame_ms)


class Ear:
    """Tells when speech begins and ceases; deaf to encodings that cannot be decoded."""

    def __init__(self, format: AudioFormat) -> None:
        from mockagent.audio.detection import SpeechDetector

        self._detector = SpeechDetector(format) if format.is_counted else None

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""
        from mockagent.audio.detection import SpeechStarted

        if self._detector is None:
            return ()
        return [isinstance(change, SpeechStarted) for change in self._detector.feed(data)]


def warm_up() -> None:
    """Load what the first reply needs, before it is asked for."""
    import mockagent.audio.packets  # noqa: F401  (only to have it loaded)
