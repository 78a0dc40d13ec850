"""History repeats what was said and done. Source: the History pages; that it is word for word is our conclusion."""

from collections.abc import Iterator

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Event, JsonObject, Message, Side
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.ruling import Breach, rule
from mockagent.protocol.session import Session
from mockagent.protocol.wording import quoted

_HISTORY = "History"


def _body(event: Event) -> JsonObject:
    return event.content.body if isinstance(event.content, Message) else {}


def _told(
    session: Session, event: Event
) -> Iterator[tuple[str, FunctionCall, str, FunctionCall | None, str]]:
    """Where each call of a History stands and what is said of it; then the call as it was, if it was completed."""
    completed = {call.id: (call, response) for call, response in session.completed}
    for index, (call, response) in enumerate(messages.completed_calls(_body(event))):
        as_was, answer = completed.get(call.id, (None, ""))
        yield f"/function_calls/{index}", call, response, as_was, answer


def _ids_of_context(session: Session) -> set[str]:
    context = configuration.context_of(session.settings or {})
    return {call.id for item in context for call, _ in messages.completed_calls(item)}


@rule("HIS-001", Side.SERVER, _HISTORY)
def history_is_sent_where_it_is_wanted(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is not None and not configuration.wants_history(session.settings):
        yield Breach("no History, since flags.history is false", "one")


@rule("HIS-002", Side.SERVER, _HISTORY)
def history_repeats_what_was_said(session: Session, event: Event) -> Iterator[Breach]:
    role, text = messages.statement_of(_body(event))
    known = (
        *session.statements,
        *map(messages.statement_of, configuration.context_of(session.settings or {})),
    )
    if role and (role, text) not in known:
        yield Breach(
            "a statement that ConversationText brought, word for word and once", quoted(text), "/content"
        )


@rule("HIS-003", Side.SERVER, _HISTORY)
def history_tells_of_completed_calls(session: Session, event: Event) -> Iterator[Breach]:
    if _body(event).get("function_calls") == []:
        yield Breach("a call that was answered", "no call at all", "/function_calls")
    for pointer, call, _, as_was, _ in _told(session, event):
        pending = session.pending(call.id, call.name)
        failed = pending is not None and not pending.call.client_side
        if as_was is None and not failed and call.id not in _ids_of_context(session):
            yield Breach("a call that was answered, once", repr(call.id), f"{pointer}/id")


@rule("HIS-004", Side.SERVER, _HISTORY)
def history_tells_calls_as_they_were_asked(session: Session, event: Event) -> Iterator[Breach]:
    for pointer, call, _, as_was, _ in _told(session, event):
        for field in ("name", "arguments", "client_side"):
            if as_was is not None and getattr(call, field) != getattr(as_was, field):
                wanted, got = quoted(getattr(as_was, field)), quoted(getattr(call, field))
                yield Breach(wanted, got, f"{pointer}/{field}")


@rule("HIS-005", Side.SERVER, _HISTORY)
def history_tells_responses_as_they_came(session: Session, event: Event) -> Iterator[Breach]:
    for pointer, _, response, as_was, answer in _told(session, event):
        if as_was is not None and response != answer:
            yield Breach(quoted(answer), quoted(response), f"{pointer}/response")
