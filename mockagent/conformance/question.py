"""Which events cannot break a requirement as things stand: they say nothing about it, however right they are. Pure.

A rule is asked about every event of a kind, since asking costs little; but a Warning of another code does not show
that a server warns of a forced end of the turn only where one was forced. What is not in the table is in question
whenever its rule is asked.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from mockagent.protocol import configuration, transitions
from mockagent.protocol.causes import WANTED_BY
from mockagent.protocol.events import Closed, Event, JsonObject, Message
from mockagent.protocol.session import SESSION_END, Session
from mockagent.protocol.transitions import Phase

_Question: TypeAlias = Callable[[Session, Event], bool]


def is_in_question(requirement: str, session: Session, event: Event) -> bool:
    """Whether this event, in the session before it, puts the requirement to the test."""
    question = _ONLY_WHERE.get(requirement)
    return question is None or question(session, event)


def _body(event: Event) -> JsonObject:
    return event.content.body if isinstance(event.content, Message) else {}


def _has_code(*codes: str) -> _Question:
    return lambda session, event: _body(event).get("code") in codes


def _is_named(name: str) -> _Question:
    return lambda session, event: session.name_of(event) == name


def _has_failed(session: Session, event: Event) -> bool:
    return session.phase is Phase.FAILED


def _is_of_calls(session: Session, event: Event) -> bool:
    return "function_calls" in _body(event)


def _of_server_calls(session: Session, event: Event) -> bool:
    return any(not pending.call.client_side for pending in session.calls)


_ONLY_WHERE: Mapping[str, _Question] = MappingProxyType(
    {
        "CLS-001": _has_failed,
        "CLS-002": _has_failed,
        "CLS-003": _has_failed,
        "CLS-007": lambda session, event: isinstance(event.content, Closed) or session.closed_by is not None,
        "FUN-014": lambda session, event: bool(session.calls),
        "FUN-015": lambda session, event: any(pending.abandoned for pending in session.calls),
        "FUN-019": _of_server_calls,
        "HIS-001": lambda session, event: not configuration.wants_history(session.settings or {}),
        "HIS-002": lambda session, event: not _is_of_calls(session, event),
        "HIS-003": _is_of_calls,
        "HIS-004": _is_of_calls,
        "HIS-005": _is_of_calls,
        "INJ-002": lambda session, event: bool(session.injections_due),
        "INJ-003": lambda session, event: bool(session.injections_due),
        "INJ-005": lambda session, event: bool(session.injections_due),
        "LIV-003": lambda session, event: SESSION_END in session.ran_out,
        "LIV-004": _has_code("MAXIMUM_SESSION_LENGTH_REACHED"),
        "LIV-005": _has_code("MAXIMUM_SESSION_LENGTH_APPROACHING"),
        # How long after the upgrade it was sent only the server's end can tell.
        "OPN-002": lambda session, event: False,
        "SET-005": lambda session, event: session.phase is Phase.CONFIGURING,
        "TRN-001": _is_named(transitions.USER_TEXT),
        "TRN-002": _is_named(transitions.AGENT_TEXT),
        "TRN-009": lambda session, event: bool(session.typed_texts_due),
        "TRN-013": _has_code("FORCE_END_TURN_UNSUPPORTED"),
        "UPD-002": lambda session, event: len(session.acknowledgements_due) > 1,
        "UPD-003": lambda session, event: session.prompt_was_cut,
        **{
            requirement: _has_code(*(code for code, wanted in WANTED_BY.items() if wanted == requirement))
            for requirement in dict.fromkeys(WANTED_BY.values())
        },
    }
)
