"""What comes out of a check: one Item for each scenario, trace or message, with everything that was found in it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.errors import Flaw
from mockagent.protocol.events import Dialect, JsonObject, Side, Tolerance


class Kind(StrEnum):
    """What a file holds."""

    SCENARIO = "scenario"
    TRACE = "trace"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Asked:
    """How to check. None leaves it open: the side and dialect to the type, the tolerance to a trace's header."""

    dialect: Dialect | None = None
    sender: Side | None = None
    tolerance: Tolerance | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a message departs from what its type should be. `refused`: at the tolerance asked for."""

    requirement: str
    pointer: str
    keyword: str
    expected: str
    got: str
    refused_from: Tolerance
    refused: bool


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a recorded session breaks a requirement: at which event, in `line` of the file.

    `refused`: it counts, being a MUST or refused at the tolerance; and was not broken on purpose.
    """

    line: int
    event: int
    at: float
    sender: Side
    requirement: str
    keyword: str
    binds: Side
    pointer: str
    expected: str
    got: str
    sentence: str
    source: str
    on_purpose: bool
    refused: bool


Finding: TypeAlias = Flaw | Departure | Breach


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was checked: where it begins, what it is, and everything found in it.

    `title` is the type of a message or the name of a scenario; `answer` the Error with which the service would
    refuse a message; `guessed` says that the dialect was told by the type alone.
    """

    file: str
    line: int
    kind: Kind
    title: str | None = None
    summary: str = ""
    dialect: Dialect | None = None
    sender: Side | None = None
    guessed: bool = False
    answer: JsonObject | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether nothing was found, or only what is put up with."""
        return not any(isinstance(each, Flaw) or each.refused for each in self.findings)


def as_json(item: Item) -> dict[str, Any]:
    """The item as a JSON object."""
    return {
        "file": item.file,
        "line": item.line,
        "kind": item.kind.value,
        "type": item.title,
        "dialect": item.dialect.value if item.dialect else None,
        "from": item.sender.value if item.sender else None,
        "ok": item.is_fine,
        "answer": dict(item.answer) if item.answer else None,
        "problems": [_finding(each) for each in item.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    match finding:
        case Flaw(line=line, column=column, text=text):
            return {"line": line, "column": column, "text": text, "refused": True}
        case Departure():
            return {
                "pointer": finding.pointer,
                "keyword": finding.keyword,
                "expected": finding.expected,
                "got": finding.got,
                "refused": finding.refused,
                "refused_from": finding.refused_from.label,
                "requirement": finding.requirement,
            }
        case Breach():
            return {
                "line": finding.line,
                "event": finding.event,
                "at": finding.at,
                "from": finding.sender.value,
                "requirement": finding.requirement,
                "keyword": finding.keyword,
                "binds": finding.binds.value,
                "pointer": finding.pointer,
                "expected": finding.expected,
                "got": finding.got,
                "sentence": finding.sentence,
                "source": finding.source,
                "on_purpose": finding.on_purpose,
                "refused": finding.refused,
            }
