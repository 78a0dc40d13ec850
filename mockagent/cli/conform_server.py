"""`mockagent conform server`: the conformance kit as the client."""

import math
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli import reporting, shared
from mockagent.cli.plain import echo, stop
from mockagent.cli.playing import baseline_file, clocks, ended_by_signals, selected
from mockagent.errors import MockagentError

if TYPE_CHECKING:
    from mockagent.conformance.server.campaign import Wanted
    from mockagent.conformance.server.target import Target
    from mockagent.conformance.server.trial import How

KEY = "DEEPGRAM_API_KEY"
JOBS = {"exact": 4, "free": 1}
"""How many cases side by side; live accounts may have few connections at once."""


def _refused_key(_context: click.Context, _option: click.Parameter, key: str | None) -> None:
    if key is not None:
        raise click.UsageError(
            f"no key is taken from the command line, where others can read it; put it into {KEY}"
        )


@click.command("server")
@click.argument("url")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|FOLDER]...")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be repeated.")
@click.option(
    "--dialect",
    type=click.Choice(["v1", "early-access"]),
    help="Which dialect it speaks.  [default: by the path of URL]",
)
@click.option(
    "--words",
    type=click.Choice(["exact", "free"]),
    help="Whether it says what the scenario says.  [default: exact where URL has {scenario} or {case}]",
)
@click.option(
    "--voice",
    type=click.Choice(["auto", "espeak-ng", "tones", "text"]),
    default="auto",
    show_default=True,
    help="How user turns without a recording are spoken.",
)
@click.option(
    "--max-minutes",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="What the run may take.",
)
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep a trace of each session there, without secrets.",
)
@click.option("--no-handshake", is_flag=True, help="Do not try handshakes that a server must refuse.")
@click.option(
    "--api-key", callback=_refused_key, expose_value=False, help=f"Not taken: the key comes from {KEY}."
)
@shared.speed
@click.option("--jobs", type=click.IntRange(1, 64), help="How many cases side by side.  [default: 4, free 1]")
@clocks
@baseline_file
@reporting.report_files
@shared.quiet
def server(
    url: str,
    scenarios: tuple[str, ...],
    tags: tuple[str, ...],
    dialect: str | None,
    words: str | None,
    voice: str,
    max_minutes: float,
    record: Path | None,
    no_handshake: bool,
    speed: float,
    jobs: int | None,
    connect_within: float,
    step_within: float,
    case_within: float | None,
    baseline: Path | None,
    files: reporting.Files,
    quiet: bool,
) -> None:
    """Play SCENARIOs with the server at URL, and tell what of the protocol it keeps.

    In URL {scenario} and {case} stand for the name of what is to be played; a server whose URL has neither plays
    freely, as the live service does. The key comes from DEEPGRAM_API_KEY. Without a SCENARIO all bundled ones of the
    dialect are played.
    """
    if any(math.isnan(each) for each in (connect_within, step_within, case_within or 0.0, max_minutes)):
        raise click.UsageError("expected a number, got nan")
    from mockagent.conformance.planning import Limits
    from mockagent.conformance.server.speech import Voice, chosen, has_synthesiser
    from mockagent.conformance.server.target import Target
    from mockagent.conformance.server.trial import How
    from mockagent.scenario.duties import Words

    target = Target(url)
    if target.problem:
        raise click.UsageError(target.problem)
    is_exact = words == "exact" if words else target.names_scenarios
    spoken = chosen(Voice(voice), Words.EXACT if is_exact else Words.FREE)
    if spoken is Voice.ESPEAK and not has_synthesiser():
        raise click.UsageError("espeak-ng is not installed; --voice text sends the user's turns as text")
    how = How(
        target,
        os.environ.get(KEY) or f"conform-{secrets.token_hex(16)}",
        Words.EXACT if is_exact else Words.FREE,
        spoken,
        record,
        speed,
        Limits(connect_within, step_within, case_within),
    )
    try:
        wanted = _wanted(target, scenarios, tags, dialect, baseline)
    except MockagentError as error:
        stop(error)
    from dataclasses import replace

    how = replace(how, target=replace(target, spoken=wanted.sanity.dialect))
    wanted = replace(
        wanted,
        jobs=jobs or JOBS[how.words],
        minutes=max_minutes,
        knocks=not no_handshake,
        knows_key=bool(os.environ.get(KEY)),
    )
    _run(wanted, how, files, quiet)


def _run(wanted: "Wanted", how: "How", files: reporting.Files, quiet: bool) -> None:
    import asyncio
    import tempfile
    from dataclasses import replace

    from mockagent import catalogue, loops
    from mockagent.conformance.report import NOTHING_RAN, STOPPED
    from mockagent.conformance.server.campaign import ServerCampaign

    def told(case: str, verdicts: str) -> None:
        if not quiet:
            echo(f"{case}: {verdicts}", err=True)

    if not wanted.scenarios:
        echo("no scenario has such a tag or dialect, so nothing was tried", err=True)
        sys.exit(NOTHING_RAN)
    try:
        with tempfile.TemporaryDirectory(prefix="mockagent-") as scratch:
            if files.html and how.folder is None:
                how = replace(how, folder=Path(scratch))
            campaign = ServerCampaign(wanted, how, catalogue.requirements(), told)
            report = loops.run(ended_by_signals(campaign.run()))
            recordings = reporting.recordings_of(report) if files.html else {}
        if how.folder == Path(scratch):
            report = replace(report, runs=tuple(replace(run, files={}) for run in report.runs))
    except MockagentError as error:
        stop(error)
    except asyncio.CancelledError:
        echo("stopped before any case was played", err=True)
        sys.exit(STOPPED)
    reporting.write(report, files, recordings)
    reporting.show(report, quiet)
    sys.exit(report.exit_code)


def _wanted(
    target: "Target",
    names: tuple[str, ...],
    tags: tuple[str, ...],
    dialect: str | None,
    baseline: Path | None,
) -> "Wanted":
    from datetime import UTC, datetime

    from mockagent import catalogue
    from mockagent.conformance.baseline import known_of
    from mockagent.conformance.server.campaign import Wanted
    from mockagent.conformance.server.planning import EARLY_ACCESS_SANITY
    from mockagent.protocol.events import Dialect

    plays, sanity, only = selected(names, tags, dialect or target.dialect.value)
    if sanity.dialect is Dialect.EARLY_ACCESS:
        sanity = catalogue.load_scenario(catalogue.find_scenario(EARLY_ACCESS_SANITY))
    known = [known_of(entry) for entry in catalogue.baseline(baseline)] if baseline else []
    return Wanted(plays, sanity, only, known=known, today=datetime.now(UTC).date().isoformat())
