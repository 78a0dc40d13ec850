"""What each event changes about a session: the session after it, from the session before.

It takes no side and refuses nothing: where the table of transitions has no row for an event, what the event says
is still taken down, as well as it can be.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockagent.protocol import messages, updates
from mockagent.protocol.causes import causes, may_cause
from mockagent.protocol.events import (
    Closed,
    Elapsed,
    Event,
    JsonObject,
    Malformed,
    Message,
    Opened,
    Side,
)
from mockagent.protocol.injection import Behavior, Outcome, behavior_of
from mockagent.protocol.messages import FunctionResult
from mockagent.protocol.session import (
    ANSWER,
    MOST_UNTOLD,
    SILENCE,
    PendingCall,
    PendingInjection,
    Session,
)
from mockagent.protocol.transitions import Phase


def after(session: Session, event: Event) -> Session:
    """The session after the event."""
    match event.content:
        case Opened(dialect=dialect):
            return replace(session, dialect=dialect)
        case Elapsed(limit=limit):
            return _after_limit(session, limit, event.at)
        case Malformed():
            return replace(session, **_heard(session, event))
    name = session.name_of(event)
    row = session.moved_by(event.sender, name) if name else None
    changes: dict[str, Any] = _changes(session, event) if name else {}
    if row and row.to_phase:
        changes["phase"] = row.to_phase
    if row and row.to_turn and row.to_turn is not session.turn:
        changes["turn"] = row.to_turn
    changes |= _heard(session, event)
    if isinstance(event.content, Closed) and session.closed_by is None:
        changes["closed_by"] = event.sender
    return _changed(session, changes) if changes else session


def _changed(session: Session, changes: Mapping[str, Any]) -> Session:
    """As `replace`, in a fraction of its time: every event but silence asks for it."""
    later = object.__new__(Session)
    later.__dict__.update(session.__dict__)
    later.__dict__.update(changes)
    return later


def _heard(session: Session, event: Event) -> dict[str, Any]:
    if event.sender is not Side.CLIENT:
        return {}
    heard: dict[str, Any] = {"last_client_at": event.at}
    if SILENCE in session.ran_out:
        heard["ran_out"] = session.ran_out - {SILENCE}
    if may_cause(session, event):
        given = session.causes.union(causes(session, event))
        if len(given) > len(session.causes):
            heard["causes"] = given
    return heard


def _after_limit(session: Session, limit: str, at: float) -> Session:
    if limit != ANSWER:
        return replace(session, ran_out=session.ran_out | {limit})
    late = session.unanswered(at)
    calls = tuple(replace(each, overdue=True) if each in late else each for each in session.calls)
    return replace(session, calls=calls)


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
    type = messages.SETTINGS[session.dialect]
    prompted = _prompted(session, body, type, body)
    return {"settings": body, "acknowledgements_due": ("SettingsApplied",), **prompted}


def _update(type: str) -> Any:
    def handler(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
        due = messages.ACKNOWLEDGEMENTS[session.dialect].get(type)
        changes: dict[str, Any] = {}
        if due:
            changes["acknowledgements_due"] = (*session.acknowledgements_due, due)
        if session.settings is None:
            return changes
        settings = updates.settings_after(session.settings, type, body, session.dialect)
        return changes | {"settings": settings} | _prompted(session, settings, type, body)

    return handler


def _prompted(session: Session, settings: JsonObject, type: str, body: JsonObject) -> dict[str, Any]:
    prompt = updates.prompt_after(settings, session.prompt, type, body, session.dialect)
    if prompt is None:
        return {}
    return {"prompt": prompt.text, "prompt_was_cut": session.prompt_was_cut or prompt.was_cut}


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
    match body.get("code"):
        case "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED":
            return _no_longer_due(session, "ListenUpdated")
        case "PROMPT_TOO_LONG":
            return {"prompt_was_cut": False}
        case "MAXIMUM_SESSION_LENGTH_APPROACHING":
            return {"warned_of_the_end": True}
    return {}


def _injected(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    due = PendingInjection(messages.injected_text(body), behavior_of(body), session.turn, at)
    return {"injections_due": (*session.injections_due, due)}


def _injection_refused(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    refused = (due for due in session.injections_due if due.outcome is Outcome.REFUSE)
    return _spoken_or_refused(session, next(refused, next(iter(session.injections_due), None)))


def _spoken_or_refused(session: Session, injection: PendingInjection | None) -> dict[str, Any]:
    return {"injections_due": tuple(due for due in session.injections_due if due is not injection)}


def _typed(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    return {"typed_texts_due": (*session.typed_texts_due, messages.typed_text(body))}


def _conversation_text(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    statements = (*session.statements, messages.statement_of(body))[-MOST_UNTOLD:]
    if messages.is_backchannel(body):
        return {"statements": statements}
    if body.get("role") == "user":
        due = _without(session.typed_texts_due, messages.statement_of(body)[1])
        return {"typed_texts_due": due, "reply_announced": False, "statements": statements}
    spoken = session.injection_spoken_by(body)
    is_new_reply = spoken is not None and spoken.behavior is Behavior.INTERRUPT
    announced = session.reply_announced and not is_new_reply
    changes = {
        **_spoken_or_refused(session, spoken),
        "reply_announced": announced,
        "statements": statements,
    }
    return changes | {"prompt_was_cut": False} if session.prompt_was_cut else changes


def _without(due: tuple[str, ...], text: str) -> tuple[str, ...]:
    """What is still due once a text has come: it settles itself, or else the one that has waited longest."""
    place = due.index(text) if text in due else 0
    return due[:place] + due[place + 1 :]


def _told(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    told = {call.id for call, _ in messages.completed_calls(body)}
    if told:
        return {"completed": tuple(each for each in session.completed if each[0].id not in told)}
    statement = messages.statement_of(body)
    if statement not in session.statements:
        return {}
    place = session.statements.index(statement)
    return {"statements": session.statements[:place] + session.statements[place + 1 :]}


def _requested(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    calls = tuple(PendingCall(call, at) for call in messages.calls_of(body))
    ids = {pending.call.id for pending in calls}
    here = {pending.call.id for pending in calls if not pending.call.client_side}
    changes = {"calls": session.calls + calls, "requested": session.requested | ids}
    return changes | {"requested_here": session.requested_here | here} if here else changes


def _cancelled(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    ids = {call.id for call in messages.calls_of(body)}
    return {
        "calls": tuple(c for c in session.calls if c.call.id not in ids),
        "cancelled": session.cancelled + tuple(c.call for c in session.calls if c.call.id in ids),
        "withdrawn": session.withdrawn | ids,
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
        completed = (*session.completed, (pending.call, result.content))[-MOST_UNTOLD:]
        answered = session.answered | {pending.call.id}
        return {"calls": calls, "answered": answered, "completed": completed}

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


def _user_started(session: Session, body: JsonObject, at: float) -> dict[str, Any]:
    calls = tuple(replace(pending, abandoned=True) for pending in session.calls)
    return {"reply_announced": False, "calls": calls}


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
    (Side.SERVER, "History"): _told,
    (Side.SERVER, "ConversationText"): _conversation_text,
    (Side.SERVER, "InjectionRefused"): _injection_refused,
    (Side.SERVER, "AgentAudioDone"): _reply_over,
    (Side.SERVER, "AgentStartedSpeaking"): _announced,
    (Side.SERVER, "UserStartedSpeaking"): _user_started,
    **{(Side.CLIENT, type): _update(type) for type in _UPDATES},
    **{
        (Side.SERVER, type): _acknowledged(type)
        for table in messages.ACKNOWLEDGEMENTS.values()
        for type in table.values()
    },
}
