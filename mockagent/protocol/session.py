"""A session: the conversation as an onlooker sees it, after each event. Immutable; `apply` gives the next one.

It takes no side and refuses nothing: an event that the table forbids is for the rules to report, and the
session goes on as well as it can. Time is `event.at`; what must happen by when is `deadline`.
"""

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
from mockagent.protocol.injection import Behavior, behavior_of
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Move, Phase, Turn

FIRST_SETTINGS = "first settings"
SILENCE = "silence"
ANSWER = "answer"

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

    `turn` is who had the floor when it came: by that the server must decide.
    """

    text: str
    behavior: Behavior
    turn: Turn
    at: float


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
    user_text_at: float | None = None
    calls: tuple[PendingCall, ...] = ()
    answered: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()
    acknowledgements_due: tuple[str, ...] = ()
    injections_due: tuple[PendingInjection, ...] = ()
    typed_texts_due: int = 0
    reply_bytes: int = 0
    reply_announced: bool = False

    def name_of(self, event: Event) -> str | None:
        """What the transition table calls this event; None for what is in no row (malformed, time)."""
        match event.content:
            case Audio():
                return transitions.AUDIO
            case Closed():
                return transitions.CLOSE
            case Message(type="ConversationText", body=body) if event.sender is Side.SERVER:
                return self._name_of_text(body)
            case Message(type=type):
                return type
            case _:
                return None

    def _name_of_text(self, body: JsonObject) -> str:
        if body.get("role") == "user":
            return transitions.TYPED_TEXT if self.typed_texts_due else transitions.USER_TEXT
        if any(due.behavior is Behavior.INTERRUPT for due in self.injections_due):
            return transitions.INTERRUPTING_TEXT
        return transitions.AGENT_TEXT

    def allows(self, sender: Side, name: str) -> Move | None:
        """The row of the table by which `sender` may do that now; None when it may not."""
        return transitions.move(sender, name, self.phase, self.turn)

    @property
    def deadline(self) -> tuple[float, str] | None:
        """When the next limit runs out, and which one it is; None when nothing is due."""
        if self.phase in (Phase.OPEN, Phase.WELCOMED):
            return self.switches.first_settings_within, FIRST_SETTINGS
        if self.phase not in _CONFIGURED:
            return None
        silence = self.last_client_at + self.switches.silence_for
        waiting = [
            c.at + self.switches.answer_within for c in self.calls if c.call.client_side and not c.overdue
        ]
        answer = min(waiting, default=silence)
        return (answer, ANSWER) if answer < silence else (silence, SILENCE)

    def apply(self, event: Event) -> "Session":
        """The session after the event."""
        match event.content:
            case Opened(dialect=dialect):
                return replace(self, dialect=dialect)
            case Elapsed(limit=limit):
                return self._after_limit(limit, event.at)
            case Malformed():
                return self._heard(event)
        name = self.name_of(event)
        row = self.allows(event.sender, name) if name else None
        changes: dict[str, Any] = _changes(self, event)
        if row and row.to_phase:
            changes["phase"] = row.to_phase
        if row and row.to_turn:
            changes["turn"] = row.to_turn
        if event.sender is Side.CLIENT:
            changes["last_client_at"] = event.at
        return replace(self, **changes) if changes else self

    def _heard(self, event: Event) -> "Session":
        return replace(self, last_client_at=event.at) if event.sender is Side.CLIENT else self

    def _after_limit(self, limit: str, at: float) -> "Session":
        if limit != ANSWER:
            return self
        calls = tuple(
            replace(c, overdue=True) if c.at + self.switches.answer_within <= at else c for c in self.calls
        )
        return replace(self, calls=calls)

    def pending(self, id: str, name: str) -> PendingCall | None:
        """The pending call that a response with this id (or, without an id, this name) answers."""
        for pending in self.calls:
            if pending.call.id == id if id else pending.call.name == name:
                return pending
        return None


def _changes(session: Session, event: Event) -> dict[str, Any]:
    match event.content:
        case Message() as message:
            handler = _HANDLERS.get((event.sender, message.type))
            return handler(session, message.body, event.at) if handler else {}
        case Audio(size=size) if event.sender is Side.SERVER:
            return {"reply_bytes": session.reply_bytes + size}
        case _:
            return {}


def _settings(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    if session.settings is not None:
        return {}
    prompt = messages.first_think(body).get("prompt", "")
    return {"settings": body, "prompt": str(prompt), "acknowledgements_due": ("SettingsApplied",)}


def _update(type: str) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        due = messages.ACKNOWLEDGEMENTS[session.dialect].get(type)
        changes: dict[str, Any] = {}
        if due:
            changes["acknowledgements_due"] = (*session.acknowledgements_due, due)
        if type in ("UpdatePrompt", "UpdateInstructions"):
            added = str(body.get("prompt", body.get("instructions", "")))
            changes["prompt"] = f"{session.prompt}\n{added}" if session.prompt else added
        if type == "UpdateThink" and session.settings is not None:
            agent = {**dict(session.settings.get("agent") or {}), "think": body.get("think")}
            changes["settings"] = {**session.settings, "agent": agent}
            changes["prompt"] = str(messages.first_think(changes["settings"]).get("prompt", ""))
        return changes

    return handler


def _acknowledged(type: str) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        due = list(session.acknowledgements_due)
        if type in due:
            due.remove(type)
        return {"acknowledgements_due": tuple(due)}

    return handler


def _injected(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    due = PendingInjection(messages.injected_text(body), behavior_of(body), session.turn, at)
    return {"injections_due": (*session.injections_due, due)}


def _injection_refused(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"injections_due": session.injections_due[1:]}


def _typed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"typed_texts_due": session.typed_texts_due + 1}


def _conversation_text(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    if body.get("role") == "user":
        return {"user_text_at": at, "typed_texts_due": max(0, session.typed_texts_due - 1)}
    spoken = body.get("content")
    due = tuple(i for i in session.injections_due if i.text != spoken)
    begins = {"reply_bytes": 0} if session.turn is not Turn.SPEAKING else {}
    return {"injections_due": due, **begins}


def _requested(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    calls = tuple(PendingCall(call, at) for call in messages.calls_of(body))
    ids = {pending.call.id for pending in calls}
    return {"calls": session.calls + calls, "requested": session.requested | ids}


def _cancelled(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    ids = {call.id for call in messages.calls_of(body)}
    return {
        "calls": tuple(c for c in session.calls if c.call.id not in ids),
        "answered": session.answered | ids,
    }


def _answered(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    result = messages.result_of(body)
    pending = session.pending(result.id, result.name)
    if pending is None:
        return {}
    calls = tuple(c for c in session.calls if c is not pending)
    return {"calls": calls, "answered": session.answered | {pending.call.id}}


def _welcomed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"welcomed_at": at}


def _failed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"failed_at": at}


def _audio_done(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"reply_bytes": 0, "reply_announced": False}


def _announced(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"reply_announced": True}


def _user_started(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"reply_bytes": 0, "reply_announced": False}


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
    (Side.CLIENT, "FunctionCallResponse"): _answered,
    (Side.SERVER, "FunctionCallResponse"): _answered,
    (Side.SERVER, "FunctionCallRequest"): _requested,
    (Side.SERVER, "FunctionCallCancelled"): _cancelled,
    (Side.SERVER, "Welcome"): _welcomed,
    (Side.SERVER, "Error"): _failed,
    (Side.SERVER, "ConversationText"): _conversation_text,
    (Side.SERVER, "InjectionRefused"): _injection_refused,
    (Side.SERVER, "AgentAudioDone"): _audio_done,
    (Side.SERVER, "AgentStartedSpeaking"): _announced,
    (Side.SERVER, "UserStartedSpeaking"): _user_started,
    **{(Side.CLIENT, type): _update(type) for type in _UPDATES},
    **{
        (Side.SERVER, type): _acknowledged(type)
        for table in messages.ACKNOWLEDGEMENTS.values()
        for type in table.values()
    },
}
