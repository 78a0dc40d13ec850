"""What the shell needs of the audio package, loaded when it is first needed: it costs 100 ms to import."""

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from mockagent.limits import LONGEST_SPOKEN, MOST_SAMPLES_SPOKEN
from mockagent.protocol.formats import CODECS_CURE, INPUT_ENCODINGS, SAMPLE_WIDTHS, SPEAKABLE, AudioFormat
from mockagent.scenario.actions import Speak

_HOPELESS_AFTER = 50
"""Messages of which none could be decoded, after which the stream is not taken for what it should be."""

WITHOUT_CODECS = (
    "without the package av this server cannot speak "
    + ", ".join(name for name, known in SPEAKABLE.items() if known.needs_codec)
    + ", nor hear "
    + ", ".join(name for name in INPUT_ENCODINGS if name not in SAMPLE_WIDTHS)
    + f"; {CODECS_CURE}"
)
"""What a server that lacks the codec library says at its start."""


@cache
def has_codecs() -> bool:
    """Whether the codec library is installed; it is not loaded for that."""
    try:
        return importlib.util.find_spec("av") is not None
    except (ImportError, ValueError):
        return False


def speech(
    said: Speak, format: AudioFormat, frame_for: float, trouble: Callable[[str], None] = lambda text: None
) -> Iterable[bytes | None]:
    """The frames, of so many seconds each, of a text spoken or of a recording; the format can be spoken.

    They are made as they are asked for: None stands where that was done, and the next frame is to come.
    `trouble` hears of a text that is too long to be spoken to its end.
    """
    from mockagent.audio.pace import within
    from mockagent.audio.packets import statement_frames, wav_frames

    frame_ms = round(frame_for * 1000)
    if said.wav is not None:
        return wav_frames(said.wav, format, frame_ms)
    statements = said.statements or (said.text,)
    longest = min(LONGEST_SPOKEN, MOST_SAMPLES_SPOKEN / format.sample_rate)
    spoken = tuple(within(text, longest) for text in statements)
    if len(spoken[said.number]) < len(statements[said.number]):
        trouble(
            f"a text of {len(statements[said.number])} characters is too long to be spoken; "
            f"its speech ends after {longest:.0f} s"
        )
    return statement_frames(spoken, said.number, format, frame_ms=frame_ms)


class Ear:
    """Tells when speech begins and ceases, and how much sound there was; deaf to what cannot be decoded."""

    def __init__(self, format: AudioFormat) -> None:
        from mockagent.audio.decoder import CannotDecode
        from mockagent.audio.detection import SpeechDetector

        self.why_deaf: str | None = None
        self._messages = 0
        try:
            self._detector = SpeechDetector(format)
        except CannotDecode as error:
            cure = "" if has_codecs() else f"; {CODECS_CURE}"
            self.why_deaf = f"no speech can be detected: {error}{cure}"

    @property
    def heard_for(self) -> float | None:
        """Seconds of sound so far; None where none of what came can be decoded."""
        if self.why_deaf is not None:
            return None
        is_hopeless = self._messages > _HOPELESS_AFTER and not self._detector.heard_for
        return None if is_hopeless else self._detector.heard_for

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""
        from mockagent.audio.detection import SpeechStarted

        self._messages += 1
        if self.why_deaf is not None:
            return ()
        return [isinstance(change, SpeechStarted) for change in self._detector.feed(data)]


def warm_up() -> None:
    """Load what the first reply needs, before it is asked for."""
    import mockagent.audio.packets  # noqa: F401  (only to have it loaded)
