"""Cells of the committed table, played again: the real clients still do what it says of them."""

import pytest
from compiled import COMPILED, program
from fault_cells import rows
from fault_results import Cell, load
from fault_runs import columns, play
from fault_verdicts import verdict_of

CELLS = [
    ("python_7", "malformed_json"),
    ("python_7", "unknown_type"),
    ("python_7_async", "refused_401"),
    ("python_5", "text_as_binary"),
    ("python_4", "non_object"),
    ("python_3", "malformed_json"),
    ("javascript_5", "tcp_close"),
    ("javascript_5", "close,code=1000"),
    ("javascript_4", "malformed_json"),
    ("rust", "missing_field"),
    ("rust", "close,code=1011"),
    ("go_3", "mistyped_field"),
]
"""Quick ones in which nothing depends on how busy the machine is, and at least one for each SDK."""


@pytest.mark.parametrize(("client", "label"), CELLS)
def test_a_client_does_what_the_table_says(client, label, tmp_path):
    if client in COMPILED:
        program(client)
    expected = load().at(client, label)
    row = next(row for row in rows() if row.label == label)
    seen = play(columns()[client](), row, tmp_path)
    found = Cell.of(client, row, verdict_of(row, seen), [], seen)
    assert settled(found) == settled(expected), seen


def settled(cell: Cell) -> tuple[object, ...]:
    """What is the same in every run: not how often a client came back, or what it said while it was away."""
    wire, application = cell.wire, cell.application
    return cell.verdict, cell.exit, wire["answered"], wire["client_closed"], application["errors"]
