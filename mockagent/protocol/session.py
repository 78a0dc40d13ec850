"""A session: the conversation as an onlooker sees it, after each event. Immutable; `effects.after` gives the next one.

It takes no side and refuses nothing: an event that the table forbids is for the rules to report, and the
session goes on as well as it can. Time is `event.at`; what must happen by when is `deadline`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mockagent.protocol import messages, transitions
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Event,
    JsonObject,
    Message,
    Side,
)
from mockagent.protocol.injection import Behavior, Outcome, outcome
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Move, Phase, Turn

FIRST_SETTINGS = "first settings"
SILENCE = "silence"
ANSWER = "answer"
SESSION_WARNING = "session warning"
SESSION_END = "the session"
UNREAD = "unread"
"""Not of time: the client has left so much unread that the server ends the connection."""

MOST_UNTOLD = 16
"""Statements, and calls, that are remembered for the History of them; a server need not send any."""

_ROUNDING = 1e-5
"""Seconds: the times of a trace are rounded, so a limit may seem to run out that much too soon."""

_BEFORE_SETTINGS = frozenset({Phase.OPEN, Phase.WELCOMED})
_CONFIGURED = frozenset({Phase.EARLY, Phase.CONFIGURING, Phase.ACTIVE})


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call that was asked for `at` and has no answer yet; `overdue` once its limit ran out.

    `abandoned` once the user has begun to speak after it: then it is to be cancelled.
    """

    call: FunctionCall
    at: float
    overdue: bool = False
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class PendingInjection:
    """An InjectAgentMessage of the client that the server has neither spoken nor refused.

    `turn` is who had the floor when it came: by that the server must decide. `text` is "" where the server
    is to find the words.
    """

    text: str
    behavior: Behavior
    turn: Turn
    at: float

    @property
    def outcome(self) -> Outcome:
        """What the table says must become of it."""
        return outcome(self.behavior, self.turn)


@dataclass(frozen=True)
class Session:
    """All that the past events mean for the next one. Times are seconds since the connection opened.

    `settings` and `prompt` are as the updates have left them; `prompt_was_cut` says that the client is not told yet.
    `cancelled` calls may still be answered late; `withdrawn` are the ids of all that were ever cancelled,
    `requested` of all that were asked for, `requested_here` of those that the server runs itself.
    `statements` (role, text) and `completed` calls (with their responses) are the last that no History has told of
    yet, at most `MOST_UNTOLD`. `causes` are the codes of Errors and Warnings that something has given cause for.
    """

    dialect: Dialect = Dialect.V1
    switches: Switches = Switches()
    phase: Phase = Phase.OPEN
    turn: Turn = Turn.SILENCE
    settings: JsonObject | None = None
    prompt: str = ""
    prompt_was_cut: bool = False
    last_client_at: float = 0.0
    welcomed_at: float | None = None
    failed_at: float | None = None
    calls: tuple[PendingCall, ...] = ()
    answered: frozenset[str] = frozenset()
    cancelled: tuple[FunctionCall, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()
    requested_here: frozenset[str] = frozenset()
    acknowledgements_due: tuple[str, ...] = ()
    injections_due: tuple[PendingInjection, ...] = ()
    typed_texts_due: tuple[str, ...] = ()
    statements: tuple[tuple[str, str], ...] = ()
    completed: tuple[tuple[FunctionCall, str], ...] = ()
    reply_announced: bool = False
    ran_out: frozenset[str] = frozenset()
    warned_of_the_end: bool = False
    causes: frozenset[str] = frozenset()
    closed_by: Side | None = None

    def name_of(self, event: Event) -> str | None:
        """What the transition table calls this event; None for what is in no row (unknown types, malformed, time)."""
        match event.content:
            case Audio():
                return transitions.AUDIO
            case Closed():
                return transitions.CLOSE
            case Message(type="ConversationText", body=body) if event.sender is Side.SERVER:
                return self._name_of_text(body)
            case Message(type=type) if type in TYPES[self.dialect, event.sender]:
                return type
            case _:
                return None

    def _name_of_text(self, body: JsonObject) -> str:
        if messages.is_backchannel(body):
            return transitions.BACKCHANNEL_TEXT
        if body.get("role") == "user":
            return transitions.TYPED_TEXT if self.typed_texts_due else transitions.USER_TEXT
        spoken = self.injection_spoken_by(body)
        is_interrupting = spoken is not None and spoken.behavior is Behavior.INTERRUPT
        return transitions.INTERRUPTING_TEXT if is_interrupting else transitions.AGENT_TEXT

    def injection_spoken_by(self, body: JsonObject) -> PendingInjection | None:
        """The pending injection that a ConversationText speaks; of several alike one that may be spoken."""
        text = body.get("content")
        alike = [
            due
            for due in self.injections_due
            if due.text == text or (not due.text and due.outcome is not Outcome.REFUSE)
        ]
        return min(alike, key=lambda due: (due.outcome is Outcome.REFUSE, not due.text), default=None)

    def allows(self, sender: Side, name: str) -> Move | None:
        """The row of the table by which `sender` may do that now; None when it may not."""
        return transitions.move(sender, name, self.phase, self.turn)

    def moved_by(self, sender: Side, name: str) -> Move | None:
        """The row by which the session goes on when `sender` does that now, allowed or not."""
        return transitions.consequence(sender, name, self.phase, self.turn)

    @property
    def deadline(self) -> tuple[float, str] | None:
        """When the next limit runs out, and which one it is; None when nothing is due. Each runs out once."""
        return min((due for due in self._limits() if due[1] not in self.ran_out), default=None)

    def runs_out_at(self, limit: str) -> float | None:
        """When that limit runs out, as things stand; None when it does not, or has already."""
        limits = (at for at, name in self._limits() if name == limit and name not in self.ran_out)
        return next(limits, None)

    def _limits(self) -> Iterator[tuple[float, str]]:
        if self.phase in _BEFORE_SETTINGS:
            yield self.switches.first_settings_within, FIRST_SETTINGS
        elif self.phase in _CONFIGURED:
            yield self.last_client_at + self.switches.silence_for, SILENCE
            yield from self._session_limits()
            for pending in self.calls:
                if pending.call.client_side and not pending.overdue:
                    yield pending.at + self.switches.answer_within, ANSWER

    def _session_limits(self) -> Iterator[tuple[float, str]]:
        ends_at = self.switches.session_for
        warns_at = ends_at - self.switches.session_warned_before
        if self.dialect is Dialect.V1:
            if warns_at > 0:
                yield warns_at, SESSION_WARNING
            yield ends_at, SESSION_END

    def unanswered(self, at: float) -> tuple[PendingCall, ...]:
        """The calls for whose answer the client's time has run out by then, and was not yet said to have."""
        return tuple(
            pending
            for pending in self.calls
            if pending.call.client_side
            and not pending.overdue
            and pending.at + self.switches.answer_within <= at + _ROUNDING
        )

    def pending(self, id: str, name: str) -> PendingCall | None:
        """The pending call that a response with this id (or, without an id, this name) answers."""
        return next((pending for pending in self.calls if _is_meant(pending.call, id, name)), None)

    def cancelled_call(self, id: str, name: str) -> FunctionCall | None:
        """The cancelled call that a response of this id or name answers too late, through no fault of its own."""
        return next((call for call in self.cancelled if _is_meant(call, id, name)), None)


def _is_meant(call: FunctionCall, id: str, name: str) -> bool:
    return call.id == id if id else call.name == name
