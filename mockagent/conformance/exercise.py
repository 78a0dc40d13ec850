"""Which requirements of a side a session exercises: those that its events could have broken. Pure.

What a session does not exercise it does not prove, however quietly it passes.
"""

from functools import cache

from mockagent.conformance.question import is_in_question
from mockagent.protocol import judge as _judge  # noqa: F401  (importing it fills the book)
from mockagent.protocol.effects import after
from mockagent.protocol.events import Dialect, Elapsed, Event, Message, Side
from mockagent.protocol.ruling import ANY, BOOK, ELAPSED, MALFORMED, MESSAGE, kind_of
from mockagent.protocol.session import ANSWER, FIRST_SETTINGS, SILENCE, Session
from mockagent.protocol.switches import Switches

_CLIENT_LIMITS = (FIRST_SETTINGS, ANSWER, SILENCE)
_BY_WAITING = frozenset({SILENCE})
"""Limits that a client keeps only by a session that lasts for as long; the others it keeps by one thing it does."""


class Exercise:
    """Follows a session. `asked` are the ids of the requirements of `side` that were in question so far."""

    def __init__(self, dialect: Dialect, switches: Switches, side: Side = Side.CLIENT) -> None:
        self.asked: set[str] = set()
        self._side = side
        self._session = Session(dialect, switches)
        self._due: dict[str, float] = {}

    @property
    def session(self) -> Session:
        """What the events so far amount to."""
        return self._session

    def see(self, event: Event) -> None:
        """Take in the next event."""
        if event.sender is self._side:
            asked = _asked_by(self._side, kind_of(event.content), isinstance(event.content, Message))
            self.asked |= {id for id in asked if is_in_question(id, self._session, event)}
        self._session = after(self._session, event)
        for limit in _CLIENT_LIMITS if self._side is Side.CLIENT else ():
            due = self._due.get(limit) or self._session.runs_out_at(limit)
            if due is None:
                continue
            self._due[limit] = due
            if limit not in _BY_WAITING or event.at >= due:
                self.asked |= self._broken_at(limit, due)

    def _broken_at(self, limit: str, at: float) -> set[str]:
        elapsed = Event(at, Side.CLIENT, Elapsed(limit))
        rules = [rule for rule in BOOK if rule.sender is Side.CLIENT and ELAPSED in rule.events]
        return {rule.requirement for rule in rules if any(True for _ in rule.check(self._session, elapsed))}


@cache
def _asked_by(side: Side, kind: str, is_message: bool) -> frozenset[str]:
    """What an event of that kind could break. A message also shows that its sender writes messages at all."""
    kinds = {ANY, kind} | ({MESSAGE, MALFORMED} if is_message else set())
    kinds.discard(ELAPSED)
    return frozenset(rule.requirement for rule in BOOK if rule.sender is side and rule.events & kinds)
