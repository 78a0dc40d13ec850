"""What a player wants done: imperative values that a shell carries out, in order."""

from dataclasses import dataclass
from typing import TypeAlias

from mockagent.protocol.events import JsonObject
from mockagent.protocol.messages import Endpoint, FunctionCall


@dataclass(frozen=True, slots=True)
class Send:
    """Send one message. `breaks` names the requirements that it breaks on purpose."""

    body: JsonObject
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Speak:
    """Stream the speech of a text, or a recording of it, at playback speed; report when it has all been sent.

    `statements` are all the texts of the reply, of which this is the one with this `number`: a reply is one
    stream of sound.
    """

    text: str
    wav: bytes | None = None
    breaks: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop the speech that is being streamed; not one more frame of it goes out."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection; `code` None is a close frame without status."""

    code: int | None = None
    reason: str = ""
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CallFunction:
    """Call a function at its endpoint; report what came of it, beside all that happens meanwhile."""

    call: FunctionCall
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class DropCall:
    """Give up the call of that id, whose result nobody wants any more."""

    id: str


Action: TypeAlias = Send | Speak | Hush | Close | CallFunction | DropCall
