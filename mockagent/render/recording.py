"""A recorded session as a picture of it is drawn from: what happened, and what was found at which event. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockagent.protocol import effects
from mockagent.protocol.events import Audio, Closed, Event, Malformed, Message, Opened, Side
from mockagent.protocol.session import Session
from mockagent.protocol.trace import Trace, switches_of
from mockagent.protocol.transitions import Turn

_BREATH = 0.3
"""Seconds without audio that end a stretch of it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something found at an event (counted from 1): its name, such as a requirement's id, and what was found."""

    frame: int
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A session of a case, and what was found in it."""

    trace: Trace
    marks: tuple[Mark, ...] = ()
    file: str = ""

    @property
    def lasts(self) -> float:
        """Seconds until the last event."""
        return max((event.at for event in self.trace.events), default=0.0)


@dataclass(slots=True)
class Stretch:
    """Audio of one side without a break: events `first` to `last`, in seconds of the session."""

    side: Side
    first: int
    last: int
    start: float
    end: float
    frames: int = 0
    size: int = 0

    def add(self, number: int, event: Event, audio: Audio) -> None:
        self.last, self.end = number, event.at
        self.frames += audio.frames
        self.size += audio.size


@dataclass(frozen=True, slots=True)
class Shade:
    """Who had the floor, from when to when."""

    turn: Turn
    start: float
    end: float


def stretches(trace: Trace, breath: float = _BREATH) -> list[Stretch]:
    """All the audio, in the order in which it began."""
    found: list[Stretch] = []
    open_ones: dict[Side, Stretch] = {}
    for number, event in enumerate(trace.events, 1):
        if not isinstance(event.content, Audio) or event.content.json:
            continue
        current = open_ones.get(event.sender)
        if current is None or event.at - current.end > max(breath, _BREATH):
            current = Stretch(event.sender, number, number, event.at, event.at)
            open_ones[event.sender] = current
            found.append(current)
        current.add(number, event, event.content)
    return found


def shades(trace: Trace) -> list[Shade]:
    """Who had the floor, but for silence, as an onlooker sees it."""
    session = Session(dialect=trace.header.dialect, switches=switches_of(trace.header))
    found: list[Shade] = []
    since = 0.0
    for event in trace.events:
        later = effects.after(session, event)
        if later.turn is not session.turn:
            found.append(Shade(session.turn, since, event.at))
            since = event.at
        session = later
    if trace.events:
        found.append(Shade(session.turn, since, trace.events[-1].at))
    return [shade for shade in found if shade.turn is not Turn.SILENCE and shade.end > shade.start]


def is_sound(event: Event) -> bool:
    """Whether the event is audio, and no message that was sent as such."""
    return isinstance(event.content, Audio) and not event.content.json


def messages(trace: Trace) -> Iterator[tuple[int, Event]]:
    """All that is no audio, with its number."""
    return ((number, event) for number, event in enumerate(trace.events, 1) if not is_sound(event))


def label_of(event: Event) -> str:
    """What stands beside the mark of an event."""
    match event.content:
        case Message(type=type):
            return type
        case Closed(code=code):
            return f"close {code or ''}".strip()
        case Opened():
            return "open"
        case Malformed():
            return "no message"
        case Audio():
            return "JSON as binary"
        case limit:
            return f"{limit.limit} ran out"


def grouped(trace: Trace, apart: Iterable[int]) -> Iterator[list[tuple[int, Event]]]:
    """The events in groups of one, but for audio: that of a side between two messages is together.

    The numbers in `apart` stand alone too.
    """
    alone = frozenset(apart)
    sounds: dict[Side, list[tuple[int, Event]]] = {}
    for number, event in enumerate(trace.events, 1):
        if is_sound(event) and number not in alone:
            sounds.setdefault(event.sender, []).append((number, event))
            continue
        yield from sounds.values()
        sounds = {}
        yield [(number, event)]
    yield from sounds.values()
