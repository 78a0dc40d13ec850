"""What the shell needs of the audio package, loaded when it is first needed: it costs 100 ms to import."""

from collections.abc import Sequence

from mockagent.protocol.formats import AudioFormat, can_speak


def speech(text: str, wav: bytes | None, format: AudioFormat) -> Sequence[bytes]:
    """The frames of a text spoken, or of a recording; none in a format that this release cannot speak."""
    from mockagent.audio.packets import speech_packets, wav_packets

    if not can_speak(format):
        return ()
    return speech_packets(text, format) if wav is None else wav_packets(wav, format)


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
