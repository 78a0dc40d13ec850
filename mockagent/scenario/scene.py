"""The scene that scripts play in: what they may do, and what they may know. One for each session."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockagent.protocol import configuration, messages, updates
from mockagent.protocol.events import Audio, Dialect, Event, JsonObject, Message
from mockagent.protocol.formats import AudioFormat, input_format
from mockagent.protocol.messages import FunctionCall, FunctionResult
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import Action, Send
from mockagent.scenario.cues import CallsAbandoned
from mockagent.scenario.floor import Floor
from mockagent.scenario.model import Ban

MOST_UNASKED = 100
"""Answers of the protocol that a step may still mention; older ones are forgotten."""
_LONGEST_GAP = 0.5
"""Seconds between two frames of an encoding without a fixed rate that still count as one stream."""
_TO_A_NANOSECOND = 9
"""Digits kept of the audio heard so far, so that ten tenths of a second make a whole one."""


@dataclass(slots=True)
class Scene:
    """`now` is when the cue at hand came. `user_ended_at` is the end of the user's turn that awaits a reply.

    `calls` are those that have no answer yet, `abandoned` the ids of those that are not to get one; `sent_unasked` are
    the kinds of what the protocol answered by itself, which a step may still mention; `bans` what must not come now.
    """

    dialect: Dialect
    switches: Switches
    floor: Floor
    out: Callable[[Action], None]
    new_id: Callable[[], str]
    now: float = 0.0
    settings: JsonObject = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    bans: list[Ban] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)
    heard_for: float = 0.0
    heard_at: float | None = None
    user_speaks: bool = False
    user_ended_at: float | None = None
    calls: dict[str, FunctionCall] = field(default_factory=dict)
    abandoned: set[str] = field(default_factory=set)
    sent_unasked: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=MOST_UNASKED))
    _input: AudioFormat | None = None

    def send(self, body: JsonObject, breaks: frozenset[str] = frozenset()) -> None:
        self.out(Send(body, breaks))

    def configure(self, settings: JsonObject, names: Mapping[str, Any]) -> None:
        """Take over what Settings says, and the names by which texts may quote it."""
        self.settings = settings
        self.names.update(names)
        self._input = input_format(settings, self.dialect)
        self.floor.keeps_history = configuration.wants_history(settings)

    def update(self, message: Message) -> None:
        """Take over what a message of the client changes about the settings."""
        self.settings = updates.settings_after(self.settings, message.type, message.body, self.dialect)

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
        self._abandon_calls(at)

    def call_answered(self, result: FunctionResult) -> None:
        """The client has answered: there is nothing left to cancel."""
        for call in list(self.calls.values()):
            if call.id == result.id if result.id else call.name == result.name:
                del self.calls[call.id]
                return

    def _abandon_calls(self, at: float) -> None:
        """Nothing comes of the calls that are pending; the client is told of its own."""
        calls = list(self.calls.values())
        self.abandoned |= self.calls.keys()
        self.calls.clear()
        own = [call for call in calls if call.client_side]
        if own and self.dialect is Dialect.V1:
            self.send(messages.function_calls_cancelled(own))
        if calls:
            self.floor.tell(CallsAbandoned(at))

    def user_ends(
        self, text: str, at: float, breaks: frozenset[str] = frozenset(), languages: Sequence[str] = ()
    ) -> None:
        """The user has spoken (or typed) `text`; the agent owes a reply.

        Should the agent speak meanwhile, as an injection may have it do, the user interrupts that.
        """
        if self.floor.current:
            self.user_starts(at)
        self.user_speaks = False
        self.user_ended_at = at
        heard = configuration.languages_heard(self.settings, languages)
        self.send(messages.conversation_text("user", text, **heard), breaks)
        self.floor.remember(messages.history_statement("user", text))

    def user_types(self, text: str, at: float) -> None:
        """The user's turn all at once; calls that are pending are talked over."""
        if self.calls:
            self.user_starts(at)
        self.user_ends(text, at)

    def user_attends(self, text: str) -> None:
        """The user shows that they listen, without taking the floor."""
        said = messages.conversation_text("user", text, conversational_behavior=messages.BACKCHANNEL)
        self.send(said)
        self.floor.remember(messages.history_statement("user", text))

    def asked_at(self) -> float | None:
        """When the user's turn ended that the next reply answers; asked once."""
        at, self.user_ended_at = self.user_ended_at, None
        return at


def kind_of_answer(body: JsonObject) -> tuple[str, str]:
    """By what a step that mentions an answer means it: the type, and for a Warning also its code."""
    return str(body.get("type")), str(body.get("code", ""))
