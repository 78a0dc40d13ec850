"""What a script can wait for, and what it is told when that comes.

A script is a generator: it yields a Want (or several, to be played side by side) and is sent the cue that
fulfilled it. It never asks for the time: every cue carries it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from mockagent.protocol.events import Event
from mockagent.scenario.model import Place
from mockagent.scenario.outcomes import Outcome
from mockagent.scenario.reply import Reply


@dataclass(frozen=True, slots=True)
class Happened:
    """The client did something on the wire."""

    event: Event

    @property
    def at(self) -> float:
        return self.event.at


@dataclass(frozen=True, slots=True)
class Heard:
    """The client's audio began, or ceased, to be speech."""

    at: float
    started: bool


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """The first audio of a reply goes out."""

    at: float
    reply: Reply


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """A reply is over: spoken whole, or cut short."""

    at: float
    reply: Reply


@dataclass(frozen=True, slots=True)
class FunctionEnded:
    """A function that was called at its endpoint has answered, or will not; `id` is that of the call."""

    at: float
    id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TurnForced:
    """The client asked for the user's turn to end, and the service obeys."""

    at: float


@dataclass(frozen=True, slots=True)
class CallsAbandoned:
    """The user has begun to speak while calls were pending: nothing comes of them."""

    at: float


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The time that the want allowed has passed."""

    at: float


Cue: TypeAlias = (
    Happened | Heard | ReplyBegan | ReplyEnded | FunctionEnded | TurnForced | CallsAbandoned | TimeUp
)


@dataclass(frozen=True, slots=True)
class Want:
    """Waits for the first cue that `accepts`, at most until `until`.

    `expects` says in words what is waited for; `pattern` is what a message is compared with to say how near it
    came. A `pause` waits for nothing that the client does. With `takes_held` a message that came earlier, and
    that nothing waited for, will do. `listens` asks for detected speech. `must` False: that the time passes is no
    fault. `excuses` names what the client may break by it.
    """

    accepts: Callable[[Cue], bool]
    until: float | None = None
    expects: str = ""
    place: Place = Place()
    pattern: Any = None
    takes_held: bool = False
    listens: bool = False
    must: bool = True
    pause: bool = False
    excuses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Together:
    """All of these scripts, side by side; over when each of them is."""

    scripts: tuple["Script", ...]


@dataclass(frozen=True, slots=True)
class FirstOf:
    """Whichever of these scripts is first to get what it waits for; the others never happen."""

    scripts: tuple["Script", ...]


T = TypeVar("T")
Waiting: TypeAlias = Generator[Want | Together | FirstOf, Cue, T]
"""A part of a script that comes back with something."""
Script: TypeAlias = Generator[Want | Together | FirstOf, Cue, None]


class StepFailed(Exception):
    """Ends a script: what it needed did not come, or came wrong. `expected` and `got` in words.

    `pattern` is what a message would have had to fit.
    """

    def __init__(self, place: Place, expected: str, got: str, pattern: Any = None) -> None:
        self.place = place
        self.expected = expected
        self.got = got
        self.pattern = pattern
        super().__init__(f"{place}: expected {expected}, got {got}")
