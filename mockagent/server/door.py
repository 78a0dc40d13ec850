"""Who may come in: a handshake request judged by its path and credentials, before any upgrade. Pure.

Source: https://developers.deepgram.com/docs/voice-agent (endpoints) and the authentication pages; what published
clients send: `Token` and `Bearer` in any case, or the subprotocols `token, KEY` and `bearer, JWT`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from mockagent.protocol.events import Dialect
from mockagent.protocol.handshake import credentials_in, offered_in
from mockagent.protocol.message_types import PATHS

DIALECTS: Mapping[str, Dialect] = MappingProxyType({path: dialect for dialect, path in PATHS.items()})
MODELS_PATH = "/v1/agent/settings/think/models"
SCENARIO_HEADER = "x-mockagent-scenario"
SCENARIO_PARAMETER = "scenario"


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
    offered = offered_in(headers)
    scheme, credential = credentials_in(headers)
    if not credential:
        return UNAUTHORIZED
    if credential in forbidden_keys:
        return FORBIDDEN
    if api_keys and credential not in api_keys:
        return UNAUTHORIZED
    wishes = [value for key, value in headers if key.lower() == SCENARIO_HEADER] or parse_qs(url.query).get(
        SCENARIO_PARAMETER, []
    )
    subprotocol = scheme if scheme in offered else (offered[0] if offered else None)
    return Admitted(dialect, subprotocol, wishes[0] if wishes else None, credential)
