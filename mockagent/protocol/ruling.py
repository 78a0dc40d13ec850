"""What a rule is: a function over (session before, event) that yields a Breach for each way the event breaks it.

A rule is named as the sentence that is true while it is kept, and carries the id of its requirement and the
events it looks at, so that nothing is asked about frames it has nothing to say of.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mockagent.protocol import transitions
from mockagent.protocol.events import (
    Audio,
    Closed,
    Content,
    Elapsed,
    Event,
    Malformed,
    Message,
    Opened,
    Side,
    Tolerance,
)
from mockagent.protocol.session import Session

ANY = "*"
"""Every event of a side."""
MESSAGE = "message"
"""Every message of a side, of whatever type."""
MALFORMED = "malformed"
ELAPSED = "elapsed"
OPENED = "opened"
NOT_TYPES = frozenset({ANY, MESSAGE, MALFORMED, ELAPSED, OPENED, transitions.AUDIO, transitions.CLOSE})
"""Words for events by which no message is ever meant, whatever a peer writes into its type."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which an event breaks a rule. `refused_from` is the lowest tolerance that refuses it."""

    expected: str
    got: str
    pointer: str = ""
    refused_from: Tolerance = Tolerance.LENIENT


Check: TypeAlias = Callable[[Session, Event], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check, the requirement it belongs to, and the events (of one sender) it is asked about."""

    requirement: str
    sender: Side
    events: frozenset[str]
    check: Check


BOOK: list[Rule] = []
"""Every rule, in the order in which they are asked; filled as the modules of `rules` are imported."""


def rule(requirement: str, sender: Side, *events: str) -> Callable[[Check], Check]:
    """Enter a function in the book as the rule of that requirement."""

    def enter(check: Check) -> Check:
        BOOK.append(Rule(requirement, sender, frozenset(events), check))
        return check

    return enter


def kind_of(content: Content) -> str:
    """The word by which a rule asks for such an event: a message's type, or what else it is."""
    match content:
        case Message(type=type):
            return type if type not in NOT_TYPES else MESSAGE
        case Audio():
            return transitions.AUDIO
        case Malformed():
            return MALFORMED
        case Elapsed():
            return ELAPSED
        case Closed():
            return transitions.CLOSE
        case Opened():
            return OPENED


def words_for(content: Content) -> str:
    """What happened, as a sentence says it: "Warning", "audio", "the close"."""
    match content:
        case Message(type=type):
            return type
        case Audio(size=size):
            return f"audio ({size} bytes)"
        case Malformed(found=found):
            return f"text that is no message ({found})"
        case Elapsed(limit=limit):
            return f"the end of the time for {limit}"
        case Closed(code=code):
            return f"a close ({code or 'no status'})"
        case Opened():
            return "the open connection"
