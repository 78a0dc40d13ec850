"""What to say when that which a test waited for did not come: what came instead, and what came nearest."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from mockagent.protocol.events import Audio, Event, Side
from mockagent.protocol.ruling import words_for
from mockagent.scenario.matching import closeness, difference
from mockagent.scenario.model import Pattern
from mockagent.testing.sessions import Session

_MOST_NAMED = 12


def came_instead(sessions: Sequence[Session], wanted: Mapping[str, Pattern] | None = None) -> Iterator[str]:
    """One line for the nearest message, one for what each client sent, and one for each step it left undone."""
    messages = [message for session in sessions for message in session.messages]
    if wanted is not None and messages:
        nearest = max(messages, key=lambda message: closeness(wanted, message))
        differs = difference(wanted, nearest)
        yield f"nearest: {nearest['type']}, {f'where {differs}' if differs else 'which an earlier wait was given'}"
    for session in sessions:
        yield f"session {session.number} ({session.ending}) sent {_sent(session.events)}"
        yield from map(str, session.unmet)


def _sent(events: Sequence[Event]) -> str:
    """What a client did last, each run of audio as one: "Settings, audio (3200 bytes), KeepAlive"."""
    named: list[str] = []
    theirs = (event.content for event in events if event.sender is Side.CLIENT)
    for is_audio, run in groupby(theirs, lambda content: isinstance(content, Audio)):
        contents = list(run)
        if is_audio:
            named.append(f"audio ({sum(c.size for c in contents if isinstance(c, Audio))} bytes)")
        else:
            named += map(words_for, contents)
    return ", ".join(named[-_MOST_NAMED:]) or "nothing"
