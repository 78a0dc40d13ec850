"""All sessions that are kept: every open one, and of those that are over the last hundred."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockagent.server.journal.kept import Kept
from mockagent.server.notices import Finding, Notice, SessionClosed

if TYPE_CHECKING:
    from mockagent.server.guest import Guest

MOST_CLOSED = 100
"""Sessions that are kept after they are over."""
MOST_BYTES = 64 * 1024 * 1024
"""What all that are over may weigh together; the oldest are dropped, but never the newest."""
LATEST = "latest"
"""The name of the newest session."""


class Journal:
    """Takes down what happens in the sessions of one server. `watchers` are told of each that begins, says something
    or ends."""

    def __init__(self) -> None:
        self.watchers: set[Callable[[Kept], None]] = set()
        self.last = 0
        self.closed = 0
        self._by_number: dict[int, Kept] = {}
        self._by_id: dict[str, Kept] = {}
        self._over: deque[Kept] = deque()

    @property
    def sessions(self) -> list[Kept]:
        """Those that are kept, in the order in which the clients came."""
        return list(self._by_number.values())

    def open(self, guest: "Guest") -> Kept:
        """A session begins: what takes down its events."""
        kept = Kept(guest, self.watchers)
        self.last = guest.number
        self._by_number[kept.number] = self._by_id[kept.id] = kept
        for watcher in tuple(self.watchers):
            watcher(kept)
        return kept

    def tell(self, notice: Notice) -> None:
        """The server says what happened."""
        if isinstance(notice, Finding):
            self._by_id[notice.session].find(notice)
        elif isinstance(notice, SessionClosed):
            kept = self._by_id[notice.session]
            kept.close(notice)
            self.closed += 1
            self._over.append(kept)
            self._make_room()

    def named(self, name: str) -> Kept | None:
        """The session of that id or number, or the newest for "latest"; None when there is none (or no longer)."""
        if name == LATEST:
            return self._by_number.get(self.last)
        return self._by_number.get(int(name)) if is_number(name) else self._by_id.get(name)

    def _make_room(self) -> None:
        over = self._over
        while len(over) > 1 and (len(over) > MOST_CLOSED or sum(each.weight for each in over) > MOST_BYTES):
            oldest = over.popleft()
            del self._by_number[oldest.number], self._by_id[oldest.id]


def is_number(name: str) -> bool:
    """Whether that names a session by its number."""
    return name.isascii() and name.isdigit() and len(name) <= 9
