"""Two views of a session with faults: what the service meant to do, and what it did.

The service goes by what it meant; the record and the verdict hold what it did. Whatever of the second breaks a rule
and of the first does not comes of a fault. Before the first fault both are one, and cost what one costs.
"""

from dataclasses import replace
from typing import NamedTuple

from mockagent.protocol.events import Event, Side
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches

_NOTHING: frozenset[str] = frozenset()


class Sight(NamedTuple):
    """What an event breaks, what it would break without any fault, and which requirements faults have broken."""

    violations: tuple[Violation, ...]
    meant: tuple[Violation, ...]
    of_faults: frozenset[str] = _NOTHING


class Onlookers:
    """Those who watch one session. `judge` sees what is done."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._meant: Judge | None = None

    @property
    def session(self) -> Session:
        """The session as the service takes it to be."""
        return (self._meant or self.judge).session

    def hold_by(self, switches: Switches) -> None:
        """From now on these switches hold."""
        for judge in {self.judge, self._meant or self.judge}:
            judge.session = replace(judge.session, switches=switches)

    def part(self) -> None:
        """A fault strikes: from now on what is meant and what is done differ."""
        if self._meant is None:
            self._meant = self.judge.fork()

    def mean(self, event: Event) -> None:
        """The service means to do this, and something else comes of it."""
        self.part()
        assert self._meant is not None
        self._meant.observe(event)

    def see(self, event: Event, *, is_meant: bool = True) -> Sight:
        """A side does something. What is not meant is a fault of the server."""
        violations = self.judge.observe(event)
        if self._meant is None:
            return Sight(violations, violations)
        meant = self._meant.observe(event) if is_meant else ()
        if event.sender is Side.CLIENT or not violations:
            return Sight(violations, meant)
        expected = {violation.requirement.id for violation in meant}
        return Sight(violations, meant, frozenset(v.requirement.id for v in violations) - expected)
