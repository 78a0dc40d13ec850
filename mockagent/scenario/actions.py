"""What a player wants done: imperative values that a shell carries out, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.configuration import Endpoint
from mockagent.protocol.events import Frame, JsonObject
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.wire_frames import WireFrame
from mockagent.scenario.model import Place


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
    With a `fault` its frames are distorted as the table of faults says.
    """

    text: str
    wav: bytes | None = None
    breaks: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()
    number: int = 0
    fault: "Strike | None" = None


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


class Form(StrEnum):
    """How a message goes over the wire."""

    WHOLE = "whole"
    PARTS = "in several frames"
    STALLED = "half of it late"
    COMPRESSED = "compressed without agreement"


@dataclass(frozen=True, slots=True)
class Write:
    """Send these bytes as one message. `amount` is the number of parts, or the seconds of the stall."""

    frame: Frame
    form: Form = Form.WHOLE
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Ping:
    """Send so many pings at once."""

    count: int


class Cut(StrEnum):
    """How a connection ends without a close frame."""

    CLOSE = "tcp_close"
    RESET = "tcp_reset"
    SILENCE = "half_open"


@dataclass(frozen=True, slots=True)
class Sever:
    """End the connection without a close frame; a silent end is followed by a reset after so many `seconds`."""

    how: Cut
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Put:
    """Send this frame as it is. `message` is what it makes up with those before it; None where it makes up none."""

    frame: WireFrame
    message: Frame | None = None


Deed: TypeAlias = Write | Ping | Sever | Put


@dataclass(frozen=True, slots=True, eq=False)
class Strike:
    """Inflict this fault: at once, or on the next thing that it can hit. `values` are its parameters."""

    fault: str
    values: Mapping[str, Any] = field(default_factory=dict)
    breaks: frozenset[str] = frozenset()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Inflict:
    """A fault strikes: `deeds` are done on the wire where the service means to send `meant` (None: nothing).

    `is_first` is False for what follows later of the same strike.
    """

    strike: Strike
    deeds: tuple[Deed, ...] = ()
    meant: Send | None = None
    is_first: bool = True

    @property
    def hit(self) -> str | None:
        """The type of the message that is hit; None where it is no message."""
        return str(self.meant.body.get("type")) if self.meant else None


Action: TypeAlias = Send | Speak | Hush | Close | CallFunction | DropCall | Strike | Inflict
