"""A scenario unfolded, as values: beats in the order in which they happen, and what each belongs to."""

from dataclasses import dataclass

from mockagent.protocol.events import Content, JsonObject, Side
from mockagent.protocol.judge import Violation
from mockagent.scenario.account import Unmet
from mockagent.scenario.actions import Strike
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.model import Place


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault strikes: what it hits and what comes of that follows."""

    strike: Strike


@dataclass(slots=True)
class Beat:
    """One thing that happens: who does what, at which ideal second, and in which line of the play.

    `content` is what goes over the wire; for sound `lasts` is how long it is, and `was_cut` whether it was to be
    longer. `line` is None for what comes before the first line; `wanted` is the pattern that a client's message
    must fit; `broken` is what the beat breaks.
    """

    at: float
    sender: Side
    content: Content | Struck
    line: Line | None
    lasts: float = 0.0
    was_cut: bool = False
    wanted: JsonObject | None = None
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Play:
    """One straight play of a scenario.

    `unmet` is what could not be played even with the ideal client, `unreached` the first line never come to.
    `broken_by_faults` is what faults have broken, each with the place of a fault that had struck by then;
    `unstruck` are the faults that never did.
    """

    lines: Lines
    beats: tuple[Beat, ...]
    unmet: tuple[Unmet, ...] = ()
    unreached: Line | None = None
    broken_by_faults: frozenset[tuple[Place, str]] = frozenset()
    unstruck: tuple[Place, ...] = ()
