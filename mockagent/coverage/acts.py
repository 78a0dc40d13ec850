"""What a client can do in any state: each message of its dialect, audio, what nobody can read, silence, the close.

A message of which the service makes different things, by what it says or what Settings said, is several acts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mockagent.protocol import service, transitions
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    Malformed,
    Message,
    Side,
    Tolerance,
)
from mockagent.protocol.injection import Behavior, behavior_of
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import FIRST_SETTINGS, SILENCE, Session

AUDIO = transitions.AUDIO
EMPTY = "an empty binary frame"
JSON_AS_AUDIO = "a message in a binary frame"
MALFORMED = "text that is no message"
UNKNOWN = "a message of an unknown type"
BROKEN = "a message that breaks its schema"
CLOSE = transitions.CLOSE
STAY_SILENT = "silence"
ANSWER = "FunctionCallResponse"

OBEYED = "ForceEndTurn (listen v2)"
UNSUPPORTED = "ForceEndTurn (listen v1)"
ENABLED = "UpdateThink_Live (enabled)"
NOT_ENABLED = "UpdateThink_Live (not enabled)"


@dataclass(frozen=True, slots=True)
class Split:
    """A message that counts as several acts: their names, and which one a message is."""

    names: tuple[str, ...]
    name_of: Callable[[Session, Message], str]


def injection(behavior: Behavior) -> str:
    """The act of injecting with that behavior."""
    return f"InjectAgentMessage {behavior}"


SPLITS: Mapping[str, Split] = MappingProxyType(
    {
        "InjectAgentMessage": Split(
            tuple(map(injection, Behavior)), lambda _, message: injection(behavior_of(message.body))
        ),
        "ForceEndTurn": Split(
            (OBEYED, UNSUPPORTED),
            lambda session, message: OBEYED if service.ends_turn(session, message) else UNSUPPORTED,
        ),
        "UpdateThink_Live": Split(
            (ENABLED, NOT_ENABLED),
            lambda session, _: ENABLED if session.switches.think_live else NOT_ENABLED,
        ),
    }
)
"""Only in V1: early access has but one form of each of its messages."""


def acts(dialect: Dialect) -> tuple[str, ...]:
    """Every act of a client, in the order of its types."""
    names: list[str] = []
    for type in TYPES[dialect, Side.CLIENT]:
        split = _split(dialect, type)
        names += split.names if split else (type,)
    return (*names, AUDIO, EMPTY, JSON_AS_AUDIO, MALFORMED, UNKNOWN, BROKEN, STAY_SILENT, CLOSE)


def act_of(session: Session, event: Event) -> str | None:
    """Which act an event of the client is, in the session before it; None for what is none."""
    match event.content:
        case Message() as message:
            return _message(session, message)
        case Audio(json=True):
            return JSON_AS_AUDIO
        case Audio(size=size):
            return AUDIO if size else EMPTY
        case Malformed():
            return MALFORMED
        case Elapsed(limit=limit) if limit in (SILENCE, FIRST_SETTINGS):
            return STAY_SILENT
        case Closed():
            return CLOSE
        case _:
            return None


def is_sound(message: Message) -> bool:
    """Whether the message fits its schema, as far as a faithful service asks for it."""
    return all(problem.refused_from is Tolerance.STRICT for problem in message.problems)


def _message(session: Session, message: Message) -> str:
    if message.type not in TYPES[session.dialect, Side.CLIENT]:
        return UNKNOWN
    if not is_sound(message):
        return BROKEN
    split = _split(session.dialect, message.type)
    return split.name_of(session, message) if split else message.type


def _split(dialect: Dialect, type: str) -> Split | None:
    return SPLITS.get(type) if dialect is Dialect.V1 else None
