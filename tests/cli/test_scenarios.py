"""`mockagent scenarios`: what can be served, and what cannot."""

import json

from mockagent.catalogue import bundled_scenarios, load_scenario

GOOD = "name: mine\nsummary: My own\nsteps:\n  - client: Settings\n"


def test_every_bundled_scenario_is_listed_in_columns(run):
    result = run("scenarios")
    shown = result.stdout.splitlines()
    loaded = [load_scenario(path) for path in bundled_scenarios()]
    assert result.exit_code == 0
    assert [line.split()[0] for line in shown] == [scenario.name for scenario in loaded]
    starts = {line.index(scenario.summary) for line, scenario in zip(shown, loaded, strict=True)}
    assert len(starts) == 1


def test_json_is_an_object_a_line(run):
    told = [json.loads(line) for line in run("scenarios", "--json").stdout.splitlines()]
    assert told[0]["name"] == "barge_in"
    assert {each["area"] for each in told} > {"", "conversation", "functions"}
    assert all(each.keys() == {"name", "area", "dialect", "summary", "file"} for each in told)


def test_a_folder_is_listed_and_a_broken_file_in_it_reported(run, tmp_path):
    (tmp_path / "area").mkdir()
    (tmp_path / "area" / "mine.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text("name: [")
    result = run("scenarios", tmp_path)
    assert result.exit_code == 1
    assert result.stdout == "mine  area  v1  My own\n"
    assert result.stderr.startswith(f"{tmp_path / 'broken.yaml'}:")


def test_a_folder_of_broken_files_is_no_traceback(run, tmp_path):
    (tmp_path / "garbage.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "folder.yaml").mkdir()
    result = run("scenarios", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 2


def test_what_is_no_folder_of_scenarios_is_said_in_one_line(run, tmp_path):
    for name in (tmp_path / "nothing", tmp_path, "x" * 5_000, "a\0b"):
        result = run("scenarios", name)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
