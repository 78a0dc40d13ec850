"""`mockagent run`: play scenarios to a command, which may take the server for the live service."""

import math
import os
import sys
from pathlib import Path
from typing import Any

import click

from mockagent.cli import shared
from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError

_COMMAND = "mockagent.command"
"""Under which name the click context keeps what stands after `--`."""


def command_of(context: click.Context) -> list[str]:
    """What stands after `--`."""
    argv: list[str] = context.meta[_COMMAND]
    return argv


class BeforeCommand(click.Command):
    """A command line in two parts: what is ours, and after `--` the command, of which nothing is looked at."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_COMMAND] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- COMMAND [ARGUMENT]..."]


@click.command("run", cls=BeforeCommand)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|FOLDER]...")
@shared.speed
@shared.tolerance
@shared.strict
@click.option("--api-key", help="The key that COMMAND is given, and the only one that is let in.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 86_400, min_open=True),
    help="Seconds after which COMMAND is stopped.",
)
@shared.tls_folder
@shared.trace
@shared.trace_audio
@shared.allow_host
@shared.seed
@shared.fault
@shared.as_json
@shared.quiet
@click.pass_context
def command(
    context: click.Context,
    /,
    scenarios: tuple[str, ...],
    api_key: str | None,
    timeout: float | None,
    tls_folder: Path | None,
    as_json: bool,
    quiet: bool,
    **playing: Any,
) -> None:
    """Run COMMAND beside a server that plays SCENARIOs to it, in place of the live service.

    In its environment are the server's addresses, a key that is none, and a proxy that leads from the live
    hosts to the server. Exits as COMMAND does; with 1 if that is 0 and a scenario was not finished, or
    something broken that must hold; with 124 after --timeout. What this program says goes to standard error.
    """
    argv = command_of(context)
    if not argv:
        raise click.UsageError(
            "expected a command after --, as in: mockagent run barge_in -- python my_client.py"
        )
    if timeout is not None and math.isnan(timeout):
        raise click.UsageError("--timeout is a number of seconds.")
    play = shared.playing(**playing)
    if api_key is not None:
        shared.check_keys(api_key)
    from mockagent import loops
    from mockagent.cli.screen import Screen
    from mockagent.harness.child import CannotStart
    from mockagent.harness.run import run
    from mockagent.harness.surroundings import KEY, has_credentials
    from mockagent.server.options import Options
    from mockagent.tls import authority

    screen = Screen(as_json=as_json, quiet=quiet, err=True)
    if has_credentials(os.environ) and not (as_json or quiet):
        echo("the credentials in this environment are not passed on; COMMAND gets another key", err=True)
    options = Options(api_keys=frozenset({api_key} if api_key else ()), gives_up=True, **play)
    try:
        plays = shared.loaded(scenarios)
        trusted = authority(tls_folder)
        ended = loops.run(
            run(argv, plays, options, trusted, screen.show, key=api_key or KEY, timeout=timeout)
        )
    except CannotStart as error:
        echo(str(error), err=True)
        sys.exit(error.exit_code)
    except MockagentError as error:
        stop(error)
    screen.summary(options.faults)
    screen.show(ended)
    sys.exit(ended.exit_code)
