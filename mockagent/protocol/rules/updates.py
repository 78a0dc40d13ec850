"""Updates and their acknowledgements. Source: the Update and Updated pages."""

from collections.abc import Iterator

from mockagent.protocol import messages, updates
from mockagent.protocol.causes import uncaused
from mockagent.protocol.events import Dialect, Event, Message, Side
from mockagent.protocol.ruling import Breach, rule
from mockagent.protocol.session import Session

_CONFIRMED = messages.ACKNOWLEDGEMENTS[Dialect.V1]
_ACKNOWLEDGEMENTS = tuple(ack for update, ack in _CONFIRMED.items() if update != "Settings")
_UPDATES = {ack: update for update, ack in _CONFIRMED.items()}


@rule("UPD-001", Side.SERVER, *_ACKNOWLEDGEMENTS)
def an_acknowledgement_answers_an_update(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message) and event.content.type not in session.acknowledgements_due:
        yield Breach(f"{_UPDATES[event.content.type]} before {event.content.type}", "none")


@rule("UPD-002", Side.SERVER, *_ACKNOWLEDGEMENTS)
def updates_are_acknowledged_in_order(session: Session, event: Event) -> Iterator[Breach]:
    due = session.acknowledgements_due
    if isinstance(event.content, Message) and event.content.type in due and event.content.type != due[0]:
        yield Breach(f"{due[0]}, which was asked for first", event.content.type)


@rule("UPD-003", Side.SERVER, "ConversationText")
def a_cut_prompt_is_told_before_the_agent_speaks(session: Session, event: Event) -> Iterator[Breach]:
    is_agent = isinstance(event.content, Message) and event.content.body.get("role") == "assistant"
    if session.prompt_was_cut and is_agent:
        yield Breach("Warning PROMPT_TOO_LONG before the agent speaks", "none")


@rule("UPD-004", Side.CLIENT, "UpdateListen")
def a_client_leaves_alone_what_is_fixed(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message) and updates.changes_what_is_fixed(
        session.settings, event.content.body
    ):
        yield Breach("the type, version and model of listening as they are", "another", "/listen/provider")


@rule("UPD-005", Side.SERVER, "Warning")
def what_is_fixed_was_to_be_changed(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"):
        yield Breach("an UpdateListen that changes type, version or model before it", code, "/code")


@rule("UPD-006", Side.SERVER, "Warning")
def only_a_prompt_that_is_too_long_is_cut(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is None or not updates.is_managed(session.settings):
        return
    code = event.content.body.get("code") if isinstance(event.content, Message) else None
    if code == "PROMPT_TOO_LONG" and len(session.prompt) < updates.MOST_CHARACTERS:
        yield Breach(
            f"a prompt of more than {updates.MOST_CHARACTERS} characters", f"{len(session.prompt)}", "/code"
        )
