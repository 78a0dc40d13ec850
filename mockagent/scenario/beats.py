"""A scenario unfolded, as values: beats in the order in which they happen, and what each belongs to."""

from dataclasses import dataclass

from mockagent.protocol.events import Content, JsonObject, Side
from mockagent.protocol.judge import Violation
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.player import Unmet


@dataclass(slots=True)
class Beat:
    """One thing that happens: who does what, at which ideal second, and in which line of the play.

    `content` is what goes over the wire; for sound `lasts` is how long it is. `line` is None for what comes
    before the first line; `wanted` is the pattern of a client's message; `broken` is what the beat breaks.
    """

    at: float
    sender: Side
    content: Content
    line: Line | None
    lasts: float = 0.0
    wanted: JsonObject | None = None
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Play:
    """One straight play of a scenario.

    `unmet` is what could not be played even with the ideal client, `unreached` the first line never come to.
    """

    lines: Lines
    beats: tuple[Beat, ...]
    unmet: tuple[Unmet, ...] = ()
    unreached: Line | None = None
