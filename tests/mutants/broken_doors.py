"""Handshakes that are broken in one named way each: servers that answer wrongly, and clients that ask wrongly."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from knocking import (
    FORBIDDEN,
    RIGHT,
    Door,
    changed,
    lets_in,
    other_status,
    refuses,
    with_body,
    with_header,
    without_header,
)
from mutating import Kind

from mockagent.protocol.events import Side


@dataclass(frozen=True)
class DoorMutant:
    """A broken door, or the headers of a broken client; otherwise as a `Mutant`."""

    name: str
    side: Side
    kind: Kind
    breaks: str
    door: Door | tuple[tuple[str, str], ...]
    also: Mapping[str, str] = field(default_factory=dict)
    plays: tuple[str, ...] = ("handshakes",)


def door(name: str, kind: Kind, breaks: str, door: Door) -> DoorMutant:
    return DoorMutant(f"server: {name}", Side.SERVER, kind, breaks, door)


def asks(name: str, kind: Kind, breaks: str, *headers: tuple[str, str]) -> DoorMutant:
    return DoorMutant(f"client: {name}", Side.CLIENT, kind, breaks, headers)


def has(status: int):
    return lambda answer: answer.status_code == status


def key_of(request) -> str:
    return request.headers.get("Authorization", "").partition(" ")[2]


def offers(request) -> bool:
    return "Sec-WebSocket-Protocol" in request.headers


PROTOCOL = "Sec-WebSocket-Protocol"
JWT = "eyJhbGciOiJub25lIn0.eyJleHAiOjB9.c2ln"

DOORS = (
    door(
        "no subprotocol is echoed",
        Kind.DROP,
        "HSK-003",
        changed(lambda answer: PROTOCOL in answer.headers, without_header(PROTOCOL)),
    ),
    door(
        "both subprotocols are echoed",
        Kind.DUPLICATE,
        "HSK-003",
        changed(lambda answer: PROTOCOL in answer.headers, with_header(PROTOCOL, f"token, {RIGHT}")),
    ),
    door(
        "a subprotocol is named that nobody offered",
        Kind.UNASKED,
        "HSK-004",
        lambda request, admits: changed(
            lambda answer: answer.status_code == 101 and not offers(request), with_header(PROTOCOL, "token")
        )(request, admits),
    ),
    door(
        "any key will do",
        Kind.VALUE,
        "HSK-005",
        lambda request, admits: lets_in(request, admits) if key_of(request) == "wrong" else admits(request),
    ),
    door(
        "no key will do",
        Kind.VALUE,
        "HSK-005",
        lambda request, admits: (
            admits(request) if key_of(request) or offers(request) else lets_in(request, admits)
        ),
    ),
    door("wrong credentials are a bad request", Kind.VALUE, "HSK-005", other_status(400, 401)),
    door(
        "what is forbidden is allowed",
        Kind.VALUE,
        "HSK-006",
        lambda request, admits: lets_in(request, admits) if key_of(request) == FORBIDDEN else admits(request),
    ),
    door("what is forbidden is unauthorized", Kind.VALUE, "HSK-006", other_status(401, 403)),
    door(
        "every path leads to the agent",
        Kind.VALUE,
        "HSK-007",
        lambda request, admits: (
            lets_in(request, admits) if request.path.startswith("/v2") else admits(request)
        ),
    ),
    door("an account that is busy is unavailable", Kind.VALUE, "HSK-008", other_status(503, 429)),
    door(
        "a refusal has no body",
        Kind.DROP,
        "HSK-009",
        changed(lambda answer: answer.status_code != 101, with_body(b"")),
    ),
    door("a refusal is a web page", Kind.SHAPE, "HSK-009", changed(has(401), with_body(b"<html>No.</html>"))),
    door(
        "a refusal has no err_code",
        Kind.DROP,
        "HSK-009",
        changed(has(404), with_body(b'{"err_msg": "No.", "request_id": "7"}')),
    ),
    door(
        "an upgrade has no dg-request-id",
        Kind.DROP,
        "HSK-010",
        changed(has(101), without_header("dg-request-id")),
    ),
    door(
        "a refusal has no dg-request-id",
        Kind.DROP,
        "HSK-010",
        changed(has(401), without_header("dg-request-id")),
    ),
    door(
        "the scheme must be written Token",
        Kind.VALUE,
        "HSK-011",
        refuses(lambda request: request.headers.get("Authorization", "").startswith("token")),
    ),
    door("a query is one too many", Kind.VALUE, "HSK-012", refuses(lambda request: "?" in request.path, 404)),
    asks("no credentials come", Kind.NEVER, "HSK-001"),
    asks("the key comes as a parameter", Kind.NEVER, "HSK-001", ("X-Api-Key", RIGHT)),
    asks("an API key comes as a bearer", Kind.VALUE, "HSK-002", ("Authorization", f"Bearer {RIGHT}")),
    asks("a temporary token comes as a key", Kind.VALUE, "HSK-002", ("Authorization", f"Token {JWT}")),
)
