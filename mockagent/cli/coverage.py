"""`mockagent coverage`: what of the protocol is exercised, and what is not."""

import json
import sys
from pathlib import Path

import click

from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError

_KINDS = ("messages", "variants", "codes", "cells")


@click.command("coverage")
@click.argument("sources", nargs=-1, metavar="[SCENARIO|FOLDER|TRACE]...")
@click.option(
    "--only", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only these rows; may be repeated."
)
@click.option(
    "--excuses",
    metavar="FILE",
    help="Which rows the SOURCES need not exercise, and why: YAML, as schema show excuse.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object for each row, and one for the whole.")
@click.option(
    "--markdown", "as_markdown", is_flag=True, help="A page with every row, and the cells as tables."
)
def command(
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    excuses: str | None,
    as_json: bool,
    as_markdown: bool,
) -> None:
    """Tell which messages, variants of them, codes and cells the SOURCES exercise.

    SOURCES are scenarios, recorded traces, or folders of them. Without any it is the bundled scenarios, and for the
    cells a walk through all of them. A cell is what a client does in a state of the session. Exits with 1 when a
    row is neither exercised nor excused.
    """
    from mockagent import survey
    from mockagent.coverage import pages
    from mockagent.coverage.rows import Kind

    if as_json and as_markdown:
        raise click.UsageError("expected --json or --markdown, got both")
    if excuses and not sources:
        raise click.UsageError("expected a scenario, a folder or a trace beside --excuses, got none")
    wanted = [Kind(kind) for kind in kinds or _KINDS]
    try:
        file = Path(excuses) if excuses else None
        report = survey.of_sources(sources, wanted, file) if sources else survey.of_bundled(wanted)
    except MockagentError as error:
        stop(error)
    if as_json:
        for line in pages.lines(report):
            click.echo(json.dumps(line, ensure_ascii=False))
    else:
        for each in pages.markdown(report) if as_markdown else pages.text(report):
            echo(each)
    sys.exit(0 if report.is_complete else 1)
