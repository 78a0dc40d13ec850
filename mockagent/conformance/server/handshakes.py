"""The handshakes that a server under test is tried with, and what comes of them; the rules are the protocol's."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from mockagent.client.knocking import knock
from mockagent.conformance.judging import of_handshakes
from mockagent.conformance.report import Result, Row
from mockagent.conformance.server.target import Target
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Side
from mockagent.protocol.handshake import SWITCHED, Handshake, Standing
from mockagent.protocol.handshake_rules import asked
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.requirements import Requirement

HANDSHAKE = "handshake"
"""The name of the case."""

_NOT_TRIED = {
    "HSK-006": "the kit has no key that may not use the service",
    "HSK-008": "the kit does not use up the connections of an account",
    "HSK-013": "the kit has no temporary token that could expire",
}
_QUERY = "model=nova-3&encoding=linear16"
_SESSION_ID = "0c5de1f2-6f2a-4b1a-9a39-2f4f6d2f8c11"


@dataclass(frozen=True, slots=True)
class Knock:
    """One handshake to be tried. `path` and `query` are added to the URL."""

    credentials: str = ""
    subprotocols: tuple[str, ...] = ()
    standing: Standing = Standing.RIGHT
    path: str = ""
    query: str = ""


def rows(requirements: Mapping[str, Requirement]) -> tuple[Row, ...]:
    """A row for each requirement about handshakes that binds a server."""
    return tuple(
        Row(HANDSHAKE, id, each.sentence, each.source)
        for id, each in requirements.items()
        if id.startswith("HSK-") and each.binds is Side.SERVER
    )


def knocks(key: str, knows_keys: bool) -> Iterator[Knock]:
    """What is tried. Only with a key that the server is known to know can another one be called wrong."""
    yield Knock(f"Token {key}")
    yield Knock(f"tOKEN {key}")
    yield Knock(f"Token {key}", query=_QUERY)
    yield Knock(subprotocols=("token", key))
    yield Knock(subprotocols=("token", key, "x-deepgram-session-id", _SESSION_ID))
    yield Knock(standing=Standing.WRONG)
    yield Knock(f"Token {key}", path="/no-such-path")
    if knows_keys:
        yield Knock(f"Token {secrets.token_hex(20)}", standing=Standing.WRONG)


async def tried(target: Target, scenario: str, knock_: Knock, within: float) -> Handshake:
    """The handshake, with its answer. A server with a path of its own is held to what holds for that of the API."""
    parts = urlsplit(target.for_case(scenario, HANDSHAKE))
    query = "&".join(filter(None, (parts.query, knock_.query)))
    url = urlunsplit((parts.scheme, parts.netloc, parts.path + knock_.path, query, ""))
    seen = await knock(url, knock_.credentials, knock_.subprotocols, knock_.standing, within)
    path = seen.path if knock_.path else PATHS[target.dialect]
    return replace(seen, path=path, query=bool(knock_.query))


def results(
    rows: Sequence[Row], seen: Sequence[Handshake], requirements: Mapping[str, Requirement]
) -> list[Result]:
    """One result for each row."""
    return [_of_row(row, seen, requirements[row.asks]) for row in rows]


def _of_row(row: Row, seen: Sequence[Handshake], requirement: Requirement) -> Result:
    if row.asks in _NOT_TRIED:
        return Result(row, Verdict.NOT_APPLICABLE, reason=_NOT_TRIED[row.asks])
    if any(row.asks in asked(each) for each in seen):
        return of_handshakes(row, seen, requirement)
    statuses = sorted({each.answer.status for each in seen if each.answer} - {SWITCHED})
    got = f"status {', '.join(map(str, statuses))}" if statuses else "no answer"
    return Result(row, Verdict.FAIL, "an answer that shows it", got, what="the handshake")
