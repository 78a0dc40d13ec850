"""The judge: holds every event against every rule, in the order in which things happened.

It decides nothing about what to do: it reports. Each rule sees the session as it was before the event.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mockagent.protocol import rules as _rules  # noqa: F401  (importing the package fills the book)
from mockagent.protocol.effects import after
from mockagent.protocol.events import Dialect, Event, Message, Side, Tolerance
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.ruling import ANY, BOOK, MESSAGE, Breach, Rule, kind_of
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of one requirement: at which event, what was expected and what came instead."""

    requirement: Requirement
    event: Event
    number: int
    expected: str
    got: str
    pointer: str = ""
    refused_from: Tolerance = Tolerance.LENIENT

    def __str__(self) -> str:
        where = f"{self.pointer}: " if self.pointer else ""
        return f"{self.requirement.id} {where}expected {self.expected}, got {self.got}"


class Judge:
    """Follows one session. `session` is what the events so far amount to; `events` how many there were."""

    def __init__(
        self,
        requirements: Mapping[str, Requirement],
        switches: Switches | None = None,
        dialect: Dialect = Dialect.V1,
    ) -> None:
        self.session = Session(dialect, switches or Switches())
        self.events = 0
        self._requirements = requirements
        self._asked = _asked(dialect, requirements)
        self._for_any = {side: _of(BOOK, dialect, requirements, side, ANY) for side in Side}
        self._for_messages = {side: _of(BOOK, dialect, requirements, side, MESSAGE) for side in Side}

    def fork(self) -> "Judge":
        """Another judge of the same session, which goes its own way from here."""
        other = object.__new__(Judge)
        other.__dict__.update(self.__dict__)
        return other

    def observe(self, event: Event) -> tuple[Violation, ...]:
        """What the event breaks; the session then moves on."""
        before = self.session
        self.events += 1
        violations: list[Violation] = []
        for rule in self.rules_for(event):
            for breach in rule.check(before, event):
                violations.append(self._violation(rule, event, breach))
        self.session = after(before, event)
        return tuple(violations)

    def _violation(self, rule: Rule, event: Event, breach: Breach) -> Violation:
        return Violation(
            self._requirements[rule.requirement],
            event,
            self.events,
            breach.expected,
            breach.got,
            breach.pointer,
            breach.refused_from,
        )

    def rules_for(self, event: Event) -> list[Rule]:
        """The rules that are asked about such an event, in the order of the book."""
        asked = self._asked[event.sender].get(kind_of(event.content))
        if asked is not None:
            return asked
        is_message = isinstance(event.content, Message)
        return self._for_messages[event.sender] if is_message else self._for_any[event.sender]


def _asked(
    dialect: Dialect, requirements: Mapping[str, Requirement]
) -> Mapping[Side, Mapping[str, list[Rule]]]:
    """By kind of event the rules that it is held against, in the order of the book; made in one go, once a session."""
    asked: dict[Side, dict[str, list[Rule]]] = {side: {} for side in Side}
    for rule in BOOK:
        for kind in rule.events - {ANY, MESSAGE}:
            asked[rule.sender].setdefault(kind, [])
    for rule in BOOK:
        if dialect not in requirements[rule.requirement].dialects:
            continue
        for kind, rules in asked[rule.sender].items():
            is_about = kind in rule.events or ANY in rule.events
            if is_about or (MESSAGE in rule.events and kind not in _NOT_MESSAGES):
                rules.append(rule)
    return asked


def _of(
    book: list[Rule], dialect: Dialect, requirements: Mapping[str, Requirement], side: Side, kind: str
) -> list[Rule]:
    """The rules, in the order of the book, that an event of that side and kind is held against."""
    kinds = {ANY, kind}
    return [
        rule
        for rule in book
        if rule.sender is side and rule.events & kinds and dialect in requirements[rule.requirement].dialects
    ]


_NOT_MESSAGES = frozenset({ANY, "audio", "malformed", "elapsed", "close", "opened"})
