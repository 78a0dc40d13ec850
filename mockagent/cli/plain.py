"""Text from outside, printed so that nothing in a file, a name or a peer's words can steer a terminal."""

import sys
from typing import NoReturn

import click

from mockagent.errors import MockagentError
from mockagent.render.plain import plain


def echo(line: str, err: bool = False) -> None:
    """Print one line, made plain; what the terminal's encoding lacks is escaped too."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(plain(line).encode(encoding, "backslashreplace").decode(encoding), err=err)


def stop(error: MockagentError) -> NoReturn:
    """Say what the user can put right, and exit with 2."""
    for line in str(error).split("\n"):
        echo(line, err=True)
    sys.exit(2)
