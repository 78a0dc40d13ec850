"""What is shared by all who ask for it again, as long as all of it together is not too large.

The rule: what is kept is counted in bytes, since nobody can say how long a text a client has spoken.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial, wraps
from threading import Lock
from typing import ParamSpec

from mockagent.audio.making import PER_FRAME, Frames
from mockagent.limits import MOST_BYTES_REMEMBERED

P = ParamSpec("P")


class Memory:
    """Keeps frames up to so many bytes; the ones that nobody has asked for the longest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Frames, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    @property
    def weight(self) -> int:
        """Bytes of all that is kept."""
        return self._weight

    def remembered(self, make: Callable[P, Frames]) -> Callable[P, Frames]:
        """`make`, asked once for the same arguments while what it gave is kept."""

        @wraps(make)
        def asked(*args: P.args, **named: P.kwargs) -> Frames:
            key = (make, args, tuple(sorted(named.items())))
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key][0]
            made = make(*args, **named)
            self._keep(key, made, sum(map(_weight_of, args)))
            return made

        return asked

    def _keep(self, key: Hashable, frames: Frames, beside: int) -> None:
        frames.on_whole = partial(self._weigh, key, beside)
        with self._lock:
            self._weight -= self._kept.pop(key, (frames, 0))[1]
            self._kept[key] = frames, 0
        self._weigh(key, beside, frames)

    def _weigh(self, key: Hashable, beside: int, frames: Frames) -> None:
        """Count the frames anew, and what is kept of their key `beside` them, if they are still kept."""
        with self._lock:
            kept, weighed = self._kept.get(key, (None, 0))
            if kept is not frames:
                return
            self._kept[key] = frames, frames.weight + beside
            self._weight += frames.weight + beside - weighed
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]


def _weight_of(value: object) -> int:
    if isinstance(value, bytes | str):
        return len(value) + PER_FRAME
    return sum(map(_weight_of, value)) if isinstance(value, list | tuple) else PER_FRAME


remembered = Memory(MOST_BYTES_REMEMBERED).remembered
