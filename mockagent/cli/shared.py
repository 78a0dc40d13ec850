"""The options that several commands have, each said once, and what the commands that serve have in common."""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockagent.errors import MockagentError
from mockagent.protocol.events import Tolerance

if TYPE_CHECKING:
    from mockagent.scenario.faults.flags import Standing
    from mockagent.scenario.model import Scenario


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


speed = click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 1000),
    callback=_finite,
    help="Scales all time.",
)
tolerance = click.option(
    "--tolerance",
    type=click.Choice([level.label for level in Tolerance]),
    help="What is put up with.  [default: faithful]",
)
strict = click.option("--strict", is_flag=True, help="Short for --tolerance strict.")
trace = click.option(
    "--trace", type=click.Path(file_okay=False, path_type=Path), help="Write each session to this folder."
)
trace_audio = click.option(
    "--trace-audio", is_flag=True, help="Keep the audio beside the trace, as WAV, or as it came."
)
allow_host = click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Call functions there too, not on this machine alone; may be repeated.",
)
seed = click.option("--seed", type=int, help="Make the ids and the faults of this run repeatable.")
fault = click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[,PARAM=VALUE]...[:P]",
    callback=_standing,
    help="Inflict this fault, with probability P, at each opportunity; may be repeated.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
quiet = click.option("-q", "--quiet", is_flag=True, help="Only the URL and the summary.")
tls_folder = click.option(
    "--tls-folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the certificate authority is kept.  [default: among the user's data]",
)


def playing(
    *,
    speed: float,
    tolerance: str | None,
    strict: bool,
    trace: Path | None,
    trace_audio: bool,
    allowed_hosts: tuple[str, ...],
    seed: int | None,
    faults: "tuple[Standing, ...]",
) -> dict[str, Any]:
    """These options as arguments of `Options`; UsageError where they contradict each other."""
    if trace_audio and trace is None:
        raise click.UsageError("--trace-audio needs --trace FOLDER to put the audio in.")
    if strict and tolerance not in (None, "strict"):
        raise click.UsageError(
            f"--strict and --tolerance {tolerance} contradict each other; give one of them."
        )
    return {
        "speed": speed,
        "tolerance": Tolerance.STRICT if strict else Tolerance.named(tolerance or "faithful"),
        "trace": trace,
        "trace_audio": trace_audio,
        "allowed_hosts": frozenset(allowed_hosts),
        "seed": seed,
        "faults": faults,
    }


def check_keys(*keys: str) -> None:
    """UsageError for a key with nothing in it."""
    if not all(map(str.strip, keys)):
        raise click.UsageError(
            "an empty key is no credential: nobody can come in by it, and all without one get 401."
        )


def loaded(names: tuple[str, ...]) -> "list[Scenario]":
    """The scenarios of those names, proved; beside them all that the port needs is loaded."""
    with _no_collections():
        import mockagent.server.app  # noqa: F401  (here, where nothing is collected)
        from mockagent import catalogue

        return catalogue.proved_scenarios(catalogue.find_scenarios(names)) if names else []


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """While modules are loaded nothing becomes garbage; and what they hold need never be searched for any."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
