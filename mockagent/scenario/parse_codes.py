"""`error: CODE` and `warning: CODE`: one line for the whole message, in the words of the table of codes."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from mockagent.errors import nearest
from mockagent.protocol import codes
from mockagent.protocol.codes import CODES, Kind
from mockagent.protocol.events import Dialect
from mockagent.scenario import model
from mockagent.scenario.nodes import Node
from mockagent.scenario.reading import Reading

Entries: TypeAlias = Mapping[str, Node]
Common: TypeAlias = dict[str, Any]


def read_error(entries: Entries, reading: Reading, common: Common) -> model.Step | None:
    name = _code(entries["error"], Kind.ERROR, reading)
    description = _description(entries, reading)
    return model.ServerSends(body=codes.error(reading.dialect, name, description), **common) if name else None


def read_warning(entries: Entries, reading: Reading, common: Common) -> model.Step | None:
    if reading.dialect is Dialect.EARLY_ACCESS:
        reading.flaw(entries["warning"], "expected no warning: early-access has no Warning message")
    name = _code(entries["warning"], Kind.WARNING, reading)
    description = _description(entries, reading)
    return model.ServerSends(body=codes.warning(name, description), **common) if name else None


def _code(node: Node, kind: Kind, reading: Reading) -> str:
    """The code that a node names, if it is one of that kind."""
    name = reading.text(node, f"the code of {_a(kind)}")
    if not name:
        return ""
    code = CODES.get(name)
    if code is None:
        reading.flaw(node, f"unknown code {name!r}{_hint(name, kind)}")
        return ""
    if code.kind is not kind:
        reading.flaw(node, f"{name} is the code of {_a(code.kind)}; write `{code.kind.lower()}: {name}`")
        return ""
    return name


def _hint(name: str, kind: Kind) -> str:
    return nearest(name, codes.of_kind(kind)) or nearest(name, CODES)


def _a(kind: Kind) -> str:
    return f"an {kind}" if kind is Kind.ERROR else f"a {kind}"


def _description(entries: Entries, reading: Reading) -> str | None:
    return reading.text(entries["description"]) if "description" in entries else None
