"""`mockagent wait`: until a server accepts connections, asked through its front door."""

import math
import sys
from pathlib import Path

import click

from mockagent.cli import shared
from mockagent.cli.plain import echo, stop
from mockagent.errors import ServerError


@click.command("wait")
@click.argument("url")
@click.option(
    "--timeout", default=10.0, show_default=True, type=click.FloatRange(0, 86_400), help="Seconds to wait."
)
@shared.tls_folder
def command(url: str, timeout: float, tls_folder: Path | None) -> None:
    """Wait until the server at URL answers.

    URL is ws://HOST:PORT/v1/agent/converse as `serve` prints it (or wss://…), http://HOST:PORT, or HOST:PORT.
    The server is asked for its think models, which opens no session.

    Exits with 0 when it answered, with 1 when it did not in time.
    """
    from mockagent.readiness import door_of, knock

    if math.isnan(timeout):
        raise click.UsageError("--timeout is a number of seconds.")
    try:
        door = door_of(url)
    except ServerError as error:
        stop(error)
    try:
        knock(door, timeout, tls_folder)
    except ServerError as error:
        echo(f"not ready: {error}", err=True)
        sys.exit(1)
    echo(f"ready: {door}")
