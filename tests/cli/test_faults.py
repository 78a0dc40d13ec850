"""`mockagent faults`: the whole table, for people and for programs."""

import json

from click.testing import CliRunner

from mockagent.cli import main
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.table import FAULTS


def lines(*arguments):
    result = CliRunner().invoke(main, ["faults", *arguments])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_every_fault_has_a_line_with_what_it_does_and_breaks():
    head, *rows = lines()
    assert head.split()[0] == "NAME"
    assert [row.split()[0] for row in rows] == list(FAULTS)
    for row, fault in zip(rows, FAULTS.values(), strict=True):
        assert fault.summary in row
        assert all(id in row for id in fault.breaks)
        assert fault.closing is None or f"  {fault.closing}  " in row
        assert all(f"{each.name}: {each.usual}" in row for each in fault.parameters)


def test_programs_get_an_object_a_line():
    rows = [json.loads(line) for line in lines("--json")]
    assert [row["name"] for row in rows] == list(FAULTS)
    assert {tuple(row) for row in rows} == {
        (
            *("name", "summary", "level", "hits", "per", "parameters", "breaks", "breaks_vary", "ends"),
            *("close_code", "must_close"),
        )
    }
    for row in rows:
        figures = [f"{each['name']}={each['default']}" for each in row["parameters"]]
        flag = ",".join([row["name"], *figures])
        assert standing(flag).values == FAULTS[row["name"]].values()
