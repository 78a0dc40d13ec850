"""The coverage of the protocol: every row is exercised by a scenario or the walk, or says why it is not.

A reason that no longer holds fails as much as one that is missing: whoever writes the scenario takes out the excuse.
"""

import json

import pytest

from mockagent import catalogue, survey
from mockagent.coverage.report import Status, Why
from mockagent.coverage.rows import Kind
from mockagent.resources import folder
from mockagent.yaml_nodes import load

ENTRIES = load((folder("conformance") / "coverage.yaml").read_text("utf-8"), "coverage.yaml").value
SCHEMA = json.loads((folder("schemas") / "files/excuse.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def report():
    return survey.of_bundled()


def test_every_row_is_exercised_or_excused_and_every_excuse_holds(report):
    assert [str(entry.row) for entry in report.of(Status.MISSING)] == []
    assert [str(entry.row) for entry in report.of(Status.STALE)] == []
    assert [excuse.reason for excuse in report.idle] == []
    assert report.is_complete


def test_every_cell_that_can_be_is_walked_through(report):
    walked = survey.of_walk()
    cells = [entry for entry in report.entries if entry.row.kind is Kind.CELL and entry.is_reachable]
    assert [str(entry.row) for entry in cells if entry.row not in walked] == []


def test_only_a_cell_is_ever_out_of_reach():
    unreachable = [excuse for excuse in catalogue.excuses() if excuse.why is Why.UNREACHABLE]
    assert {excuse.kind for excuse in unreachable} == {Kind.CELL}


@pytest.mark.parametrize("entry", [*ENTRIES, *SCHEMA["examples"]], ids=lambda entry: entry["reason"])
def test_each_excuse_fits_its_schema(entry):
    assert [str(problem) for problem in catalogue.schemas().conforms("files/excuse.json", entry)] == []


@pytest.mark.parametrize("miss", SCHEMA["x-near-misses"], ids=lambda miss: miss["why"])
def test_the_near_misses_of_the_schema_do_not(miss):
    problems = catalogue.schemas().conforms("files/excuse.json", miss["value"])
    assert [(each.pointer, each.keyword) for each in problems] == [(miss["pointer"], miss["keyword"])]
