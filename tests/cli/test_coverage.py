"""`mockagent coverage`: of the bundled scenarios, of one's own, and of traces."""

import json

import pytest

from mockagent.catalogue import schemas

SCENARIO = """\
name: mine
summary: My own
steps:
  - client: Settings
  - client: KeepAlive
  - client: {closes: true}
"""


def rows(result):
    return {
        f"{line['dialect']} {line['group']} {line['name']}": line
        for line in map(json.loads, result.stdout.splitlines()[:-1])
    }


def test_the_bundled_scenarios_and_the_walk_leave_nothing_out(run):
    result = run("coverage")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("messages v1 client")
    assert "missing" not in result.stdout


def test_one_scenario_leaves_much_out_and_is_told_what(run, write):
    result = run("coverage", write("mine.yaml", SCENARIO))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "messages v1 client     2 of 13"
    assert "  codes v1 Warning: all 12" in lines
    assert "early-access" not in result.stdout


def test_json_names_who_exercises_a_row(run, write):
    path = write("mine.yaml", SCENARIO)
    result = run("coverage", "--json", path, "barge_in")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [problem for line in told for problem in schemas().conforms("files/coverage.json", line)] == []
    assert rows(result)["v1 client Settings"]["by"] == ["mine", "barge_in"]
    assert rows(result)["v1 client KeepAlive"]["by"] == ["mine"]
    assert rows(result)["v1 active/silence KeepAlive"]["status"] == "exercised"
    assert told[-1]["complete"] is False


def test_only_some_rows(run, write):
    result = run("coverage", "--json", "--only", "codes", "--only", "variants", write("mine.yaml", SCENARIO))
    assert {line["kind"] for line in rows(result).values()} == {"codes", "variants"}


def test_markdown_is_a_page(run, write):
    result = run("coverage", "--markdown", write("mine.yaml", SCENARIO))
    assert result.stdout.startswith("# Protocol coverage\n\n| rows |")
    assert "## Cells of v1" in result.stdout


EXCUSES = """\
- {kind: codes, why: pending, groups: [Warning], reason: not tested so far}
- kind: codes
  why: pending
  groups: [Error]
  reason: not tested so far either
"""


def test_excuses_of_ones_own_make_the_report_complete(run, write):
    mine, file = write("mine.yaml", SCENARIO), write("excuses.yaml", EXCUSES)
    result = run("coverage", "--only", "codes", "--excuses", file, mine)
    assert result.exit_code == 0
    assert "  12 codes: not tested so far" in result.stdout.splitlines()


def test_an_excuse_of_ones_own_that_no_longer_holds_is_told(run, write):
    file = write("excuses.yaml", EXCUSES)
    result = run("coverage", "--only", "codes", "--excuses", file, "fatal_error")
    assert result.exit_code == 1
    assert "excused, though something exercises it:\n  codes v1 Error: FAILED_TO_THINK\n" in result.stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            EXCUSES.replace("why: pending\n", "why: later\n"),
            ":2:3: /why: expected one of 'unreachable', 'pending'",
        ),
        ("kind: codes\n", ":1:1: expected a list of excuses"),
        ("[", ":2:1: not YAML"),
    ],
)
def test_excuses_that_are_none_are_said_with_their_place(run, write, content, told):
    file = write("excuses.yaml", content)
    result = run("coverage", "--excuses", file, "barge_in")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{file}{told}")


def test_excuses_need_something_that_they_excuse(run, tmp_path):
    assert run("coverage", "--excuses", tmp_path / "none.yaml").exit_code == 2
    assert run("coverage", "--excuses", tmp_path / "none.yaml", "barge_in").exit_code == 2


def test_both_forms_at_once_are_not_understood(run):
    result = run("coverage", "--json", "--markdown")
    assert result.exit_code == 2
    assert "expected --json or --markdown, got both" in result.stderr


HEADER = {
    "trace": 1,
    "mockagent": "0.1.0",
    "dialect": "v1",
    "scenario": None,
    "started": "2026-01-01T00:00:00.000+00:00",
    "speed": 1.0,
    "tolerance": "faithful",
    "session": "3f0c7a52-91d4-4be6-8a57-2d1f60b9c4e8",
    "recorder": "server",
    "seed": None,
    "switches": {},
}
EVENTS = (
    {"n": 1, "at": 0.0, "from": "server", "opened": {"dialect": "v1"}},
    {"n": 2, "at": 0.02, "from": "server", "message": {"type": "Welcome", "request_id": HEADER["session"]}},
    {"n": 3, "at": 0.1, "from": "client", "audio": {"bytes": 640, "frames": 1, "largest": 640}},
    {"n": 4, "at": 0.2, "from": "client", "message": {"type": "Settings", "audio": 7}},
)


def test_a_folder_of_traces_tells_what_was_really_sent(run, write, tmp_path):
    lines = [json.dumps(line) for line in (HEADER, *EVENTS)]
    write("0001.jsonl", "\n".join(lines) + "\n")
    found = rows(run("coverage", "--json", tmp_path))
    exercised = {name for name, line in found.items() if line["status"] == "exercised"}
    assert exercised == {
        "v1 server Welcome",
        "v1 client audio",
        "v1 welcomed/silence a message that breaks its schema",
        "v1 welcomed/silence audio",
    }


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.jsonl", "{}\n", "x.jsonl:1: expected one trace, header first and footer last"),
        (
            "x.jsonl",
            json.dumps({**HEADER, "switches": {"x": 1}}) + "\n",
            "x.jsonl:1: expected the header of a trace",
        ),
        ("x.yaml", "name: x\nsummary: y\nsteps:\n  - agnet: hi\n", "x.yaml:4:5: expected a step"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(run, write, name, content, told):
    result = run("coverage", write(name, content))
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_all_that_cannot_be_read_in_a_folder_is_said(run, write, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        write(name, "name: x\nsummary: y\nsteps:\n  - agnet: hi\n")
    write("c.jsonl", "{}\n")
    result = run("coverage", tmp_path)
    assert result.exit_code == 2
    found = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert found == [str(tmp_path / name) for name in ("a.yaml", "b.yaml", "c.jsonl")]


def test_what_is_not_there_is_said_with_the_nearest_name(run, tmp_path):
    assert (
        run("coverage", "bargein").stderr
        == "no file or bundled scenario named 'bargein'; did you mean 'barge_in'?\n"
    )
    for name in (tmp_path, tmp_path / "nothing", "x" * 5_000, "a\0b"):
        result = run("coverage", name)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
