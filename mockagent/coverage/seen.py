"""What one session exercised: its events, one after the other, each with the session as it was before it."""

from collections.abc import Iterable, Iterator

from mockagent.coverage.acts import act_of, is_sound
from mockagent.coverage.rows import Kind, Row, state
from mockagent.coverage.variants import VARIANTS
from mockagent.protocol.effects import after
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import AUDIO
from mockagent.scenario.beats import Beat, Struck


def exercised(events: Iterable[Event], dialect: Dialect, switches: Switches) -> frozenset[Row]:
    """The rows that these events of one session exercise.

    Only what was really sent counts, and a message only where it fits its schema.
    """
    session = Session(dialect, switches)
    rows: set[Row] = set()
    for event in events:
        rows.update(_rows(session, event))
        session = after(session, event)
    return frozenset(rows)


def events_of(beats: Iterable[Beat]) -> Iterator[Event]:
    """The events of a rehearsed play; audio that lasts goes on after whatever the server does meanwhile."""
    sounding: Beat | None = None
    for beat in beats:
        if isinstance(beat.content, Struck):
            continue
        yield Event(beat.at, beat.sender, beat.content)
        if beat.sender is Side.CLIENT:
            sounding = beat if isinstance(beat.content, Audio) else None
        elif isinstance(beat.content, Closed):
            return
        elif (
            sounding is not None
            and isinstance(sounding.content, Audio)
            and beat.at < sounding.at + sounding.lasts
        ):
            yield Event(beat.at, Side.CLIENT, sounding.content)


def _rows(session: Session, event: Event) -> Iterator[Row]:
    match event.content:
        case Message() as message if is_sound(message):
            yield from _message(session.dialect, event.sender, message)
        case Audio(size=size, json=False) if size:
            yield Row(Kind.MESSAGE, session.dialect, event.sender, AUDIO)
    act = act_of(session, event) if event.sender is Side.CLIENT else None
    if act is not None:
        yield Row(Kind.CELL, session.dialect, state(session.phase, session.turn), act)


def _message(dialect: Dialect, sender: Side, message: Message) -> Iterator[Row]:
    if message.type not in TYPES[dialect, sender]:
        return
    yield Row(Kind.MESSAGE, dialect, sender, message.type)
    for each in VARIANTS:
        is_of_type = (each.dialect, each.sender, each.type) == (dialect, sender, message.type)
        if is_of_type and each.fits(message.body):
            yield Row(Kind.VARIANT, dialect, sender, f"{each.type} {each.name}")
    code = message.body.get("code")
    if sender is Side.SERVER and isinstance(code, str) and message.type in ("Error", "Warning"):
        yield Row(Kind.CODE, dialect, message.type, code)
