"""Runs a command as a user does, but in this process."""

import pytest
from click.testing import CliRunner

from mockagent.cli import main


@pytest.fixture
def run():
    """Runs `mockagent ARGUMENTS`; an exception that is no exit fails the test."""

    def invoke(*arguments, stdin=None):
        return CliRunner().invoke(
            main, [str(each) for each in arguments], input=stdin, catch_exceptions=False
        )

    return invoke


@pytest.fixture
def write(tmp_path):
    """Writes a file and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
