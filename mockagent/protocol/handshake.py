"""A handshake as a value: the request of the client, the answer of the server, and nothing that is a secret.

Of credentials only the scheme and the kind are kept. Sources: RFC 6455, section 4, and the authentication pages
(https://developers.deepgram.com/reference/authentication).
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

SCHEMES = frozenset({"token", "bearer"})
REQUEST_ID = "dg-request-id"
SWITCHED = 101
"""The status of an upgrade."""

_PARTS_OF_JWT = 3


class Credentials(StrEnum):
    """What kind of credentials a request carries: an API key, or a temporary token (a JWT)."""

    NONE = "none"
    KEY = "key"
    JWT = "jwt"


class Standing(StrEnum):
    """What the server must think of a request: `SURPLUS` are more connections than the account may have."""

    RIGHT = "right"
    WRONG = "wrong"
    FORBIDDEN = "forbidden"
    SURPLUS = "surplus"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came in place of the request: `subprotocols` as they were named, `body` None where it is no JSON object."""

    status: int
    subprotocols: tuple[str, ...] = ()
    request_id: str = ""
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """One handshake. `scheme` is as the client wrote it, "" without any; of `offered` subprotocols the secret one
    is shown as "…"; `query` tells whether the address had one; `answer` None is none that was seen.
    """

    path: str
    scheme: str = ""
    credentials: Credentials = Credentials.NONE
    offered: tuple[str, ...] = ()
    query: bool = False
    standing: Standing = Standing.UNKNOWN
    answer: Answer | None = None


Headers: TypeAlias = Sequence[tuple[str, str]]
HIDDEN = "…"


def requested(target: str, headers: Headers, standing: Standing = Standing.UNKNOWN) -> Handshake:
    """The request for `target` (path and query), without its secrets."""
    path, mark, _ = target.partition("?")
    scheme, credential = credentials_in(headers)
    offered = tuple(HIDDEN if credential and name == credential else name for name in offered_in(headers))
    return Handshake(path, scheme, _kind_of(credential), offered, bool(mark), standing)


def answered(status: int, headers: Headers, body: bytes) -> Answer:
    """The answer, as far as the rules look at it."""
    named = tuple(part for value in _all(headers, "sec-websocket-protocol") for part in _split(value))
    ids = _all(headers, REQUEST_ID)
    return Answer(status, named, ids[0] if ids else "", _object(body))


def credentials_in(headers: Headers) -> tuple[str, str]:
    """The scheme as the client wrote it and what came with it; empty where there is none."""
    for value in _all(headers, "authorization"):
        scheme, _, credential = value.strip().partition(" ")
        if scheme.lower() in SCHEMES and credential.strip():
            return scheme, credential.strip()
    for scheme, credential in itertools.pairwise(offered_in(headers)):
        if scheme.lower() in SCHEMES:
            return scheme, credential
    return "", ""


def offered_in(headers: Headers) -> list[str]:
    """The subprotocols that a request offers, in its order."""
    return [name for value in _all(headers, "sec-websocket-protocol") for name in _split(value)]


def _kind_of(credential: str) -> Credentials:
    if not credential:
        return Credentials.NONE
    is_jwt = credential.startswith("eyJ") and len(credential.split(".")) == _PARTS_OF_JWT
    return Credentials.JWT if is_jwt else Credentials.KEY


def _all(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]


def _split(value: str) -> list[str]:
    return [part for part in (each.strip() for each in value.split(",")) if part]


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def document(handshake: Handshake) -> dict[str, Any]:
    """The handshake as one JSON object, in the form of schemas/files/handshake.json."""
    answer = handshake.answer
    came = None
    if answer is not None:
        body = None if answer.body is None else dict(answer.body)
        named = list(answer.subprotocols)
        came = {
            "status": answer.status,
            "subprotocols": named,
            "request_id": answer.request_id,
            "body": body,
        }
    return {
        "path": handshake.path,
        "scheme": handshake.scheme,
        "credentials": handshake.credentials.value,
        "offered": list(handshake.offered),
        "query": handshake.query,
        "standing": handshake.standing.value,
        "answer": came,
    }


def read(document: Mapping[str, Any]) -> Handshake:
    """The handshake of such an object."""
    came = document["answer"]
    answer = Answer(**{**came, "subprotocols": tuple(came["subprotocols"])}) if came is not None else None
    kinds = {
        "credentials": Credentials(document["credentials"]),
        "standing": Standing(document["standing"]),
    }
    return Handshake(**{**document, **kinds, "offered": tuple(document["offered"]), "answer": answer})
