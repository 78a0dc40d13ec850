"""`mockagent conform`: the conformance kit."""

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli import attach as attach_options
from mockagent.cli import conform_server, reporting, shared
from mockagent.cli.plain import echo, stop
from mockagent.cli.playing import baseline_file, clocks, ended_by_signals, selected
from mockagent.cli.run import BeforeCommand, command_of
from mockagent.errors import MockagentError

if TYPE_CHECKING:
    from mockagent.conformance.campaign import Wanted
    from mockagent.conformance.report import Report

_DIALECTS = ("v1", "early-access")


@click.group("conform")
def command() -> None:
    """Hold an implementation against the protocol."""


command.add_command(conform_server.server)


@command.command("client", cls=BeforeCommand)
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|FOLDER]...")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be repeated.")
@click.option("--dialect", type=click.Choice(_DIALECTS), help="Only scenarios of this dialect.")
@click.option(
    "--level",
    type=click.Choice(["auto", "0", "1", "2"]),
    default="auto",
    show_default=True,
    help="What COMMAND can do: 0 go to a URL with a key, 1 obey an intent, 2 tell what its application saw.",
)
@shared.speed
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="How many cases side by side."
)
@clocks
@baseline_file
@reporting.report_files
@click.option(
    "--traces",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep the traces, and what COMMAND prints, in a folder for each case.",
)
@attach_options.options
@shared.seed
@shared.quiet
@click.pass_context
def client(
    context: click.Context,
    scenarios: tuple[str, ...],
    tags: tuple[str, ...],
    dialect: str | None,
    level: str,
    speed: float,
    jobs: int,
    connect_within: float,
    step_within: float,
    case_within: float | None,
    baseline: Path | None,
    files: reporting.Files,
    traces: Path | None,
    attach: bool,
    host: str,
    port: int,
    allow_origin: tuple[str, ...],
    seed: int | None,
    quiet: bool,
) -> None:
    """Play SCENARIOs with the client that COMMAND is, and tell what of the protocol it keeps.

    COMMAND is started once for each case, with MOCKAGENT_URL and DEEPGRAM_API_KEY in its environment. Without a
    SCENARIO all bundled ones of the V1 dialect are played. With --attach there is no COMMAND.
    """
    argv = command_of(context)
    attaching = attach_options.attaching(context, argv, attach, host, port, allow_origin, connect_within)
    if not argv and not attaching:
        raise click.UsageError(
            "expected a command after --, as in: mockagent conform client -- python my_client.py"
        )
    if any(math.isnan(each) for each in (connect_within, step_within, case_within or 0.0)):
        raise click.UsageError("expected seconds, got nan")
    import asyncio
    import tempfile
    from contextlib import nullcontext
    from dataclasses import replace
    from datetime import UTC, datetime

    from mockagent import catalogue, loops
    from mockagent.conformance.baseline import known_of
    from mockagent.conformance.campaign import Campaign
    from mockagent.conformance.planning import Limits
    from mockagent.conformance.report import NOTHING_RAN, STOPPED
    from mockagent.conformance.trial import How

    def told(case: str, verdicts: str) -> None:
        if not quiet:
            echo(f"{case}: {verdicts}", err=True)

    try:
        known = [known_of(entry) for entry in catalogue.baseline(baseline)] if baseline else []
        wanted = _wanted(scenarios, tags, dialect, level, jobs)
        wanted = replace(wanted, known=known, today=datetime.now(UTC).date().isoformat())
        if not wanted.scenarios:
            echo("no scenario has such a tag or dialect, so nothing was tried", err=True)
            sys.exit(NOTHING_RAN)
        with tempfile.TemporaryDirectory(prefix="mockagent-") as scratch:
            how = How(
                argv,
                traces or Path(scratch),
                os.environ,
                speed,
                Limits(connect_within, step_within, case_within),
                traces is not None or files.html is not None,
                seed,
            )

            async def run() -> "Report":
                async with attaching.serving(how) if attaching else nullcontext(how) as served:
                    return await Campaign(wanted, served, catalogue.requirements(), told).run()

            report = loops.run(ended_by_signals(run()))
            recordings = reporting.recordings_of(report) if files.html else {}
        if traces is None:
            report = replace(report, runs=tuple(replace(run, files={}) for run in report.runs))
    except MockagentError as error:
        stop(error)
    except asyncio.CancelledError:
        echo("stopped before any case was played", err=True)
        sys.exit(STOPPED)
    except OSError as error:
        echo(f"cannot keep files in {traces}: {error.strerror or error}", err=True)
        sys.exit(2)
    reporting.write(report, files, recordings)
    reporting.show(report, quiet)
    sys.exit(report.exit_code)


def _wanted(
    names: tuple[str, ...], tags: tuple[str, ...], dialect: str | None, level: str, jobs: int
) -> "Wanted":
    from mockagent.conformance.campaign import Wanted

    plays, sanity, only = selected(names, tags, dialect or (None if names else "v1"))
    return Wanted(plays, sanity, only, None if level == "auto" else int(level), jobs)
