"""Text from outside, fit to be shown: nothing in a file, a name or a peer's words can steer a terminal."""

import re
import sys
from typing import NoReturn

import click

from mockagent.errors import MockagentError

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (C0, DEL, C1), marks that turn the writing direction, line separators, lone surrogates."""


def plain(text: str) -> str:
    """The text on one line, each control character written out: an escape is "\\x1b"."""
    return _STEERING.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape", "surrogatepass").decode("ascii")


def echo(line: str, err: bool = False) -> None:
    """Print one line, made plain; what the terminal's encoding lacks is escaped too."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(plain(line).encode(encoding, "backslashreplace").decode(encoding), err=err)


def stop(error: MockagentError) -> NoReturn:
    """Say what the user can put right, and exit with 2."""
    for line in str(error).split("\n"):
        echo(line, err=True)
    sys.exit(2)
