"""What becomes of an InjectAgentMessage: one table of its behavior and of who has the floor.

Source: https://developers.deepgram.com/docs/voice-agent-inject-agent-message and the AsyncAPI file of 2026-07
(`behavior`).
"""

from enum import StrEnum
from types import MappingProxyType

from mockagent.protocol.events import JsonObject
from mockagent.protocol.transitions import Turn


class Behavior(StrEnum):
    """What the client asks for, should somebody have the floor."""

    DEFAULT = "default"
    QUEUE = "queue"
    INTERRUPT = "interrupt"


class Outcome(StrEnum):
    """What the server does with the injection."""

    SPEAK = "spoken at once"
    WAIT = "spoken after the current reply"
    REPLACE = "spoken in place of the current reply"
    REFUSE = "refused"


class Floor(StrEnum):
    """Who has the floor, as the table sees it."""

    USER = "user"
    AGENT = "agent"
    NOBODY = "nobody"


OUTCOMES = MappingProxyType(
    {
        (Behavior.DEFAULT, Floor.USER): Outcome.REFUSE,
        (Behavior.DEFAULT, Floor.AGENT): Outcome.REFUSE,
        (Behavior.DEFAULT, Floor.NOBODY): Outcome.SPEAK,
        (Behavior.QUEUE, Floor.USER): Outcome.REFUSE,
        (Behavior.QUEUE, Floor.AGENT): Outcome.WAIT,
        (Behavior.QUEUE, Floor.NOBODY): Outcome.SPEAK,
        (Behavior.INTERRUPT, Floor.USER): Outcome.SPEAK,
        (Behavior.INTERRUPT, Floor.AGENT): Outcome.REPLACE,
        (Behavior.INTERRUPT, Floor.NOBODY): Outcome.SPEAK,
    }
)


def behavior_of(body: JsonObject) -> Behavior:
    """The behavior that an InjectAgentMessage asks for; default where it says nothing known."""
    asked = body.get("behavior")
    return Behavior(asked) if asked in list(Behavior) else Behavior.DEFAULT


def floor_of(turn: Turn) -> Floor:
    """Who has the floor in that turn: an agent that thinks is already replying."""
    if turn is Turn.USER:
        return Floor.USER
    return Floor.NOBODY if turn is Turn.SILENCE else Floor.AGENT


def outcome(behavior: Behavior, turn: Turn) -> Outcome:
    """What the server does with an injection of that behavior in that turn."""
    return OUTCOMES[behavior, floor_of(turn)]
