"""A failure as it is kept: the exact frames, what sends them, who failed and how. Pure; files are others' business.

The id is that of the sending, so that the same bytes have the same id wherever they fail.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockagent.errors import MockagentError
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Sending, document, sending_from

FORMAT = 1
KINDS = ("client", "parser", "server")


@dataclass(frozen=True, slots=True)
class Failure:
    """`peer` is the kind of it and `target` its name: an address, a command, or module:function.

    `origin` is the id of the near-miss or what drew it, `options` what the peer was given, `found_in` the whole that
    was sent when it was first seen, where that was made smaller.
    """

    peer: str
    target: tuple[str, ...]
    origin: str
    outcome: Outcome
    sending: Sending
    version: str
    options: Mapping[str, Any] = field(default_factory=dict)
    found_in: Sending | None = None

    @property
    def id(self) -> str:
        return self.sending.id


def stored(failure: Failure) -> dict[str, Any]:
    """The failure as a JSON document."""
    found = {"found_in": document(failure.found_in, readable=False)} if failure.found_in else {}
    return {
        "format": FORMAT,
        "id": failure.id,
        "mockagent": failure.version,
        "peer": failure.peer,
        "target": list(failure.target),
        "options": dict(failure.options),
        "origin": failure.origin,
        "verdict": failure.outcome.verdict.value,
        "detail": failure.outcome.detail,
        "where": failure.outcome.where,
        **document(failure.sending),
        **found,
    }


def read(document: Mapping[str, Any], file: str) -> Failure:
    """The failure of such a document; MockagentError for what is none, or was changed since it was written."""
    if document.get("format") != FORMAT:
        raise MockagentError(f"{file}: expected a stored failure of format {FORMAT}, got another document")
    try:
        sending = sending_from(document)
        found = document.get("found_in")
        failure = Failure(
            str(document["peer"]),
            tuple(map(str, document["target"])),
            str(document["origin"]),
            Outcome(Verdict(document["verdict"]), str(document["detail"]), str(document["where"])),
            sending,
            str(document["mockagent"]),
            dict(document["options"]),
            sending_from(found) if found else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MockagentError(f"{file}: not a stored failure: {type(error).__name__}: {error}") from None
    if failure.peer not in KINDS:
        raise MockagentError(f"{file}: expected a peer of {', '.join(KINDS)}, got {failure.peer!r}")
    if failure.id != document["id"]:
        raise MockagentError(
            f"{file}: the frames are not those of {document['id']!r}: they hash to {failure.id!r}"
        )
    return failure
