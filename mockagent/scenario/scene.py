"""The scene that scripts play in: what they may do, and what they may know. One for each session."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockagent.protocol import messages
from mockagent.protocol.events import Audio, Dialect, Event, JsonObject
from mockagent.protocol.formats import AudioFormat, input_format
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import Action, Send
from mockagent.scenario.floor import Floor

MOST_UNASKED = 100
"""Answers of the protocol that a step may still mention; older ones are forgotten."""
_LONGEST_GAP = 0.5
"""Seconds between two frames of an encoding without a fixed rate that still count as one stream."""
_TO_A_NANOSECOND = 9
"""Digits kept of the audio heard so far, so that ten tenths of a second make a whole one."""


@dataclass(slots=True)
class Scene:
    """`now` is when the cue at hand came. `user_ended_at` is the end of the user's turn that awaits a reply.

    `sent_unasked` are the kinds of what the protocol answered by itself, which a step may still mention.
    """

    dialect: Dialect
    switches: Switches
    floor: Floor
    out: Callable[[Action], None]
    new_id: Callable[[], str]
    now: float = 0.0
    settings: JsonObject = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    held: list[Event] = field(default_factory=list)
    heard_for: float = 0.0
    heard_at: float | None = None
    user_speaks: bool = False
    user_ended_at: float | None = None
    sent_unasked: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=MOST_UNASKED))
    _input: AudioFormat | None = None

    def send(self, body: JsonObject, breaks: frozenset[str] = frozenset()) -> None:
        self.out(Send(body, breaks))

    def configure(self, settings: JsonObject, names: Mapping[str, Any]) -> None:
        """Take over what Settings says, and the names by which texts may quote it."""
        self.settings = settings
        self.names.update(names)
        self._input = input_format(settings, self.dialect)
        self.floor.keeps_history = messages.wants_history(settings)

    def replace_think(self, think: Any) -> None:
        """Take over the think block of an UpdateThink: it takes the place of the whole old one."""
        agent = self.settings.get("agent")
        others = agent if isinstance(agent, Mapping) else {}
        self.settings = {**self.settings, "agent": {**others, "think": think}}

    def hear(self, audio: Audio, at: float) -> None:
        """Count the client's audio, in seconds of sound."""
        lasts = audio.lasts
        if lasts is None and self._input:
            lasts = self._input.duration_of(audio.size)
        if lasts is None:
            lasts = min(_LONGEST_GAP, at - (at if self.heard_at is None else self.heard_at))
        self.heard_for = round(self.heard_for + lasts, _TO_A_NANOSECOND)
        self.heard_at = at

    def user_starts(self, at: float) -> None:
        """The user takes the floor: the agent falls silent first, then the client is told."""
        self.floor.clear(at)
        self.user_speaks = True
        self.user_ended_at = None
        self.send(messages.bare("UserStartedSpeaking"))

    def user_ends(self, text: str, at: float, breaks: frozenset[str] = frozenset()) -> None:
        """The user has spoken (or typed) `text`; the agent owes a reply."""
        self.user_speaks = False
        self.user_ended_at = at
        self.send(messages.conversation_text("user", text), breaks)
        self.floor.remember(messages.history_statement("user", text))

    def user_types(self, text: str, at: float) -> None:
        """The user's turn all at once; the agent falls silent if it speaks."""
        if self.floor.current:
            self.user_starts(at)
        self.user_ends(text, at)

    def asked_at(self) -> float | None:
        """When the user's turn ended that the next reply answers; asked once."""
        at, self.user_ended_at = self.user_ended_at, None
        return at


def kind_of_answer(body: JsonObject) -> tuple[str, str]:
    """By what a step that mentions an answer means it: the type, and for a Warning also its code."""
    return str(body.get("type")), str(body.get("code", ""))
