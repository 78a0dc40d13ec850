"""Whether a client leaves as a fault has it leave: by the close code of the table. Pure."""

from mockagent.protocol.events import NO_CLOSE_FRAME, Closed
from mockagent.scenario.actions import Strike
from mockagent.scenario.faults.table import FAULTS, Closing
from mockagent.scenario.model import Place


class Leaving:
    """The faults of one session that a right client answers with a close."""

    def __init__(self) -> None:
        self._struck: dict[str, Closing] = {}
        self._excused: set[int] = set()
        self._may_close = False
        self._closed: Closed | None = None

    def struck(self, strike: Strike) -> None:
        """A fault has been inflicted. Where a client may stay, a script that goes on wants it to."""
        self._may_close |= strike.values.get("may_close", False)
        closing = FAULTS[strike.fault].closing_after(strike.values)
        if closing is None:
            return
        self._struck[strike.fault] = closing
        if closing.must or strike.place == Place():
            self._excused.add(closing.code)

    def left(self, closed: Closed) -> bool:
        """The client has closed; whether a fault was the reason."""
        self._closed = closed
        return closed.code in self._excused or (self._may_close and closed.code != NO_CLOSE_FRAME)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else the client should have done, a line for each fault."""
        code = self._closed.code if self._closed else None
        did = (
            f"closed with {code or 'no status'}" if self._closed else "had not closed when the session ended"
        )
        return tuple(
            f"after {fault} a client must close with {closing.code} ({closing.source}); this one {did}"
            for fault, closing in self._struck.items()
            if closing.must and closing.code != code
        )
