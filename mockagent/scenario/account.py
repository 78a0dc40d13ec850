"""The account of a script that was not finished: what was waited for, what came instead, what came nearest."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mockagent.protocol.events import Audio, Elapsed, Event, Message, Opened, Side
from mockagent.protocol.ruling import words_for
from mockagent.protocol.transitions import AUDIO
from mockagent.scenario.cues import StepFailed
from mockagent.scenario.matching import closeness, difference
from mockagent.scenario.model import Place

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Unmet:
    """A step that did not happen: where it stands, what it waited for, what came, and what came nearest."""

    place: Place
    expected: str
    got: str
    nearest: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.line else ""
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{where}expected {self.expected}, got {self.got}{nearest}"


@dataclass(slots=True)
class Account:
    """Remembers what a side sent last, by name; a run of audio is one thing. `remark` is what else to know."""

    remark: str = ""
    side: Side = Side.CLIENT
    _came: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_NAMED))

    def note(self, event: Event) -> None:
        """Remember an event, if it is something that the side did: not the passing of time."""
        if event.sender is not self.side or isinstance(event.content, Elapsed | Opened):
            return
        came = AUDIO if isinstance(event.content, Audio) else words_for(event.content)
        if came != AUDIO or not self._came or self._came[-1] != AUDIO:
            self._came.append(came)

    def unmet(self, failure: StepFailed, held: Iterable[Event]) -> Unmet:
        """The failure told in full; `held` are the messages that nobody waited for."""
        came = ", ".join(self._came) or "nothing"
        got = f"{failure.got} (last came: {came}{'; ' if self.remark else ''}{self.remark})"
        return Unmet(failure.place, failure.expected, got, _nearest(failure.pattern, held))


def _nearest(pattern: Any, held: Iterable[Event]) -> str:
    """Of the held messages of the wanted type the one that comes nearest to the pattern, and where it departs."""
    wanted = pattern["type"] if pattern else None
    contents = [event.content for event in held]
    bodies = [each.body for each in contents if isinstance(each, Message) and each.type == wanted]
    if not bodies:
        return ""
    body = max(bodies, key=lambda each: closeness(pattern, each))
    departs = difference(pattern, body)
    return f"{body['type']}, where {departs}" if departs else str(body["type"])
