"""What a connection needs of the world outside: a wire, a clock, and those who record, listen and call functions."""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from mockagent.protocol.events import Event
from mockagent.protocol.judge import Violation
from mockagent.scenario.actions import CallFunction
from mockagent.scenario.outcomes import Outcome


class Wire(Protocol):
    """Where frames go."""

    def send(self, data: bytes, binary: bool) -> None: ...

    def close(self, code: int | None, reason: str = "") -> None: ...

    def abort(self) -> None: ...

    def send_in_parts(self, data: bytes, binary: bool, parts: int) -> None: ...

    def send_stalling(self, data: bytes, binary: bool, seconds: float) -> None: ...

    def send_compressed(self, data: bytes, binary: bool) -> None: ...

    def put(self, data: bytes) -> None: ...

    def ping(self, count: int) -> None: ...

    def hang_up(self) -> None: ...

    def reset(self) -> None: ...

    def vanish(self, seconds: float) -> None: ...


class Clock(Protocol):
    """The session's time in seconds since it opened, and when a moment of it comes on the loop's clock."""

    def now(self) -> float: ...

    def loop_time(self, at: float) -> float: ...

    def length(self, seconds: float) -> float:
        """How long a length of session time takes on the loop's clock."""


class Recorder(Protocol):
    """Who keeps what happened, event by event."""

    @property
    def wants_audio(self) -> bool:
        """Whether each frame of audio is to be an event of its own, with its data; otherwise runs are counted."""

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None: ...


class Detector(Protocol):
    """Tells speech from silence in a stream of audio. `why_deaf` says why it cannot, if it cannot.

    `heard_for` is the seconds of sound so far, None where it cannot tell.
    """

    @property
    def why_deaf(self) -> str | None: ...

    @property
    def heard_for(self) -> float | None: ...

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""


class Functions(Protocol):
    """Calls functions at their endpoints."""

    def call(self, wanted: CallFunction) -> Coroutine[Any, Any, Outcome]:
        """What comes of it; fails only by being cancelled."""
