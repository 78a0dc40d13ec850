"""`mockagent serve`: play scenarios to whoever connects."""

import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli.plain import stop
from mockagent.errors import MockagentError
from mockagent.protocol.events import Tolerance

if TYPE_CHECKING:
    import asyncio

    from mockagent.scenario.faults.flags import Standing
    from mockagent.scenario.model import Scenario
    from mockagent.server.app import Server
    from mockagent.server.notices import Notice
    from mockagent.server.options import Options

_WARMS_UP_AFTER = 0.05
"""Seconds after which a server that is up loads the rest, so that the first client is not kept waiting."""
_TOLERANCES = [level.label for level in Tolerance]


def _named(_context: click.Context, _option: click.Parameter, host: str) -> str:
    if not host.strip():
        raise click.BadParameter(
            "expected an address, got nothing; 0.0.0.0 is every interface of this machine."
        )
    return host


def _finite(_context: click.Context, _option: click.Parameter, speed: float) -> float:
    if speed != speed:
        raise click.BadParameter("expected a number, got nan.")
    return speed


def _standing(
    _context: click.Context, _option: click.Parameter, faults: tuple[str, ...]
) -> "tuple[Standing, ...]":
    from mockagent.scenario.faults.flags import standing

    try:
        return tuple(map(standing, faults))
    except (MockagentError, ValueError) as error:
        raise click.BadParameter(f"{error}\n`mockagent faults` lists what there is.") from None


@click.command("serve")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO|FOLDER]...")
@click.option(
    "--host", default="127.0.0.1", show_default=True, callback=_named, help="The address to listen on."
)
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 1000),
    callback=_finite,
    help="Scales all time.",
)
@click.option(
    "--tolerance",
    type=click.Choice(_TOLERANCES),
    help="What is put up with.  [default: faithful]",
)
@click.option("--strict", is_flag=True, help="Short for --tolerance strict.")
@click.option("--api-key", "api_keys", multiple=True, help="Let in only this key; may be repeated.")
@click.option(
    "--forbidden-key", "forbidden_keys", multiple=True, help="Answer this key with 403; may be repeated."
)
@click.option("--max-sessions", type=click.IntRange(1), help="Answer further clients with 429.")
@click.option("--once", is_flag=True, help="Short for --sessions 1.")
@click.option(
    "--sessions", type=click.IntRange(1), help="End after so many sessions; exit 1 if one was not clean."
)
@click.option(
    "--trace", type=click.Path(file_okay=False, path_type=Path), help="Write each session to this folder."
)
@click.option("--trace-audio", is_flag=True, help="Keep the audio beside the trace, as WAV.")
@click.option("--seed", type=int, help="Make the ids and the faults of this run repeatable.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[:P]",
    callback=_standing,
    help="Inflict this fault, with probability P, at each opportunity; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.option(
    "--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Write the URL here when ready."
)
@click.option("-q", "--quiet", is_flag=True, help="Only the URL and the summary.")
def command(
    scenarios: tuple[str, ...],
    host: str,
    port: int,
    speed: float,
    tolerance: str | None,
    strict: bool,
    api_keys: tuple[str, ...],
    forbidden_keys: tuple[str, ...],
    max_sessions: int | None,
    once: bool,
    sessions: int | None,
    trace: Path | None,
    trace_audio: bool,
    seed: int | None,
    faults: "tuple[Standing, ...]",
    as_json: bool,
    ready_file: Path | None,
    quiet: bool,
) -> None:
    """Serve SCENARIOs (files, folders, or names of bundled ones) to any Voice Agent client.

    Without any, a house agent greets, answers each turn, and calls a function when its name is said.
    """
    from mockagent.cli.screen import Screen
    from mockagent.server.options import Options

    if trace_audio and trace is None:
        raise click.UsageError("--trace-audio needs --trace FOLDER to put the audio in.")
    if strict and tolerance not in (None, "strict"):
        raise click.UsageError(
            f"--strict and --tolerance {tolerance} contradict each other; give one of them."
        )
    if not all(map(str.strip, (*api_keys, *forbidden_keys))):
        raise click.UsageError(
            "an empty key is no credential: nobody can come in by it, and all without one get 401."
        )
    if once and sessions is not None:
        raise click.UsageError("--once and --sessions say the same thing; give one of them.")
    options = Options(
        host=host,
        port=port,
        speed=speed,
        tolerance=Tolerance.STRICT if strict else Tolerance.named(tolerance or "faithful"),
        api_keys=frozenset(api_keys),
        forbidden_keys=frozenset(forbidden_keys),
        max_sessions=max_sessions,
        sessions=1 if once else sessions,
        trace=trace,
        trace_audio=trace_audio,
        seed=seed,
        faults=faults,
    )
    import asyncio

    screen = Screen(as_json=as_json, quiet=quiet, ready_file=ready_file)
    try:
        with _no_collections():
            plays = _loaded(scenarios)
        clean = asyncio.run(_serve(plays, options, screen.show))
    except MockagentError as error:
        stop(error)
    screen.summary()
    sys.exit(0 if clean else 1)


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """While modules are loaded nothing becomes garbage; and what they hold need never be searched for any."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _loaded(names: tuple[str, ...]) -> "list[Scenario]":
    """The scenarios of those names, proved; beside them all that the port needs is loaded."""
    import mockagent.server.app  # noqa: F401  (here, where nothing is collected)
    from mockagent import catalogue

    return [catalogue.proved_scenario(path) for path in catalogue.find_scenarios(names)] if names else []


async def _serve(plays: "list[Scenario]", options: "Options", show: "Callable[[Notice], None]") -> bool:
    import asyncio

    from mockagent.server.app import Server, warm_up

    server = Server(plays, options, show)
    loop = asyncio.get_running_loop()
    _end_on_signal(server, loop)
    await server.start()
    loop.call_later(_WARMS_UP_AFTER, loop.run_in_executor, None, warm_up)
    await server.wait()
    await server.stop()
    return options.sessions is None or all(closed.is_clean for closed in server.closed)


def _end_on_signal(server: "Server", loop: "asyncio.AbstractEventLoop") -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, server.enough)
        except NotImplementedError:  # Windows has no signals for its loop; Ctrl-C still ends the process
            return
