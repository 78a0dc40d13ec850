"""What a wheel carries: someone who installs it has every schema, scenario and requirement, and no checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
DATA = ("schemas", "scenarios", "conformance")
LIMIT = 300


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, PROJECT]
    subprocess.run(command, check=True, timeout=LIMIT)
    return folder


def run(installed, tmp_path, *arguments):
    """What the installed package prints, started far away from the checkout."""
    start = f"import sys; sys.path.insert(0, {str(installed)!r}); from mockagent.cli import main; main()"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", start, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_carries_every_data_file(installed):
    carried = installed / "mockagent" / "_data"
    for name in DATA:
        expected = {
            path.relative_to(PROJECT).as_posix()
            for path in (PROJECT / name).rglob("*")
            if path.suffix in (".json", ".jsonl", ".yaml")
        }
        found = {
            path.relative_to(carried).as_posix() for path in (carried / name).rglob("*") if path.is_file()
        }
        assert expected and expected <= found


def test_an_installed_wheel_finds_scenarios_by_name(installed, tmp_path):
    assert "barge_in" in run(installed, tmp_path, "scenarios")
    assert "The user talks over the agent" in run(installed, tmp_path, "explain", "barge_in")


def test_an_installed_wheel_finds_schemas(installed, tmp_path):
    assert '"title": "Welcome"' in run(installed, tmp_path, "schema", "show", "Welcome")


def test_a_wheel_leaves_the_tests_at_home(installed):
    assert not (installed / "tests").exists()
