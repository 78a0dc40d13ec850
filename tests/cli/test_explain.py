"""`mockagent explain`: the play as text, or what is wrong with the scenario."""

import pytest

from mockagent.catalogue import bundled_scenarios


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_is_explained(run, path):
    result = run("explain", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{path.stem}: ") and "Welcome" in result.stdout


def test_a_name_is_found_from_anywhere(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("explain", "barge_in").stdout == run("explain", "scenarios/barge_in.yaml").stdout


def test_the_nearest_name_is_told(run):
    result = run("explain", "bargein")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "no file or bundled scenario named 'bargein'; did you mean 'barge_in'?\n"


@pytest.mark.parametrize("content", ["", b"\xff\xfe", "a: [", "name: x\nsummary: y\nsteps:\n  - agnet: hi\n"])
def test_a_wrong_file_is_refused_with_its_place(run, write, content):
    path = write("a.yaml", content)
    result = run("explain", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(line.startswith(f"{path}:") for line in result.stderr.splitlines()) and result.stderr


def test_a_scenario_that_breaks_a_rule_is_refused(run, write):
    path = write("a.yaml", "name: x\nsummary: y\nsteps:\n  - client: Settings\n  - server: PromptUpdated\n")
    result = run("explain", path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{path}:5:5: PromptUpdated breaks UPD-001")


def test_a_scenario_cannot_steer_the_terminal(run, write):
    path = write(
        "a.yaml", 'name: x\nsummary: "y \\e[2J"\nsteps:\n  - client: Settings\n  - agent: "hi \\u202e"\n'
    )
    result = run("explain", path)
    assert not any(character in result.stdout + result.stderr for character in "\x1b\u202e")
    assert "\\x1b[2J" in result.stdout + result.stderr
