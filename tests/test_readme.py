"""The README is the manual: what it shows is run, and what it lists is complete."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mockagent import catalogue
from mockagent.cli import COMMANDS, main

HERE = Path(__file__).parent
TEXT = (HERE.parent / "README.md").read_text("utf-8")


def made():
    spec = importlib.util.spec_from_file_location("readme", HERE / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def commands():
    """Every command, and every command of a command, by the words that call it."""
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        yield name, command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                yield f"{name} {inner}", command.get_command(context, inner)


def test_the_made_parts_are_up_to_date():
    assert made().renewed(TEXT) == TEXT, "run `python tests/readme.py`"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_in_the_readme(name):
    assert f"mockagent {name}" in TEXT or f"`{name}" in TEXT


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, command in commands()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option != "--help"
    ],
)
def test_every_option_is_in_the_readme(name, option):
    own = f"### `mockagent {name}"
    _, _, section = TEXT.partition(own if own in TEXT else f"### `mockagent {name.split()[0]}")
    section, _, _ = section.partition("\n#")
    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section), f"{option} of {name}"


@pytest.mark.parametrize("name", ["serve", "run"])
def test_the_form_of_a_fault_is_shown_with_its_parameters(name):
    form = "NAME[,PARAM=VALUE]...[:P]"
    assert form in " ".join(CliRunner().invoke(main, [name, "--help"]).output.split())
    _, _, section = TEXT.partition(f"### `mockagent {name}")
    assert f"--fault {form.replace('...', '…')}" in section.partition("\n#")[0]


def test_the_call_that_is_shown_as_cancelled_is_so_whatever_the_client():
    """A client that answers at once sees no FunctionCallCancelled of an interruption that comes any later."""
    (row,) = [line for line in TEXT.splitlines() if line.startswith("| `call` … `interrupted: ")]
    assert "`interrupted: {after: 0 s}`" in row


def test_every_switch_is_in_the_readme_with_its_default():
    rows = dict(
        re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", TEXT.partition("<!-- switches -->")[2], re.MULTILINE)
    )
    expected = made().switches()
    assert {name: rows.get(name) for name in expected} == expected


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_scenario_in_the_readme_can_be_played(text, tmp_path):
    name = re.search(r"^name: (\w+)", text, re.MULTILINE)[1]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, "utf-8")
    assert catalogue.proved_scenario(path).steps


def test_the_misspelt_key_is_refused_as_the_readme_says(tmp_path, monkeypatch):
    scenario = next(text for text in blocks("yaml") if "answer: ~sunny" in text)
    (tmp_path / "weather.yaml").write_text(scenario.replace("answer: ~sunny", "anwser: ~sunny"), "utf-8")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["serve", "weather.yaml", "--port", "0"])
    expected = next(text for text in blocks("text") if text.startswith("weather.yaml:"))
    assert (result.exit_code, result.output) == (2, expected)


@pytest.mark.parametrize("text", blocks("python"))
def test_the_python_in_the_readme_compiles(text):
    compile(text, "README.md", "exec")


@pytest.mark.parametrize(
    "line",
    [
        line
        for block in blocks("console")
        for line in re.findall(r"^\$ (.*)$", block, re.MULTILINE)
        if "mockagent" in line and not re.search(r"serve|mockagent run", line)
    ],
)
def test_the_commands_in_the_readme_run(line):
    fed, _, call = line.rpartition("|")
    echoed = shlex.split(fed)[1] if fed else ""
    result = CliRunner().invoke(main, shlex.split(call)[1:], input=echoed)
    assert result.exit_code in (0, 1), result.output
    assert (result.output and result.exception is None) or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:|#)([^)]+)\)", TEXT))
def test_every_file_that_is_linked_exists(link):
    assert (HERE.parent / link).exists()


def test_every_heading_that_is_linked_exists():
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_every_verdict_and_exit_code_of_the_conformance_kit_is_in_the_readme():
    from mockagent.conformance import report
    from mockagent.conformance.verdicts import Verdict

    section = TEXT.partition("### `mockagent conform")[2].partition("\n#")[0]
    codes = {code for name, code in vars(report).items() if name.isupper() and isinstance(code, int)}
    assert codes | {2} == {int(code) for code in re.findall(r"^\| (\d) \|", section, re.MULTILINE)}
    assert [verdict for verdict in Verdict if verdict not in section] == []
