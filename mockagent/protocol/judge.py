"""The judge: holds every event against every rule, in the order in which things happened.

It decides nothing about what to do: it reports. Each rule sees the session as it was before the event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from mockagent.limits import MOST_FOUND
from mockagent.protocol import rules as _rules  # noqa: F401  (importing the package fills the book)
from mockagent.protocol.effects import after
from mockagent.protocol.events import Dialect, Event, Message, Side, Tolerance
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.ruling import ANY, BOOK, MESSAGE, NOT_TYPES, Breach, Rule, kind_of
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
        self._dialect = dialect
        self._asked: dict[tuple[Side, str], list[Rule]] = {}

    def fork(self) -> "Judge":
        """Another judge of the same session, which goes its own way from here."""
        other = object.__new__(Judge)
        other.__dict__.update(self.__dict__)
        return other

    def observe(self, event: Event) -> tuple[Violation, ...]:
        """What the event breaks, each rule at most MOST_FOUND times; the session then moves on."""
        before = self.session
        self.events += 1
        violations: list[Violation] = []
        for rule in self.rules_for(event):
            for breach in islice(rule.check(before, event), MOST_FOUND):
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
        about = event.sender, kind_of(event.content)
        if about not in _ASKED:
            about = event.sender, MESSAGE if isinstance(event.content, Message) else ANY
        if about not in self._asked:
            self._asked[about] = [rule for rule in _ASKED[about] if self._is_of_dialect(rule)]
        return self._asked[about]

    def _is_of_dialect(self, rule: Rule) -> bool:
        return self._dialect in self._requirements[rule.requirement].dialects


def _rules_about(sender: Side, kind: str) -> tuple[Rule, ...]:
    """The rules, in the order of the book, that an event of that side and kind is held against."""
    kinds = {ANY, kind} if kind in NOT_TYPES else {ANY, kind, MESSAGE}
    return tuple(rule for rule in BOOK if rule.sender is sender and rule.events & kinds)


_ASKED = {
    (sender, kind): _rules_about(sender, kind)
    for sender in Side
    for kind in {ANY, MESSAGE}.union(*(rule.events for rule in BOOK))
}
"""By sender and kind of event the rules that it is held against, for every kind that a rule names."""
