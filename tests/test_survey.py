"""The survey against a session that really took place: what is rehearsed of a scenario, its trace shows too."""

import asyncio

import pytest

from mockagent import catalogue, survey
from mockagent.coverage.report import Report
from mockagent.coverage.rows import Kind
from mockagent.errors import TraceError
from mockagent.testing import ReferenceClient, serving

NO_LONGER_THAN = 60


def exercised(report: Report, kind: Kind) -> set[str]:
    return {str(entry.row) for entry in report.entries if entry.by and entry.row.kind is kind}


@pytest.mark.parametrize("name", ["function_call", "prompt_and_speak_updates", "injection_refused"])
def test_a_recorded_session_exercises_what_its_scenario_does(name, tmp_path):
    path = catalogue.find_scenario(name)
    scenario = catalogue.proved_scenario(path)
    with serving(scenario, speed=20, trace=tmp_path) as server:
        asyncio.run(asyncio.wait_for(ReferenceClient(scenario, speed=20).play(server.url), NO_LONGER_THAN))
    rehearsed, recorded = survey.of_sources([name]), survey.of_sources([str(tmp_path)])
    assert exercised(recorded, Kind.MESSAGE) >= exercised(rehearsed, Kind.MESSAGE)
    assert exercised(recorded, Kind.VARIANT) >= exercised(rehearsed, Kind.VARIANT)
    assert "v1 active/silence × close" in exercised(recorded, Kind.CELL)


def test_a_file_that_cannot_be_read_is_said_so(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(TraceError, match=r"x\.jsonl:1: expected a JSON line"):
        survey.of_sources([str(path)])


def test_each_code_of_the_schemas_is_a_row():
    codes = survey.codes()
    assert codes.keys() == {"Error", "Warning"}
    assert "INTERNAL_SERVER_ERROR" in codes["Error"] and "PROMPT_TOO_LONG" in codes["Warning"]
