"""What both sides of `mockagent conform` have in common: options, which cases are played, and what ends a run."""

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mockagent.conformance.report import Report
    from mockagent.scenario.model import Scenario


def clocks(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the three clocks."""
    seconds = click.FloatRange(0.1)
    usual = "[default: one and a half times the play, and more]"
    for option in (
        click.option("--case-within", type=seconds, help=f"Seconds.  {usual}"),
        click.option("--step-within", type=seconds, default=15.0, show_default=True, help="Seconds."),
        click.option("--connect-within", type=seconds, default=10.0, show_default=True, help="Seconds."),
    ):
        command = option(command)
    return command


baseline_file = click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Failures that are known: YAML, as schemas/files/baseline.json says.",
)
"""The option that names the failures which are known."""


async def ended_by_signals(running: "Coroutine[None, None, Report]") -> "Report":
    """Its report; SIGINT and SIGTERM end it, so that nothing that it has started is left behind."""
    import asyncio

    task = asyncio.ensure_future(running)
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signals for its loop
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


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
