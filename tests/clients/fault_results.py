"""The committed results: `conformance/results/faults.json`, read and written, a line for each cell."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from environments import ROOT
from fault_cells import Row, rows
from fault_runs import Seen, columns
from fault_verdicts import Verdict

FOLDER = ROOT / "conformance" / "results"
FILE = FOLDER / "faults.json"


@dataclass(frozen=True, slots=True)
class Cell:
    """One client and one fault: the verdict, remarks, and what was seen on the wire and by the application."""

    client: str
    fault: str
    parameters: dict[str, Any]
    verdict: str
    remarks: list[str]
    wire: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    exit: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.client, self.fault

    @classmethod
    def of(cls, client: str, row: Row, verdict: Verdict, remarks: list[str], seen: Seen) -> "Cell":
        """The cell for what was seen; times, which no two runs share, are left out."""
        wire = {
            "handshakes": seen.handshakes,
            "turned_away": list(seen.turned_away),
            "messages": dict(sorted(seen.sent.items())),
            "audio_bytes": seen.sent_audio,
            "ending": seen.ending,
            "answered": seen.answered,
            "client_closed": seen.left_with if seen.left_at is not None else None,
            "settings_again": seen.settings_again,
            "client_broke": list(seen.findings),
        }
        application = {
            "messages": dict(sorted(seen.messages.items())),
            "taken_for": seen.names,
            "audio_bytes": seen.audio_bytes,
            "errors": list(seen.errors),
            "errors_of_sending": list(seen.refused),
            "closed": list(seen.closed),
            "thread_died": seen.thread_died,
        }
        return cls(client, row.label, dict(row.parameters), verdict, remarks, wire, application, seen.exit)

    @classmethod
    def not_run(cls, client: str, row: Row, reason: str) -> "Cell":
        return cls(client, row.label, dict(row.parameters), Verdict.NOT_RUN, [reason])


@dataclass(slots=True)
class Results:
    """All cells by client and label, and the clients with their versions. `incomplete` if a cell is missing."""

    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    incomplete: bool = False

    def put(self, cell: Cell) -> None:
        self.cells[cell.key] = cell

    def at(self, client: str, label: str) -> Cell:
        return self.cells[client, label]


def load() -> Results:
    """What is committed; empty when there is nothing yet."""
    if not FILE.exists():
        return Results()
    found = json.loads(FILE.read_text("utf-8"))
    cells = [Cell(**each) for each in found["cells"]]
    return Results(found["clients"], {each.key: each for each in cells})


def written(results: Results) -> str:
    """The file's text, in the order of the table; cells of clients and rows that are no more are left out."""
    names, labels = list(columns()), [row.label for row in rows()]
    keys = [(name, label) for label in labels for name in names if (name, label) in results.cells]
    clients = json.dumps({name: results.clients[name] for name in names if name in results.clients}, indent=2)
    cells = ",\n".join(json.dumps(asdict(results.cells[key]), ensure_ascii=False) for key in keys)
    return f'{{\n"clients": {clients},\n"cells": [\n{cells}\n]\n}}\n'


def write(results: Results) -> None:
    FOLDER.mkdir(exist_ok=True)
    FILE.write_text(written(results), encoding="utf-8")
