"""How the client's audio is taken: counted or looked at frame by frame, decoded or not, listened to or not."""

from collections.abc import Callable, Sequence

from mockagent.connection.outside import Detector
from mockagent.protocol import formats
from mockagent.protocol.formats import AudioFormat
from mockagent.protocol.session import Session

_BRACE = ord("{")


class Listening:
    """One session's ear. `deaf` is told once why speech is waited for in vain, should that be so."""

    def __init__(
        self, detector: Callable[[AudioFormat], Detector], deaf: Callable[[str], None], *, counts: bool
    ) -> None:
        self._new_detector = detector
        self._deaf = deaf
        self._may_count = counts
        self._counts = False
        self._input: AudioFormat | None = None
        self._width = 1
        self._detector: Detector | None = None
        self._is_deaf = False
        self._decoded_for = 0.0

    def prepare(self, session: Session, *, listens: bool) -> None:
        """Settings are applied; with `listens` somebody waits for speech."""
        if self._input is None:
            self._input = formats.input_format(session.settings or {}, session.dialect)
            self._counts = self._may_count
            self._width = formats.SAMPLE_WIDTHS.get(self._input.encoding, 1)
        if self._detector is None and (listens or not self._input.is_counted):
            self._detector = self._new_detector(self._input)
        reason = self._detector.why_deaf if self._detector and listens and not self._is_deaf else None
        if reason is not None:
            self._is_deaf = True
            self._deaf(reason)

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""
        return self._detector.feed(data) if self._detector is not None else ()

    def only_counts(self, data: bytes) -> bool:
        """Whether a frame is as usual as they come, and only to be counted."""
        return self._counts and bool(data) and data[0] != _BRACE and not len(data) % self._width

    def newly_decoded(self) -> float | None:
        """Seconds of sound since this was last asked; None where the bytes tell, or nothing does."""
        if self._detector is None or self._input is None or self._input.is_counted:
            return None
        heard_for = self._detector.heard_for
        if heard_for is None:
            return None
        lasts, self._decoded_for = heard_for - self._decoded_for, heard_for
        return lasts
