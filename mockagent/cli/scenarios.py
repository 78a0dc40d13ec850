"""`mockagent scenarios`: what there is to serve."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError, ScenarioError
from mockagent.render.plain import plain

if TYPE_CHECKING:
    from mockagent.scenario.model import Scenario


@click.command("scenarios")
@click.argument("folder", required=False)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def command(folder: str | None, as_json: bool) -> None:
    """List the bundled scenarios, or those of FOLDER: name, area, dialect, summary.

    Exits with 1 when one of them is wrong; the others are listed all the same.
    """
    from mockagent.cli.columns import aligned

    top, paths = _paths(folder)
    rows, flaws = _read(top, paths)
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
    else:
        fields = ("name", "area", "dialect", "summary")
        for line in aligned([[plain(row[field]) or "-" for field in fields] for row in rows]):
            echo(line)
    for flaw in flaws:
        echo(flaw, err=True)
    sys.exit(1 if flaws else 0)


def _paths(name: str | None) -> tuple[Path, list[Path]]:
    """The folder and the scenario files in it."""
    from mockagent import catalogue, resources

    if name is None:
        return resources.folder("scenarios"), catalogue.bundled_scenarios()
    try:
        if not os.path.isdir(name):  # noqa: PTH112  (says no, where Path raises, to a name too long)
            raise MockagentError(f"expected a folder, got {name!r}, which is none")
        return Path(name), catalogue.find_scenarios([name])
    except MockagentError as error:
        stop(error)


def _read(top: Path, paths: list[Path]) -> tuple[list[dict[str, str]], list[str]]:
    """A row for each scenario that can be read, and the flaws of the others."""
    from mockagent import catalogue

    rows: list[dict[str, str]] = []
    flaws: list[str] = []
    for path in paths:
        try:
            rows.append(_row(catalogue.load_scenario(path), path, top))
        except ScenarioError as error:
            flaws += map(str, error.flaws)
    return rows, flaws


def _row(scenario: "Scenario", path: Path, top: Path) -> dict[str, str]:
    area = path.parent.relative_to(top).as_posix()
    return {
        "name": scenario.name,
        "area": "" if area == "." else area,
        "dialect": scenario.dialect.value,
        "summary": scenario.summary,
        "file": str(path),
    }
