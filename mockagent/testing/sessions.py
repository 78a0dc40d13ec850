"""What a server's sessions amount to, kept in memory while they happen, for another thread to read and wait for.

Written by the server's thread only; readers take copies.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Any, TypeVar

from mockagent.protocol import formats, messages, trace
from mockagent.protocol.events import Audio, Dialect, Event, Message, Side
from mockagent.protocol.judge import Violation
from mockagent.scenario.account import Unmet
from mockagent.server.guest import Guest
from mockagent.server.notices import Finding, Notice, SessionClosed, Trouble, TurnedAway

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, what was found against it, and what it broke on purpose."""

    event: Event
    violations: tuple[Violation, ...]
    breaks: frozenset[str]


class Session:
    """One client's session, as far as it has come. `closed` is what came of it, once it is over.

    `audio_bytes` is how much audio the client has sent.
    """

    wants_audio = True

    def __init__(self, guest: Guest, changed: Condition) -> None:
        self.number = guest.number
        self.id = guest.id
        self.dialect: Dialect = guest.dialect
        self.findings: list[Finding] = []
        self.closed: SessionClosed | None = None
        self._guest = guest
        self.audio_bytes = 0
        self._decoded_for = 0.0
        self._entries: list[Entry] = []
        self._said: dict[Side, list[dict[str, Any]]] = {side: [] for side in Side}
        self._changed = changed

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None:
        """Keep one event; whoever waits for the client is woken."""
        with self._changed:
            self._entries.append(Entry(event, tuple(violations), breaks))
            match event.content:
                case Message(body=body):
                    self._said[event.sender].append(dict(body))
                case Audio(size=size, lasts=lasts) if event.sender is Side.CLIENT:
                    self.audio_bytes += size
                    self._decoded_for += lasts or 0.0
            if event.sender is Side.CLIENT:
                self._changed.notify_all()

    @property
    def scenario(self) -> str | None:
        """The name of what is played; None for the house agent, and before Settings may choose."""
        return self._guest.scenario.name if self._guest.scenario else None

    @property
    def ending(self) -> str:
        """How far the script came: "open" while the session lasts, then the session's `Ending`."""
        return self.closed.ending if self.closed else "open"

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """The steps that did not happen."""
        return self.closed.unmet if self.closed else ()

    @property
    def events(self) -> list[Event]:
        """Everything that happened, of both sides."""
        return [entry.event for entry in list(self._entries)]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The client's messages, in order."""
        return list(self._said[Side.CLIENT])

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The server's messages, in order."""
        return list(self._said[Side.SERVER])

    @property
    def audio(self) -> bytes:
        """The client's audio, as it came."""
        heard = (event.content for event in self.events if event.sender is Side.CLIENT)
        return b"".join(content.data for content in heard if isinstance(content, Audio))

    @property
    def audio_seconds(self) -> float:
        """The same in seconds of sound; 0.0 where neither its bytes nor a decoder tell."""
        wanted = messages.SETTINGS[self.dialect]
        settings: Mapping[str, Any] = next((m for m in self.messages if m["type"] == wanted), {})
        return formats.input_format(settings, self.dialect).duration_of(self.audio_bytes) or self._decoded_for

    @property
    def trace(self) -> list[dict[str, Any]]:
        """The lines of a trace, secrets redacted: a header, the events, and a footer once the session is over."""
        entries = list(self._entries)
        lines = [trace.header_line(self._guest.header())]
        lines += [trace.event_line(e.event, n, e.violations, e.breaks) for n, e in enumerate(entries, 1)]
        if self.closed is not None:
            found = Counter(v.requirement.id for entry in entries for v in entry.violations)
            lasted = entries[-1].event.at if entries else 0.0
            lines.append(trace.footer_line(trace.Footer(len(entries), lasted, self.ending, found)))
        return [json.loads(line) for line in lines]


class Log:
    """All sessions of one server, and a way to wait for what happens in them."""

    def __init__(self) -> None:
        self.turned_away: list[TurnedAway] = []
        self.troubles: list[str] = []
        self._sessions: list[Session] = []
        self._changed = Condition()

    @property
    def sessions(self) -> list[Session]:
        """In the order in which the clients came."""
        return list(self._sessions)

    def open(self, guest: Guest) -> Session:
        """A session begins; it records itself."""
        session = Session(guest, self._changed)
        with self._changed:
            self._sessions.append(session)
            self._changed.notify_all()
        return session

    def tell(self, notice: Notice) -> None:
        """The server says what happened."""
        if isinstance(notice, TurnedAway):
            self.turned_away.append(notice)
        if isinstance(notice, Trouble):
            self.troubles.append(notice.text)
        if not isinstance(notice, Finding | SessionClosed):
            return
        with self._changed:
            session = next(each for each in self._sessions if each.id == notice.session)
            if isinstance(notice, Finding):
                session.findings.append(notice)
            else:
                session.closed = notice
            self._changed.notify_all()

    def wait(self, seen: Callable[[], T], timeout: float) -> T:
        """What `seen` gives as soon as that is true, or what it gives after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(seen, timeout)
