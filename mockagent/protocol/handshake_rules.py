"""What the requirements say of a handshake, which is over before a session has its first event: a book of its own.

A rule is named as the sentence that is true while it is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockagent.protocol.events import Side
from mockagent.protocol.handshake import HIDDEN, REQUEST_ID, SWITCHED, Credentials, Handshake, Standing
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.ruling import Breach

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429

_BODY = ("err_code", "err_msg", "request_id")


@dataclass(frozen=True, slots=True)
class HandshakeRule:
    """`asks` says whether a handshake puts the requirement to the test, `check` in which ways it breaks it."""

    requirement: str
    binds: Side
    asks: Callable[[Handshake], bool]
    check: Callable[[Handshake], Iterator[Breach]]


HANDSHAKE_BOOK: list[HandshakeRule] = []
"""The rules about handshakes, in the order of their requirements."""

_Check: TypeAlias = Callable[[Handshake], Iterator[Breach]]


def asked(handshake: Handshake) -> frozenset[str]:
    """The requirements that this handshake puts to the test."""
    return frozenset(rule.requirement for rule in HANDSHAKE_BOOK if rule.asks(handshake))


def breaches(handshake: Handshake) -> Iterator[tuple[HandshakeRule, Breach]]:
    """Everything that this handshake breaks."""
    for rule in HANDSHAKE_BOOK:
        if rule.asks(handshake):
            yield from ((rule, breach) for breach in rule.check(handshake))


def _rule(requirement: str, binds: Side, asks: Callable[[Handshake], bool]) -> Callable[[_Check], _Check]:
    def enter(check: _Check) -> _Check:
        HANDSHAKE_BOOK.append(HandshakeRule(requirement, binds, asks, check))
        return check

    return enter


def _is_of_api(handshake: Handshake) -> bool:
    return handshake.path in PATHS.values()


def _is_answered(handshake: Handshake) -> bool:
    return handshake.answer is not None


def _is_right(handshake: Handshake) -> bool:
    return handshake.standing is Standing.RIGHT and _is_of_api(handshake) and _is_answered(handshake)


def _has_credentials(handshake: Handshake) -> bool:
    return _is_of_api(handshake) and handshake.credentials is not Credentials.NONE


def _is_in(handshake: Handshake) -> bool:
    return handshake.answer is not None and handshake.answer.status == SWITCHED


@_rule("HSK-001", Side.CLIENT, _is_of_api)
def a_request_carries_credentials(handshake: Handshake) -> Iterator[Breach]:
    if handshake.credentials is Credentials.NONE:
        yield Breach("credentials in Authorization or in two subprotocols", "none")


@_rule("HSK-002", Side.CLIENT, _has_credentials)
def the_scheme_fits_the_credentials(handshake: Handshake) -> Iterator[Breach]:
    wanted = "bearer" if handshake.credentials is Credentials.JWT else "token"
    if handshake.scheme.lower() != wanted:
        what = "a temporary token" if handshake.credentials is Credentials.JWT else "an API key"
        yield Breach(f"{what} with the scheme {wanted.capitalize()}", f"the scheme {handshake.scheme}")


@_rule("HSK-003", Side.SERVER, lambda handshake: _is_in(handshake) and bool(handshake.offered))
def one_of_the_offered_subprotocols_is_named(handshake: Handshake) -> Iterator[Breach]:
    assert handshake.answer is not None
    named = handshake.answer.subprotocols
    if len(named) != 1 or named[0] not in handshake.offered:
        yield Breach(f"one of {', '.join(handshake.offered)}", _names(named, handshake))


@_rule("HSK-004", Side.SERVER, lambda handshake: _is_in(handshake) and not handshake.offered)
def no_subprotocol_is_named_unasked(handshake: Handshake) -> Iterator[Breach]:
    assert handshake.answer is not None
    if handshake.answer.subprotocols:
        yield Breach("no subprotocol", _names(handshake.answer.subprotocols, handshake))


@_rule(
    "HSK-005",
    Side.SERVER,
    lambda handshake: (
        _is_of_api(handshake)
        and _is_answered(handshake)
        and (handshake.standing is Standing.WRONG or handshake.credentials is Credentials.NONE)
    ),
)
def wrong_or_missing_credentials_get_401(handshake: Handshake) -> Iterator[Breach]:
    what = "without credentials" if handshake.credentials is Credentials.NONE else "with wrong credentials"
    yield from _status(handshake, UNAUTHORIZED, what)


@_rule(
    "HSK-006",
    Side.SERVER,
    lambda handshake: (
        _is_of_api(handshake) and _is_answered(handshake) and handshake.standing is Standing.FORBIDDEN
    ),
)
def credentials_without_permission_get_403(handshake: Handshake) -> Iterator[Breach]:
    yield from _status(handshake, FORBIDDEN, "with credentials that may not use the service")


@_rule("HSK-007", Side.SERVER, lambda handshake: _is_answered(handshake) and not _is_of_api(handshake))
def another_path_gets_404(handshake: Handshake) -> Iterator[Breach]:
    yield from _status(handshake, NOT_FOUND, f"for {handshake.path}")


@_rule(
    "HSK-008",
    Side.SERVER,
    lambda handshake: (
        _is_of_api(handshake) and _is_answered(handshake) and handshake.standing is Standing.SURPLUS
    ),
)
def a_connection_too_many_gets_429(handshake: Handshake) -> Iterator[Breach]:
    yield from _status(handshake, TOO_MANY, "for a connection beyond those that the account may have")


@_rule("HSK-009", Side.SERVER, lambda handshake: _is_answered(handshake) and not _is_in(handshake))
def a_refusal_says_why_in_json(handshake: Handshake) -> Iterator[Breach]:
    assert handshake.answer is not None
    body = handshake.answer.body
    if body is None:
        yield Breach("a JSON object as the body", "none")
        return
    missing = [name for name in _BODY if not isinstance(body.get(name), str) or not body[name]]
    if missing:
        yield Breach(f"a body with {', '.join(_BODY)}", f"one without {', '.join(missing)}")


@_rule("HSK-010", Side.SERVER, _is_answered)
def the_answer_has_a_request_id(handshake: Handshake) -> Iterator[Breach]:
    assert handshake.answer is not None
    if not handshake.answer.request_id:
        yield Breach(f"the header {REQUEST_ID} beside status {handshake.answer.status}", "none")


@_rule(
    "HSK-011",
    Side.SERVER,
    lambda handshake: (
        _is_right(handshake) and not handshake.offered and handshake.scheme not in ("Token", "Bearer")
    ),
)
def the_case_of_the_scheme_does_not_matter(handshake: Handshake) -> Iterator[Breach]:
    yield from _status(handshake, SWITCHED, f"for the scheme {handshake.scheme}")


@_rule("HSK-012", Side.SERVER, lambda handshake: _is_right(handshake) and handshake.query)
def a_query_does_no_harm(handshake: Handshake) -> Iterator[Breach]:
    yield from _status(handshake, SWITCHED, "for an address with a query")


def _status(handshake: Handshake, wanted: int, why: str) -> Iterator[Breach]:
    assert handshake.answer is not None
    if handshake.answer.status != wanted:
        yield Breach(f"status {wanted} {why}", f"status {handshake.answer.status}")


def _names(named: Sequence[str], handshake: Handshake) -> str:
    """What the server named, but nothing that the client did not show: it may be its key."""
    if not named:
        return "none"
    return ", ".join(name if name in handshake.offered else HIDDEN for name in named)
