"""Several recorders as one: each is told of every event, in turn."""

from collections.abc import Iterable, Sequence

from mockagent.connection import Recorder
from mockagent.protocol.events import Event
from mockagent.protocol.judge import Violation


class Recorders:
    """Hands each event on to all of its recorders."""

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self._all = tuple(recorders)
        self.wants_audio = any(recorder.wants_audio for recorder in recorders)

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None:
        """Let every one of them keep it."""
        for recorder in self._all:
            recorder.record(event, violations, breaks)


def together(recorders: Iterable[Recorder | None]) -> Recorder | None:
    """Those that are there, as one; None when there are none."""
    there = [recorder for recorder in recorders if recorder is not None]
    return Recorders(there) if len(there) > 1 else next(iter(there), None)
