"""The command line as a whole: every command can be asked for help, and loads nothing heavy for it."""

import subprocess
import sys

import pytest

from mockagent.cli import COMMANDS

HEAVY = ["asyncio", "websockets", "jsonschema", "numpy", "yaml", "mockagent.catalogue", "mockagent.lint"]


@pytest.mark.parametrize("command", [*COMMANDS, "schema list", "schema show", "schema bundle"])
def test_each_command_has_help(run, command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout and "--help" in result.stdout


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_loads_nothing_heavy(command):
    heavy = [name for name in HEAVY if (command, name) != ("serve", "asyncio")]
    code = (
        "import sys\nfrom mockagent.cli import main\n"
        f"try: main({[*command.split(), '--help']!r})\n"
        f"except SystemExit: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_the_list_names_every_command(run):
    shown = run("--help").stdout
    assert all(line in shown for line in COMMANDS.values())


def test_it_is_a_module_too():
    command = [sys.executable, "-m", "mockagent", "scenarios", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: mockagent scenarios ")


def test_the_nearest_command_is_told(run):
    result = run("scenario")
    assert result.exit_code == 2
    assert "no command named 'scenario'; did you mean 'scenarios'?" in result.stderr
