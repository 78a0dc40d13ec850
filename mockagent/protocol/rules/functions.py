"""Function calls: asked, answered, once, by the right side. Source: the function calling pages."""

import json
from collections.abc import Iterator
from typing import Any

from mockagent.protocol import configuration, messages, transitions
from mockagent.protocol.events import Dialect, Elapsed, Event, Message, Side
from mockagent.protocol.ruling import ELAPSED, Breach, rule
from mockagent.protocol.session import ANSWER, Session
from mockagent.protocol.transitions import Phase, Turn
from mockagent.protocol.wording import choices

_REQUEST = "FunctionCallRequest"
_RESPONSE = "FunctionCallResponse"


def _result(event: Event) -> messages.FunctionResult:
    return messages.result_of(event.content.body if isinstance(event.content, Message) else {})


def _calls(event: Event) -> Iterator[messages.FunctionCall]:
    yield from messages.calls_of(event.content.body if isinstance(event.content, Message) else {})


def _pending(session: Session) -> str:
    ids = [pending.call.id for pending in session.calls if pending.call.client_side]
    return f"an answer to {choices(ids)}" if ids else "no answer, since no call is pending"


@rule("FUN-001", Side.CLIENT, _RESPONSE)
def a_response_answers_a_pending_call(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    known = session.pending(result.id, result.name) or session.cancelled_call(result.id, result.name)
    if known is None and result.id not in session.answered:
        got = f"an answer to {result.id!r}" if result.id else f"an answer of {result.name!r} without an id"
        yield Breach(_pending(session), got, "/id")


@rule("FUN-002", Side.CLIENT, _RESPONSE)
def a_call_is_answered_once(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    is_answered = result.id in session.answered - session.requested_here
    if is_answered and session.pending(result.id, result.name) is None:
        yield Breach(f"one answer to {result.id!r}", "another", "/id")


@rule("FUN-003", Side.CLIENT, _RESPONSE)
def a_response_names_the_function_of_its_call(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    pending = session.pending(result.id, result.name)
    is_named = isinstance(event.content, Message) and "name" in event.content.body
    if pending and is_named and result.name != pending.call.name:
        yield Breach(f"the name {pending.call.name!r}", repr(result.name), "/name")


@rule("FUN-004", Side.CLIENT, _RESPONSE)
def a_client_leaves_server_side_calls_alone(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    pending = session.pending(result.id, result.name)
    id = pending.call.id if pending else result.id
    if id in session.requested_here:
        yield Breach("no answer to a call with client_side false", f"an answer to {id!r}", "/id")


@rule("FUN-005", Side.CLIENT, _RESPONSE)
def a_response_carries_the_id_of_its_call(session: Session, event: Event) -> Iterator[Breach]:
    if not _result(event).id:
        yield Breach("the id of the call", "none", "/id")


@rule("FUN-006", Side.CLIENT, ELAPSED)
def a_call_is_answered_in_time(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Elapsed) and event.content.limit == ANSWER:
        for pending in session.unanswered(event.at):
            limit = session.switches.answer_within
            yield Breach(f"an answer to {pending.call.name} ({pending.call.id}) within {limit:g} s", "none")


@rule("FUN-007", Side.SERVER, _REQUEST)
def a_call_comes_while_the_agent_has_the_floor(session: Session, event: Event) -> Iterator[Breach]:
    """While the user speaks the agent may think ahead, but not call what waits for the end of the turn."""
    if session.phase is not Phase.ACTIVE or session.turn not in (Turn.SILENCE, Turn.USER):
        return
    defined = configuration.functions_of(session.settings or {})
    waiting = any(configuration.waits_for_end_of_turn(defined.get(call.name, {})) for call in _calls(event))
    if session.turn is Turn.SILENCE or waiting:
        yield Breach("a call after the user's text", f"one while {session.turn}")


@rule("FUN-008", Side.SERVER, _REQUEST)
def a_call_names_a_function_of_settings(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is None or configuration.names_stored_agent(session.settings):
        return
    defined = configuration.functions_of(session.settings)
    for index, call in enumerate(_calls(event)):
        if call.name not in defined:
            expected = (
                f"a function of Settings ({choices(defined)})"
                if defined
                else "no call: Settings has no functions"
            )
            yield Breach(expected, repr(call.name), f"/functions/{index}/name")


@rule("FUN-009", Side.SERVER, _REQUEST)
def a_call_has_an_id_of_its_own(session: Session, event: Event) -> Iterator[Breach]:
    seen = set(session.requested)
    for index, call in enumerate(_calls(event)):
        if call.id in seen:
            yield Breach("an id not used before in the session", repr(call.id), f"/functions/{index}/id")
        seen.add(call.id)


@rule("FUN-010", Side.SERVER, _REQUEST)
def the_arguments_are_a_json_object_as_text(session: Session, event: Event) -> Iterator[Breach]:
    if session.dialect is not Dialect.V1:
        return
    for index, call in enumerate(_calls(event)):
        if not isinstance(_parsed(call.arguments), dict):
            yield Breach("the text of a JSON object", call.arguments[:60], f"/functions/{index}/arguments")


@rule("FUN-011", Side.SERVER, _REQUEST)
def client_side_says_who_runs_the_function(session: Session, event: Event) -> Iterator[Breach]:
    defined = configuration.functions_of(session.settings or {})
    for index, call in enumerate(_calls(event)):
        function = defined.get(call.name)
        if session.dialect is Dialect.V1 and function is not None:
            here = not configuration.runs_on_server(function, session.dialect)
            if call.client_side is not here:
                yield Breach(f"client_side {here}", str(call.client_side), f"/functions/{index}/client_side")


@rule("FUN-012", Side.SERVER, _RESPONSE)
def a_server_answers_only_its_own_calls(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    pending = session.pending(result.id, result.name)
    if pending is None or pending.call.client_side:
        yield Breach("the result of a pending call with client_side false", f"one of {result.name!r}", "/id")


@rule("FUN-013", Side.SERVER, "FunctionCallCancelled")
def only_calls_that_were_asked_for_are_cancelled(session: Session, event: Event) -> Iterator[Breach]:
    """Of a call that has just been answered nobody can say which came first: the two may have crossed."""
    for index, call in enumerate(_calls(event)):
        if call.id not in session.requested or call.id in session.withdrawn:
            yield Breach("the id of a pending call", repr(call.id), f"/functions/{index}/id")


@rule("FUN-014", Side.SERVER, "FunctionCallCancelled")
def only_calls_of_the_client_are_cancelled(session: Session, event: Event) -> Iterator[Breach]:
    for index, call in enumerate(_calls(event)):
        pending = session.pending(call.id, call.name)
        if pending and not pending.call.client_side:
            yield Breach("calls with client_side true", f"{call.name!r} of the server", f"/functions/{index}")


@rule("FUN-015", Side.SERVER, "ConversationText")
def a_call_that_the_user_talked_over_is_cancelled(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is not Phase.ACTIVE or session.turn is not Turn.USER:
        return
    name = session.name_of(event)
    left = [each.call for each in session.calls if each.abandoned and each.call.client_side]
    if name in (transitions.USER_TEXT, transitions.TYPED_TEXT) and left:
        yield Breach(f"FunctionCallCancelled for {choices(call.id for call in left)}", "the user's text")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@rule("FUN-016", Side.SERVER, _REQUEST)
def a_call_has_the_arguments_that_are_required(session: Session, event: Event) -> Iterator[Breach]:
    defined = configuration.functions_of(session.settings or {})
    for index, call in enumerate(_calls(event)):
        given = _parsed(call.arguments)
        missing = configuration.required_arguments(defined.get(call.name, {})) - set(given or ())
        if isinstance(given, dict) and missing:
            yield Breach(
                f"{choices(sorted(missing))} among the arguments", "none", f"/functions/{index}/arguments"
            )


@rule("FUN-017", Side.CLIENT, _RESPONSE)
def a_thought_signature_comes_back_unchanged(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    pending = session.pending(result.id, result.name)
    if pending and result.thought_signature != pending.call.thought_signature:
        wanted, got = pending.call.thought_signature, result.thought_signature
        yield Breach(repr(wanted) if wanted else "none", repr(got) if got else "none", "/thought_signature")


@rule("FUN-018", Side.SERVER, "FunctionCallCancelled")
def a_cancelled_call_keeps_its_name(session: Session, event: Event) -> Iterator[Breach]:
    for index, call in enumerate(_calls(event)):
        pending = session.pending(call.id, call.name)
        if pending and pending.call.name != call.name:
            yield Breach(repr(pending.call.name), repr(call.name), f"/functions/{index}/name")


@rule("FUN-019", Side.SERVER, _RESPONSE)
def a_servers_result_names_the_function_of_its_call(session: Session, event: Event) -> Iterator[Breach]:
    result = _result(event)
    pending = session.pending(result.id, result.name)
    if pending and not pending.call.client_side and result.name != pending.call.name:
        yield Breach(repr(pending.call.name), repr(result.name), "/name")
