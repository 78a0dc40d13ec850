"""Frames that are made as somebody comes to them: once, in order, and kept for whoever comes after.

The rule: who iterates does at most one piece of the work at a time, and is given None for it: come again, others may
want their turn. A loop that serves many sessions needs not wait for the whole of a long text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

PER_FRAME = 64
"""Bytes of memory that a frame takes beside its content, about."""


class Frames:
    """The frames of `pieces`, each of which takes one piece of work. `expects` is how many bytes they may be.

    Several event loops, each in a thread of its own, may share them.
    """

    def __init__(self, pieces: Iterator[Sequence[bytes]], expects: int) -> None:
        self._pieces = pieces
        self._made: list[bytes] = []
        self._weight = expects
        self._is_whole = False
        self._lock = Lock()
        self.on_whole: Callable[[Frames], None] = lambda frames: None

    @property
    def weight(self) -> int:
        """Bytes: what they may come to, until they are whole, since the one who makes them takes memory too."""
        return self._weight

    def __iter__(self) -> Iterator[bytes | None]:
        return self.between(0, None)

    def between(self, start: int, end: int | None) -> Iterator[bytes | None]:
        """The frames from the one of this number to the one before that number, or to the last."""
        at = start
        while end is None or at < end:
            if at < len(self._made):
                yield self._made[at]
                at += 1
            elif self._is_made_further(at):
                yield None
            elif at >= len(self._made):
                return

    def _is_made_further(self, known: int) -> bool:
        """Do one piece of the work, unless somebody else has done it just now; whether there was any to do."""
        with self._lock:
            if self._is_whole or known < len(self._made):
                return False
            piece = next(self._pieces, None)
            if piece is not None:
                self._made += piece
                return True
            self._is_whole = True
        self._weight = sum(map(len, self._made)) + PER_FRAME * len(self._made)
        self.on_whole(self)
        return False


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the frames: from the one of number `start` to the one before `end`, or to the last."""

    of: Frames
    start: int
    end: int | None

    def __iter__(self) -> Iterator[bytes | None]:
        return self.of.between(self.start, self.end)


def at_once(frames: Iterable[bytes | None]) -> tuple[bytes, ...]:
    """All the frames, for one who has nobody else to serve meanwhile."""
    return tuple(frame for frame in frames if frame is not None)
