"""`mockagent report`: reports and recorded sessions, shown again and compared."""

import json
import sys
from pathlib import Path

import click

from mockagent.cli import reporting, shared
from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError

_READ = click.Path(dir_okay=False, path_type=Path)


@click.group("report")
def command() -> None:
    """Show and compare reports of the conformance kit."""


@command.command("show")
@click.argument("report", type=_READ)
@reporting.report_files
@shared.quiet
def show(report: Path, files: reporting.Files, quiet: bool) -> None:
    """Print the stored REPORT again, and write it in other formats.

    REPORT is what --json has written. The page shows the sessions whose traces are still where they were.
    """
    try:
        found = reporting.stored(report)
    except MockagentError as error:
        stop(error)
    reporting.write(found, files, reporting.recordings_of(found) if files.html else {})
    reporting.show(found, quiet)


@command.command("diff")
@click.argument("old", type=_READ)
@click.argument("new", type=_READ)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Tell which rows differ between the stored reports OLD and NEW.

    Exits with 1 when something got worse: a row fails that did not, or passes no longer.
    """
    from mockagent.conformance.comparison import differences, is_worse
    from mockagent.render import difference

    try:
        found = differences(reporting.stored(old), reporting.stored(new))
    except MockagentError as error:
        stop(error)
    if as_json:
        click.echo(json.dumps(difference.document(found)))
    else:
        for line in difference.lines(found):
            echo(line)
    sys.exit(int(is_worse(found)))


@command.command("timeline")
@click.argument("trace", type=_READ)
@click.argument("page", type=_READ)
def timeline(trace: Path, page: Path) -> None:
    """Draw the recorded session TRACE over its time: PAGE is the HTML file to write."""
    from mockagent import __version__
    from mockagent.render.html.alone import session_page

    try:
        recording = reporting.recording_of(trace)
    except MockagentError as error:
        stop(error)
    except OSError as error:
        echo(f"cannot read {trace}: {error.strerror or error}", err=True)
        sys.exit(2)
    reporting.save(page, session_page(recording, __version__))
