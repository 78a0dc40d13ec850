"""Conversations: what the table of transitions allows is proposed, and what the judge finds nothing in is taken.

A conversation is a list of choices read from the beginning. So it shrinks as lists do, to few events and those that
lead on; what a choice means depends on what went before.
"""

from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockagent import catalogue
from mockagent.fuzz.lines import HELLO, names, said
from mockagent.protocol import transitions
from mockagent.protocol.events import Closed, Content, Dialect, Event, JsonObject, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.session import Session

_Choice: TypeAlias = tuple[int, float, str]
"""Which of what may come, how many seconds later, and with which words where it has the choice."""
_Step: TypeAlias = tuple[Side, str]
_CHOICES = 2**10
_GAPS = (0.25, 0.02, 0.0, 1.5)
_WORDS = (HELLO, "No.", "Grüße, 世界! \U0001f44b", "a\nb\t“c”", "word " * 50)
_ENDS = frozenset({transitions.CLOSE, "Error"})
_BEGUN_AT = 0.05
_BEFORE_LIMIT = 0.05
"""Seconds: time stands still that long before a limit runs out, until whoever is to act has done so."""
_OPENING = 3
"""The choices by which a session begins: Welcome, Settings, SettingsApplied."""

_BEGUN = st.sampled_from((False, True, True, True))
choices = st.tuples(st.integers(0, _CHOICES - 1), st.sampled_from(_GAPS), st.sampled_from(_WORDS))


def conversations(dialect: Dialect, most: int) -> SearchStrategy[tuple[Event, ...]]:
    """Conversations of up to `most` events between the open connection and the close of either side, if any."""
    return st.builds(
        lambda begun, steps, end: _held(dialect, _after_opening(begun, steps)[:most], end).events,
        _BEGUN,
        _picked(most),
        st.sampled_from(("", *Side)),
    )


def one_illegal_step(
    dialect: Dialect, side: Side, most: int
) -> SearchStrategy[tuple[tuple[Event, ...], Event]]:
    """A conversation that is still open, and an event of that side for which the table has no row then."""

    def stepped(begun: bool, steps: list[_Choice], last: _Choice) -> tuple[tuple[Event, ...], Event]:
        talk = _held(dialect, _after_opening(begun, steps)[:most], "")
        return talk.events, talk.illegal(side, last)

    return st.builds(stepped, _BEGUN, _picked(most), choices)


def _picked(most: int) -> SearchStrategy[list[_Choice]]:
    """Choices, in half of the cases many: lists alone are mostly short."""
    return st.sampled_from((0, min(most, 12))).flatmap(
        lambda least: st.lists(choices, min_size=least, max_size=most)
    )


def _after_opening(begun: bool, steps: list[_Choice]) -> list[_Choice]:
    return [*[(0, 0.0, HELLO)] * _OPENING, *steps] if begun else steps


def _held(dialect: Dialect, steps: list[_Choice], end: Side | str) -> "_Talk":
    talk = _Talk(dialect)
    for step in steps:
        talk.go_on(step)
    if end:
        talk.close(Side(end))
    return talk


class _Talk:
    """A conversation as far as it has come."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.judge = Judge(catalogue.requirements(), None, dialect)
        self.at = _BEGUN_AT
        self._events: list[Event] = []
        self._take(Event(0.0, Side.SERVER, Opened(dialect)))

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self._events)

    def go_on(self, step: _Choice) -> None:
        """Take the first that may come, from the chosen one on; among what leads on, and else among the rest."""
        choice, gap, words = step
        at = self._later(gap)
        leading, others = proposed(self.judge.session, tuple(Side))
        groups = (leading, others) if choice % 2 == 0 else (others, leading)
        for group in groups:
            for side, name in rotated(group, choice // 2):
                event = self._event(at, side, name, words)
                if not self.judge.fork().observe(event):
                    self._take(event)
                    return

    def close(self, side: Side) -> None:
        """End it as that side properly does: a server by an Error, once it has welcomed the client."""
        if side is Side.SERVER and self.judge.session.allows(side, "Error"):
            self._take(self._event(self.at, side, "Error", HELLO))
            self._take(Event(self.at, side, Closed()))
        else:
            self._take(Event(self.at, Side.CLIENT, Closed(1000)))

    def illegal(self, side: Side, step: _Choice) -> Event:
        """What has no row in the table as things stand, and what the judge objects to."""
        choice, gap, words = step
        at = self._later(gap)
        for _, name in rotated(barred(self.judge.session, side), choice):
            event = self._event(at, side, name, words)
            if self.judge.fork().observe(event):
                return event
        raise AssertionError(f"nothing is illegal for the {side} in {self.judge.session.phase}")

    def _take(self, event: Event) -> None:
        self.judge.observe(event)
        self._events.append(event)
        self.at = event.at

    def _later(self, gap: float) -> float:
        limit = self.judge.session.deadline
        later = round(self.at + gap, 6) if self._events[1:] else _BEGUN_AT
        return later if limit is None else max(self.at, min(later, limit[0] - _BEFORE_LIMIT))

    def _event(self, at: float, side: Side, name: str, words: str) -> Event:
        return Event(at, side, checked(self.judge.session, side, name, words))


def proposed(session: Session, sides: tuple[Side, ...]) -> tuple[list[_Step], list[_Step]]:
    """What the table allows these sides, but for the end: what moves the session on, and the rest."""
    leading: list[_Step] = []
    others: list[_Step] = []
    for side, name in _names(session.dialect):
        move = session.allows(side, name) if side in sides else None
        if move is not None and name not in _ENDS:
            leads = move.to_phase is not None or move.to_turn not in (None, session.turn)
            (leading if leads or _is_due(session, side, name) else others).append((side, name))
    return leading, others


def barred(session: Session, side: Side) -> list[_Step]:
    """What the table has no row for now, though it would have elsewhere."""
    return [each for each in _names(session.dialect) if each[0] is side and not session.allows(*each)]


def checked(session: Session, side: Side, name: str, words: str) -> Content:
    """What the side properly says under that name, and where that departs from its schema."""
    content = said(session, side, name, _example, words)
    if not isinstance(content, Message):
        return content
    problems = catalogue.schemas().problems(session.dialect, side, content.body)
    return Message(content.type, content.body, problems)


def _is_due(session: Session, side: Side, name: str) -> bool:
    """Whether it answers something that was asked."""
    if name == "FunctionCallResponse":
        return any(each.call.client_side is (side is Side.CLIENT) for each in session.calls)
    if name == "FunctionCallCancelled":
        return any(each.abandoned for each in session.calls)
    is_refusal = name == "InjectionRefused" and bool(session.injections_due)
    return is_refusal or name in session.acknowledgements_due


@cache
def _names(dialect: Dialect) -> tuple[_Step, ...]:
    return tuple((side, name) for side in (Side.SERVER, Side.CLIENT) for name in names(dialect, side))


def rotated(of: list[_Step], by: int) -> Iterator[_Step]:
    start = by % len(of) if of else 0
    yield from of[start:]
    yield from of[:start]


def _example(dialect: Dialect, side: Side, type: str) -> JsonObject:
    example: JsonObject = catalogue.schemas().document(dialect, side, type)["examples"][0]
    return example
