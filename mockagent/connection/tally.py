"""Audio that is counted, so that frames which nobody must look at one by one become one event."""

from mockagent.protocol.events import Audio

RUN = 10
"""Frames of audio that are counted together before they become an event."""


class Tally:
    """The frames of one side since its last event."""

    __slots__ = ("frames", "largest", "size")

    def __init__(self) -> None:
        self.size = self.frames = self.largest = 0

    def count(self, size: int) -> bool:
        """Count a frame; whether the run is long enough to become an event."""
        self.size += size
        self.frames += 1
        if size > self.largest:
            self.largest = size
        return self.frames >= RUN

    def taken(self, lasts: float | None) -> Audio:
        """What was counted, as one run of so many decoded seconds; the count begins anew."""
        run = Audio(self.size, self.frames, self.largest, lasts=lasts)
        self.size = self.frames = self.largest = 0
        return run
