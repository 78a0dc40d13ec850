"""What is kept of one session: its events within bounds, and counts that have none. Audio is kept as its length alone.

The rule: nothing here costs more than a list's append while the session goes on; lines and views are made when
somebody asks.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mockagent.protocol.events import Audio, Event, Message, Side
from mockagent.protocol.judge import Violation
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import Session
from mockagent.server.notices import Finding, SessionClosed
from mockagent.server.secret import Secret

if TYPE_CHECKING:
    from mockagent.protocol.trace import Header
    from mockagent.server.guest import Guest

MOST_EVENTS = 10_000
"""Events that are kept of a session; the oldest are dropped."""
MOST_BYTES = 4 * 1024 * 1024
"""What the kept events of a session may weigh, roughly as many bytes as their text takes."""
MOST_FINDINGS = 1_000
"""Findings that are kept in full; all are counted."""
RUN_FOR = 1.0
"""Seconds of the session after which a run of audio is begun anew."""
OTHERS = "(others)"
"""Under this name messages of types that no side ever sends are counted, once there are too many of them."""

_MOST_TYPES = 100
_LONGEST_TYPE = 60
_EVENT_WEIGHS = 400
_VALUE_WEIGHS = 50


@dataclass(slots=True)
class Entry:
    """An event with what was found against it, and what it broke on purpose; a run of audio goes on growing."""

    event: Event
    violations: tuple[Violation, ...]
    breaks: frozenset[str]
    weight: int


@dataclass(slots=True)
class Run:
    """Frames of one side's audio in which nothing is wrong and that nothing but the other's audio came between."""

    began: float
    at: float
    sender: Side
    size: int
    frames: int
    largest: int

    def entry(self) -> Entry:
        audio = Audio(self.size, self.frames, self.largest)
        return Entry(Event(self.at, self.sender, audio), (), frozenset(), _EVENT_WEIGHS)


@dataclass(slots=True)
class Heard:
    """How much audio a side has sent, in bytes and frames."""

    size: int = 0
    frames: int = 0


class Kept:
    """One session, open or over; the recorder of its connection. `watchers` are told of each message and of the end."""

    wants_audio = False

    def __init__(self, guest: "Guest", watchers: Collection[Callable[["Kept"], None]]) -> None:
        self.id = guest.id
        self.number = guest.number
        self.dialect = guest.dialect
        self.secret = Secret(guest.secret)
        self.closed: SessionClosed | None = None
        self.findings: list[Finding] = []
        self.found: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self.said: dict[Side, Counter[str]] = {side: Counter() for side in Side}
        self.dropped = 0
        self.weight = 0
        self.last_at = 0.0
        self._heard = {side: Heard() for side in Side}
        self._watchers = watchers
        self._guest: Guest | None = guest
        self._session = Session(guest.dialect)
        self._header: Header | None = None
        self._entries: deque[Entry | Run] = deque()

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None:
        """Keep one event."""
        self.last_at = event.at
        content = event.content
        if isinstance(content, Audio):
            heard = self._heard[event.sender]
            heard.size += content.size
            heard.frames += content.frames
            if not violations and not breaks and not content.json:
                self._run_on(event, content)
                return
            event = Event(
                event.at,
                event.sender,
                replace(content, data=b"", lasts=None),
            )
        if violations:
            self.violations.update(violation.requirement.id for violation in violations)
        if not isinstance(content, Message):
            self._add(Entry(event, tuple(violations), breaks, _EVENT_WEIGHS), _EVENT_WEIGHS)
            return
        weight = _EVENT_WEIGHS + weight_of(content.body)
        self._add(Entry(event, tuple(violations), breaks, weight), weight)
        said = self.said[event.sender]
        type = content.type if content.type in said else self._counted_as(event.sender, content.type)
        said[type] += 1
        if self._watchers:
            self._tell()

    def find(self, finding: Finding) -> None:
        """Something was found that the scenario does not break on purpose."""
        self.found[finding.requirement] += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def close(self, notice: SessionClosed) -> None:
        """The session is over: what is still to be known of it is kept, and its connection let go."""
        self._session, self._header, self._guest = self.session, self.header, None
        self.closed = notice
        self.weight += weight_of(self._session.settings or {}) + len(self._session.prompt)
        self._tell()

    @property
    def session(self) -> Session:
        """What the events so far amount to."""
        connection = self._guest.connection if self._guest else None
        return connection.judge.session if connection else self._session

    @property
    def header(self) -> "Header":
        """The header of a trace of this session."""
        if self._header is not None:
            return self._header
        assert self._guest is not None
        return self._guest.header()

    @property
    def ending(self) -> str:
        """How far the script has come: "finished", "unfinished" or "unscripted"; "open" while the session is."""
        return self.closed.ending if self.closed else "open"

    @property
    def lasted(self) -> float:
        """Session seconds from the upgrade until the end, or until now."""
        if self.closed is not None:
            return self.closed.lasted
        return self._guest.lasted if self._guest else 0.0

    @property
    def entries(self) -> list[Entry]:
        """The events that are kept, in order."""
        return [each.entry() if isinstance(each, Run) else each for each in self._entries]

    def heard(self, side: Side) -> Heard:
        """How much audio a side has sent, up to the newest frame."""
        heard = self._heard[side]
        connection = self._guest.connection if self._guest else None
        size, frames = connection.uncounted(side) if connection else (0, 0)
        return Heard(heard.size + size, heard.frames + frames)

    def messages(self, side: Side, type: str) -> Iterator[tuple[int, Event, Message]]:
        """The kept messages of that side and type, each with its number among all events."""
        for number, entry in enumerate(self.entries, self.dropped + 1):
            content = entry.event.content
            if entry.event.sender is side and isinstance(content, Message) and content.type == type:
                yield number, entry.event, content

    def _run_on(self, event: Event, audio: Audio) -> None:
        run = self._running(event)
        if run is None:
            run = Run(event.at, event.at, event.sender, audio.size, audio.frames, audio.largest)
            self._add(run, _EVENT_WEIGHS)
            return
        run.at = event.at
        run.size += audio.size
        run.frames += audio.frames
        run.largest = max(run.largest, audio.largest)

    def _running(self, event: Event) -> Run | None:
        """The run that this audio goes on, made the last of all entries, so that they stay in the order of time."""
        entries = self._entries
        for back in (-1, -2):
            run = entries[back] if len(entries) >= -back else None
            if not isinstance(run, Run):
                return None
            if run.sender is event.sender:
                if event.at - run.began >= RUN_FOR:
                    return None
                entries[back], entries[-1] = entries[-1], run
                return run
        return None

    def _add(self, entry: Entry | Run, weight: int) -> None:
        self._entries.append(entry)
        self.weight += weight
        while len(self._entries) > MOST_EVENTS or (self.weight > MOST_BYTES and len(self._entries) > 1):
            oldest = self._entries.popleft()
            self.weight -= oldest.weight if isinstance(oldest, Entry) else _EVENT_WEIGHS
            self.dropped += 1

    def _counted_as(self, sender: Side, type: str) -> str:
        is_known = type in TYPES[self.dialect, sender]
        has_room = len(self.said[sender]) < _MOST_TYPES and len(type) <= _LONGEST_TYPE
        return type if is_known or has_room else OTHERS

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher(self)


def weight_of(body: Any) -> int:
    """Roughly how many bytes a JSON value takes."""
    weight, waiting = 0, [body]
    for value in waiting:
        weight += _VALUE_WEIGHS
        if isinstance(value, str):
            weight += len(value)
        elif isinstance(value, dict):
            weight += sum(map(len, value))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return weight
