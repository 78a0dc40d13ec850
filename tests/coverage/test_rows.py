"""The rows are those of the protocol's tables, each of them once."""

from collections import Counter

from mockagent import survey
from mockagent.coverage.rows import Kind, Row, every_row, state
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.transitions import Phase, Turn

ROWS = every_row({"Error": ("A", "B"), "Warning": ("C",)})


def of(kind):
    return [row for row in ROWS if row.kind is kind]


def test_every_type_of_either_side_is_a_row_and_so_is_its_audio():
    expected = {
        (dialect, side, type) for (dialect, side), types in TYPES.items() for type in (*types, "audio")
    }
    assert {(row.dialect, row.group, row.name) for row in of(Kind.MESSAGE)} == expected


def test_every_code_is_a_row_of_v1():
    assert [str(row) for row in of(Kind.CODE)] == ["v1 Error A", "v1 Error B", "v1 Warning C"]


def test_every_phase_meets_every_turn_and_everything_that_a_client_does():
    cells = of(Kind.CELL)
    for dialect in Dialect:
        states = {row.group for row in cells if row.dialect is dialect}
        assert states == {state(phase, turn) for phase in Phase for turn in Turn}
        for type in TYPES[dialect, Side.CLIENT]:
            met = {row.group for row in cells if row.dialect is dialect and row.name.startswith(type)}
            assert met == states


def test_a_cell_can_be_named():
    row = Row(Kind.CELL, Dialect.V1, state(Phase.ACTIVE, Turn.SPEAKING), "InjectAgentMessage queue")
    assert row in ROWS
    assert str(row) == "v1 active/the agent speaks × InjectAgentMessage queue"


def test_no_row_is_there_twice():
    assert [row for row, count in Counter(every_row(survey.codes())).items() if count > 1] == []
