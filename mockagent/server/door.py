"""Who may come in: a handshake request judged by its path and credentials, before any upgrade. Pure.

Source: https://developers.deepgram.com/docs/voice-agent (endpoints) and the authentication pages; what published
clients send: `Token` and `Bearer` in any case, or the subprotocols `token, KEY` and `bearer, JWT`.
"""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from mockagent.protocol.events import Dialect
from mockagent.protocol.message_types import PATHS

DIALECTS: Mapping[str, Dialect] = MappingProxyType({path: dialect for dialect, path in PATHS.items()})
MODELS_PATH = "/v1/agent/settings/think/models"
SCENARIO_HEADER = "x-mockagent-scenario"
SCENARIO_PARAMETER = "scenario"
SCHEMES = frozenset({"token", "bearer"})


@dataclass(frozen=True, slots=True)
class Refused:
    """An HTTP answer in place of the upgrade: the status, and the body's err_code and err_msg."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """A client that may come in. `credential` never leaves the process; `wish` is the scenario it asks for."""

    dialect: Dialect
    subprotocol: str | None = None
    wish: str | None = None
    credential: str = field(default="", repr=False)


UNAUTHORIZED = Refused(401, "INVALID_AUTH", "Invalid credentials.")
FORBIDDEN = Refused(403, "FORBIDDEN", "This API key is not allowed to use the Voice Agent API.")
TOO_MANY = Refused(429, "TOO_MANY_REQUESTS", "Too many concurrent connections.")
UNAVAILABLE = Refused(503, "SERVICE_UNAVAILABLE", "The server is shutting down.")


def admit(
    target: str,
    headers: Sequence[tuple[str, str]],
    api_keys: Collection[str] = (),
    forbidden_keys: Collection[str] = (),
) -> Admitted | Refused:
    """What to do with a request for `target` (path and query).

    With `api_keys` only those are let in; `forbidden_keys` are known but not allowed.
    """
    url = urlsplit(target)
    dialect = DIALECTS.get(url.path)
    if dialect is None:
        return Refused(404, "NOT_FOUND", f"There is nothing at {url.path[:100]}.")
    offered = [name for value in _all(headers, "sec-websocket-protocol") for name in _split(value)]
    scheme, credential = _credential(headers, offered)
    if not credential:
        return UNAUTHORIZED
    if credential in forbidden_keys:
        return FORBIDDEN
    if api_keys and credential not in api_keys:
        return UNAUTHORIZED
    wishes = _all(headers, SCENARIO_HEADER) or parse_qs(url.query).get(SCENARIO_PARAMETER, [])
    subprotocol = scheme if scheme in offered else (offered[0] if offered else None)
    return Admitted(dialect, subprotocol, wishes[0] if wishes else None, credential)


def _credential(headers: Sequence[tuple[str, str]], offered: Sequence[str]) -> tuple[str, str]:
    """The scheme as the client wrote it and what came with it; empty where there is none."""
    for value in _all(headers, "authorization"):
        scheme, _, credential = value.strip().partition(" ")
        if scheme.lower() in SCHEMES and credential.strip():
            return scheme, credential.strip()
    for scheme, credential in itertools.pairwise(offered):
        if scheme.lower() in SCHEMES:
            return scheme, credential
    return "", ""


def _all(headers: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]


def _split(value: str) -> list[str]:
    return [part for part in (each.strip() for each in value.split(",")) if part]
