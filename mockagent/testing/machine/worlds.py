"""What may have happened, as far as one end of a connection can tell: when the other end saw what this one sent. Pure.

Frames that cross on the way have no order that both ends know. So several worlds are followed, in which the peer saw
ours earlier or later, each in the order sent; only what breaks a requirement in all of them has broken one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mockagent.protocol.events import Dialect, Elapsed, Event, Opened, Side
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.session import FIRST_SETTINGS, SILENCE, Session
from mockagent.protocol.switches import Switches

_MOST = 8
"""Worlds that are followed at once: more only differ in what no rule asks about."""
_LIMITS = frozenset({FIRST_SETTINGS, SILENCE})
_HOW_SOON = frozenset({"CLS-002"})
"""What is only about how soon something comes: where everything is slow, patience says that, not the clock."""


@dataclass(frozen=True, slots=True)
class _World:
    judge: Judge
    on_the_way: tuple[Event, ...] = ()


class Worlds:
    """One session with `peer`. `session` is what it amounts to once the peer has seen all that was sent.

    With `strict` a SHOULD counts as a MUST.
    """

    def __init__(
        self, requirements: Mapping[str, Requirement], dialect: Dialect, peer: Side, strict: bool
    ) -> None:
        # Seen from the client Welcome may be earlier after the upgrade than it was sent after it.
        judge = Judge(requirements, Switches(welcome_after=0.0), dialect)
        judge.observe(Event(0.0, Side.SERVER, Opened(dialect)))
        self._worlds = [_World(judge)]
        self._peer = peer
        self._strict = strict

    @property
    def session(self) -> Session:
        return self.judge.session

    @property
    def judge(self) -> Judge:
        """A judge of that session, who may go his own way."""
        return _delivered(self._worlds[0]).judge

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The session in every world, once the peer has seen all."""
        return tuple(_delivered(each).judge.session for each in self._worlds)

    def sent(self, event: Event) -> None:
        """Ours is on the way."""
        self._worlds = [replace(each, on_the_way=(*each.on_the_way, event)) for each in self._worlds]

    def received(self, event: Event) -> tuple[Violation, ...]:
        """What the peer's event breaks in every world; empty where there is one in which it breaks nothing."""
        after: list[tuple[_World, tuple[Violation, ...]]] = []
        for world in self._possible(event):
            judge = world.judge.fork()
            broken = tuple(each for each in judge.observe(event) if self._counts(each))
            after.append((replace(world, judge=judge), broken))
        kept = [world for world, broken in after if not broken]
        self._worlds = kept[:_MOST] or [after[0][0]]
        return () if kept else after[0][1]

    def settle(self) -> None:
        """By now the peer has seen all that was sent."""
        settled = map(_delivered, self._worlds)
        unlike: list[_World] = []
        for world in settled:
            if all(world.judge.session != other.judge.session for other in unlike):
                unlike.append(world)
        self._worlds = unlike

    def _counts(self, violation: Violation) -> bool:
        requirement = violation.requirement
        if requirement.id in _HOW_SOON:
            return False
        return requirement.binds is self._peer and (requirement.is_must or self._strict)

    def _possible(self, event: Event) -> Iterator[_World]:
        """The worlds just before the event, those first in which the peer saw most."""
        for world in self._worlds:
            for number in range(len(world.on_the_way), -1, -1):
                seen = _delivered(world, number, event.at)
                yield seen
                deadline = seen.judge.session.deadline
                if deadline is not None and deadline[0] <= event.at and deadline[1] in _LIMITS:
                    judge = seen.judge.fork()
                    judge.observe(Event(event.at, Side.CLIENT, Elapsed(deadline[1])))
                    yield replace(seen, judge=judge)


def _delivered(world: _World, number: int | None = None, at: float = 0.0) -> _World:
    """The world once the peer has seen `number` of what is on the way, or all of it, no sooner than `at`."""
    number = len(world.on_the_way) if number is None else number
    judge = world.judge.fork()
    for event in world.on_the_way[:number]:
        judge.observe(replace(event, at=max(event.at, at)))
    return _World(judge, world.on_the_way[number:])
