"""What of a session was there for the application to see: the server's messages and audio, and the end. Pure.

What the server got wrong in form, by mistake or by a fault of the script, nobody must be shown; what only came at the
wrong time reaches the application like all else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockagent.protocol.events import Audio, Closed, Event, Message, Side


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the server, or a run of its audio: when (session seconds), and as which event of the trace.

    `is_right` is False where a message departs from its schema, or audio breaks a requirement that binds the server.
    """

    at: float
    frame: int
    content: Message | Audio
    is_right: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """The close that came first: when, as which event of the trace, from whom, and with which code."""

    at: float
    frame: int
    sender: Side
    code: int | None


@dataclass(slots=True)
class Served:
    """One session. `sent` is in the order of the wire, and ends with the session."""

    sent: list[Sent] = field(default_factory=list)
    ended: Ended | None = None

    def see(self, event: Event, frame: int, is_right: bool = True) -> None:
        """Take in the next event; `is_right` is False where it breaks a requirement that binds the server."""
        if self.ended is not None:
            return
        match event.content:
            case Closed(code=code):
                self.ended = Ended(event.at, frame, event.sender, code)
            case Message(problems=problems) if event.sender is Side.SERVER:
                self.sent.append(Sent(event.at, frame, event.content, not problems))
            case Audio() if event.sender is Side.SERVER:
                self.sent.append(Sent(event.at, frame, event.content, is_right))


def served(events: Iterable[Event]) -> Served:
    """All that these events of one session, of which none is wrong, served."""
    found = Served()
    for frame, event in enumerate(events, 1):
        found.see(event, frame)
    return found
