"""A session: the conversation as an onlooker sees it, after each event. Immutable; `apply` gives the next one.

It takes no side and refuses nothing: an event that the table forbids is for the rules to report, and the
session goes on as well as it can. Time is `event.at`; what must happen by when is `deadline`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockagent.protocol import messages, transitions
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    JsonObject,
    Malformed,
    Message,
    Opened,
    Side,
)
from mockagent.protocol.injection import Behavior, Outcome, behavior_of, outcome
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.messages import FunctionCall, FunctionResult
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Move, Phase, Turn

FIRST_SETTINGS = "first settings"
SILENCE = "silence"
ANSWER = "answer"

_ROUNDING = 1e-5
"""Seconds: the times of a trace are rounded, so a limit may seem to run out that much too soon."""

_BEFORE_SETTINGS = frozenset({Phase.OPEN, Phase.WELCOMED})
_CONFIGURED = frozenset({Phase.EARLY, Phase.CONFIGURING, Phase.ACTIVE})


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call that was asked for `at` and has no answer yet; `overdue` once its limit ran out."""

    call: FunctionCall
    at: float
    overdue: bool = False


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


@dataclass(frozen=True, slots=True)
class Session:
    """All that the past events mean for the next one. Times are seconds since the connection opened."""

    dialect: Dialect = Dialect.V1
    switches: Switches = Switches()
    phase: Phase = Phase.OPEN
    turn: Turn = Turn.SILENCE
    settings: JsonObject | None = None
    prompt: str = ""
    last_client_at: float = 0.0
    welcomed_at: float | None = None
    failed_at: float | None = None
    calls: tuple[PendingCall, ...] = ()
    answered: frozenset[str] = frozenset()
    cancelled: tuple[FunctionCall, ...] = ()
    requested: frozenset[str] = frozenset()
    acknowledgements_due: tuple[str, ...] = ()
    injections_due: tuple[PendingInjection, ...] = ()
    typed_texts_due: int = 0
    reply_announced: bool = False
    ran_out: frozenset[str] = frozenset()

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

    @property
    def deadline(self) -> tuple[float, str] | None:
        """When the next limit runs out, and which one it is; None when nothing is due. Each runs out once."""
        return min((due for due in self._limits() if due[1] not in self.ran_out), default=None)

    def _limits(self) -> Iterator[tuple[float, str]]:
        if self.phase in _BEFORE_SETTINGS:
            yield self.switches.first_settings_within, FIRST_SETTINGS
        elif self.phase in _CONFIGURED:
            yield self.last_client_at + self.switches.silence_for, SILENCE
            for pending in self.calls:
                if pending.call.client_side and not pending.overdue:
                    yield pending.at + self.switches.answer_within, ANSWER

    def unanswered(self, at: float) -> tuple[PendingCall, ...]:
        """The calls for whose answer the client's time has run out by then, and was not yet said to have."""
        return tuple(
            pending
            for pending in self.calls
            if pending.call.client_side
            and not pending.overdue
            and pending.at + self.switches.answer_within <= at + _ROUNDING
        )

    def apply(self, event: Event) -> "Session":
        """The session after the event."""
        match event.content:
            case Opened(dialect=dialect):
                return replace(self, dialect=dialect)
            case Elapsed(limit=limit):
                return self._after_limit(limit, event.at)
            case Malformed():
                return replace(self, **self._heard(event))
        name = self.name_of(event)
        row = self.allows(event.sender, name) if name else None
        changes: dict[str, Any] = _changes(self, event) if name else {}
        if row and row.to_phase:
            changes["phase"] = row.to_phase
        if row and row.to_turn and row.to_turn is not self.turn:
            changes["turn"] = row.to_turn
        changes |= self._heard(event)
        return replace(self, **changes) if changes else self

    def _heard(self, event: Event) -> dict[str, Any]:
        if event.sender is not Side.CLIENT:
            return {}
        return {"last_client_at": event.at, "ran_out": self.ran_out - {SILENCE}}

    def _after_limit(self, limit: str, at: float) -> "Session":
        if limit != ANSWER:
            return replace(self, ran_out=self.ran_out | {limit})
        late = self.unanswered(at)
        calls = tuple(replace(each, overdue=True) if each in late else each for each in self.calls)
        return replace(self, calls=calls)

    def pending(self, id: str, name: str) -> PendingCall | None:
        """The pending call that a response with this id (or, without an id, this name) answers."""
        return next((pending for pending in self.calls if _is_meant(pending.call, id, name)), None)

    def cancelled_call(self, id: str, name: str) -> FunctionCall | None:
        """The cancelled call that a response of this id or name answers too late, through no fault of its own."""
        return next((call for call in self.cancelled if _is_meant(call, id, name)), None)


def _is_meant(call: FunctionCall, id: str, name: str) -> bool:
    return call.id == id if id else call.name == name


def _changes(session: Session, event: Event) -> dict[str, Any]:
    match event.content:
        case Message() as message:
            handler = _HANDLERS.get((event.sender, message.type))
            return handler(session, message.body, event.at) if handler else {}
        case _:
            return {}


def _settings(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    if session.settings is not None:
        return {}
    prompt = messages.prompt_of(body)
    return {"settings": body, "prompt": prompt, "acknowledgements_due": ("SettingsApplied",)}


def _update(type: str) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        due = messages.ACKNOWLEDGEMENTS[session.dialect].get(type)
        changes: dict[str, Any] = {}
        if due:
            changes["acknowledgements_due"] = (*session.acknowledgements_due, due)
        if type in ("UpdatePrompt", "UpdateInstructions"):
            added = messages.added_prompt(body)
            changes["prompt"] = f"{session.prompt}\n{added}" if session.prompt else added
        if type == "UpdateThink" and session.settings is not None:
            agent = session.settings.get("agent")
            others = agent if isinstance(agent, Mapping) else {}
            changes["settings"] = {**session.settings, "agent": {**others, "think": body.get("think")}}
            changes["prompt"] = messages.prompt_of(changes["settings"])
        return changes

    return handler


def _acknowledged(type: str) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        return _no_longer_due(session, type)

    return handler


def _no_longer_due(session: Session, type: str) -> dict[str, Any]:
    due = list(session.acknowledgements_due)
    if type in due:
        due.remove(type)
    return {"acknowledgements_due": tuple(due)}


def _warned(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    is_instead = body.get("code") == "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"
    return _no_longer_due(session, "ListenUpdated") if is_instead else {}


def _injected(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    due = PendingInjection(messages.injected_text(body), behavior_of(body), session.turn, at)
    return {"injections_due": (*session.injections_due, due)}


def _injection_refused(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    refused = (due for due in session.injections_due if due.outcome is Outcome.REFUSE)
    return _spoken_or_refused(session, next(refused, next(iter(session.injections_due), None)))


def _spoken_or_refused(session: Session, injection: PendingInjection | None) -> dict[str, Any]:
    return {"injections_due": tuple(due for due in session.injections_due if due is not injection)}


def _typed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"typed_texts_due": session.typed_texts_due + 1}


def _conversation_text(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    if body.get("role") == "user":
        return {"typed_texts_due": max(0, session.typed_texts_due - 1), "reply_announced": False}
    spoken = session.injection_spoken_by(body)
    is_new_reply = spoken is not None and spoken.behavior is Behavior.INTERRUPT
    announced = session.reply_announced and not is_new_reply
    return {**_spoken_or_refused(session, spoken), "reply_announced": announced}


def _requested(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    calls = tuple(PendingCall(call, at) for call in messages.calls_of(body))
    ids = {pending.call.id for pending in calls}
    return {"calls": session.calls + calls, "requested": session.requested | ids}


def _cancelled(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    ids = {call.id for call in messages.calls_of(body)}
    return {
        "calls": tuple(c for c in session.calls if c.call.id not in ids),
        "cancelled": session.cancelled + tuple(c.call for c in session.calls if c.call.id in ids),
    }


def _answered_by(side: Side) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        result = messages.result_of(body)
        pending = session.pending(result.id, result.name)
        if pending is None:
            return _answered_late(session, result)
        if pending.call.client_side is not (side is Side.CLIENT):
            return {}
        calls = tuple(c for c in session.calls if c is not pending)
        return {"calls": calls, "answered": session.answered | {pending.call.id}}

    return handler


def _answered_late(session: Session, result: FunctionResult) -> dict[str, Any]:
    call = session.cancelled_call(result.id, result.name)
    if call is None:
        return {}
    cancelled = tuple(each for each in session.cancelled if each is not call)
    return {"cancelled": cancelled, "answered": session.answered | {call.id}}


def _welcomed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"welcomed_at": at}


def _failed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    if session.phase in (Phase.FAILED, Phase.CLOSED):
        return {}
    return {"failed_at": at, "phase": Phase.FAILED}


def _announced(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"reply_announced": True}


def _reply_over(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"reply_announced": False}


_UPDATES = (
    "UpdatePrompt",
    "UpdateSpeak",
    "UpdateThink",
    "UpdateListen",
    "UpdateThink_Live",
    "UpdateInstructions",
)
_HANDLERS: dict[tuple[Side, str], Any] = {
    (Side.CLIENT, "Settings"): _settings,
    (Side.CLIENT, "SettingsConfiguration"): _settings,
    (Side.CLIENT, "InjectAgentMessage"): _injected,
    (Side.CLIENT, "InjectUserMessage"): _typed,
    (Side.CLIENT, "FunctionCallResponse"): _answered_by(Side.CLIENT),
    (Side.SERVER, "FunctionCallResponse"): _answered_by(Side.SERVER),
    (Side.SERVER, "FunctionCallRequest"): _requested,
    (Side.SERVER, "FunctionCallCancelled"): _cancelled,
    (Side.SERVER, "Welcome"): _welcomed,
    (Side.SERVER, "Error"): _failed,
    (Side.SERVER, "Warning"): _warned,
    (Side.SERVER, "ConversationText"): _conversation_text,
    (Side.SERVER, "InjectionRefused"): _injection_refused,
    (Side.SERVER, "AgentAudioDone"): _reply_over,
    (Side.SERVER, "AgentStartedSpeaking"): _announced,
    (Side.SERVER, "UserStartedSpeaking"): _reply_over,
    **{(Side.CLIENT, type): _update(type) for type in _UPDATES},
    **{
        (Side.SERVER, type): _acknowledged(type)
        for table in messages.ACKNOWLEDGEMENTS.values()
        for type in table.values()
    },
}
