"""What a side still owes the other at a moment of a session: what must come next, whatever else does. Pure."""

from collections.abc import Iterator

from mockagent.protocol import messages
from mockagent.protocol.events import Side
from mockagent.protocol.injection import Outcome
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase, Turn


def owed(session: Session, side: Side) -> tuple[str, ...]:
    """What that side has to do, in words; empty where nothing waits for it."""
    return tuple(_of_client(session) if side is Side.CLIENT else _of_server(session))


def _of_client(session: Session) -> Iterator[str]:
    if session.phase is Phase.WELCOMED:
        yield messages.SETTINGS[session.dialect]
    if session.phase is Phase.ACTIVE:
        for pending in session.calls:
            if pending.call.client_side and not pending.abandoned:
                yield f"FunctionCallResponse to {pending.call.id or pending.call.name}"
    if session.phase is Phase.FAILED:
        yield "the end of the session, after Error"


def _of_server(session: Session) -> Iterator[str]:
    match session.phase:
        case Phase.OPEN | Phase.EARLY:
            yield "Welcome"
        case Phase.CONFIGURING:
            yield "SettingsApplied"
        case Phase.ACTIVE:
            yield from session.acknowledgements_due
            yield from (f"ConversationText of the user: {text!r}" for text in session.typed_texts_due)
            for due in session.injections_due:
                waits = due.outcome is Outcome.WAIT and session.turn is not Turn.SILENCE
                if not waits:
                    yield f"ConversationText of an InjectAgentMessage, or InjectionRefused: {due.text!r}"
        case Phase.FAILED:
            yield "the close, after Error"
