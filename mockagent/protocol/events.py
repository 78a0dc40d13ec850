"""The vocabulary of the core: what can happen on a Voice Agent connection, as frozen values.

An Event is the only input of the core. Its time is `at`, seconds since the connection opened,
on the session's clock; nothing in this package ever asks for the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]


class Side(StrEnum):
    """Who sent something. The core never says "us" or "them"."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def other(self) -> "Side":
        return Side.SERVER if self is Side.CLIENT else Side.CLIENT


class Dialect(StrEnum):
    """The two wire formats: V1 (`/v1/agent/converse`) and the early access API before it (`/agent`)."""

    V1 = "v1"
    EARLY_ACCESS = "early-access"


class Tolerance(IntEnum):
    """How much a server puts up with. A departure names the lowest level that refuses it."""

    LENIENT = 0
    FAITHFUL = 1
    STRICT = 2

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, label: str) -> "Tolerance":
        """The level of that label; KeyError when there is none."""
        return cls[label.upper()]


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket data message, unparsed: its payload and whether it came as binary."""

    data: bytes
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a message departs from its schema.

    `pointer` is a JSON pointer into the message ("" is the whole of it); `keyword` names the schema
    keyword that failed; `refused_from` is the lowest tolerance at which a server refuses it.
    """

    pointer: str
    keyword: str
    expected: str
    got: str
    refused_from: Tolerance = Tolerance.LENIENT

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Message:
    """What a text frame means: its type, its whole JSON object, and where it departs from its schema."""

    type: str
    body: JsonObject
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Audio:
    """One binary frame, or a run of them that nothing came between.

    `size` is in bytes, over all `frames`; `largest` is the biggest of them. `data` is kept only where
    somebody listens (speech detection, a trace); `json` is True for a JSON message sent as binary by mistake.
    `lasts` is the seconds of sound in it, where it was decoded because its bytes do not tell. `marked` is the format
    of file by whose mark a frame begins ("wav", "ogg", "flac", "mp3"), "" for none.
    """

    size: int
    frames: int = 1
    largest: int = 0
    data: bytes = b""
    json: bool = False
    lasts: float | None = None
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text frame that is no message: `reason` is what a message would have been, `found` what came."""

    reason: str
    found: str
    size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The WebSocket handshake succeeded; the first event of every session, at 0.0."""

    dialect: Dialect = Dialect.V1


NO_STATUS = 1005
"""What a library calls the code of a close frame that has none (RFC 6455, section 7.1.5)."""
NO_CLOSE_FRAME = 1006
"""What it calls the end of a connection without a close frame."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A side ended the connection. `code` is None for a close frame without status, or NO_CLOSE_FRAME."""

    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time passed: the limit of that name (see `Session.deadline`) has run out."""

    limit: str


Content: TypeAlias = Message | Audio | Malformed | Opened | Closed | Elapsed


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened: when, from which side, and what."""

    at: float
    sender: Side
    content: Content = field(default_factory=Opened)
