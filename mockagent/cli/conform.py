"""`mockagent conform`: the conformance kit."""

import contextlib
import math
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli import attach as attach_options
from mockagent.cli import conform_server, reporting, shared
from mockagent.cli.plain import echo, stop
from mockagent.cli.run import BeforeCommand, command_of
from mockagent.errors import MockagentError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mockagent.conformance.campaign import Wanted
    from mockagent.conformance.report import Report
    from mockagent.scenario.model import Scenario

_FILE = click.Path(dir_okay=False, path_type=Path)
_STOPPED = 130
"""What shells give a program that the user has stopped."""
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
@click.option(
    "--connect-within", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds."
)
@click.option("--step-within", type=click.FloatRange(0.1), default=15.0, show_default=True, help="Seconds.")
@click.option(
    "--case-within",
    type=click.FloatRange(0.1),
    help="Seconds.  [default: one and a half times the play, and more]",
)
@click.option(
    "--baseline",
    type=_FILE,
    metavar="FILE",
    help="Failures that are known: YAML, as schemas/files/baseline.json says.",
)
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

    from mockagent import catalogue
    from mockagent.conformance.baseline import known_of
    from mockagent.conformance.campaign import Campaign
    from mockagent.conformance.planning import Limits
    from mockagent.conformance.report import NOTHING_RAN
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

            report = asyncio.run(ended_by_signals(run()))
            recordings = reporting.recordings_of(report) if files.html else {}
        if traces is None:
            report = replace(report, runs=tuple(replace(run, files={}) for run in report.runs))
    except MockagentError as error:
        stop(error)
    except asyncio.CancelledError:
        echo("stopped before all cases were played", err=True)
        sys.exit(_STOPPED)
    except OSError as error:
        echo(f"cannot keep files in {traces}: {error.strerror or error}", err=True)
        sys.exit(2)
    reporting.write(report, files, recordings)
    reporting.show(report, quiet)
    sys.exit(report.exit_code)


async def ended_by_signals(running: "Coroutine[None, None, Report]") -> "Report":
    """Its report; SIGINT and SIGTERM end it, so that nothing that it has started is left behind."""
    import asyncio

    task = asyncio.ensure_future(running)
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signals for its loop
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def _wanted(
    names: tuple[str, ...], tags: tuple[str, ...], dialect: str | None, level: str, jobs: int
) -> "Wanted":
    from mockagent.conformance.campaign import Wanted

    plays, sanity, only = selected(names, tags, dialect or (None if names else "v1"))
    return Wanted(plays, sanity, only, None if level == "auto" else int(level), jobs)


def selected(
    names: tuple[str, ...], tags: tuple[str, ...], dialect: str | None
) -> "tuple[list[Scenario], Scenario, frozenset[str]]":
    """The scenarios of those names (none: all bundled ones), the one for sanity, and the cases that are named."""
    from dataclasses import replace

    from mockagent import catalogue
    from mockagent.conformance.planning import SANITY
    from mockagent.protocol.events import Dialect

    files = [name.partition("#")[0] for name in names]
    paths = catalogue.find_scenarios(files) if names else catalogue.bundled_scenarios()
    plays = list(map(catalogue.proved_scenario, paths))
    plays = [each for each in plays if dialect in (None, each.dialect)]
    plays = [each for each in plays if not tags or set(tags) & set(each.tags)]
    sanity = catalogue.load_scenario(catalogue.find_scenario(SANITY))
    if plays and all(each.dialect is Dialect.EARLY_ACCESS for each in plays):
        sanity = replace(sanity, dialect=Dialect.EARLY_ACCESS)
    only: frozenset[str] = frozenset()
    if any("#" in name for name in names):
        stems = {Path(name.partition("#")[0]).stem: name.partition("#")[2] for name in names}
        only = frozenset(f"{stem}#{n}" if n and n != "1" else stem for stem, n in stems.items())
    return plays, sanity, only
