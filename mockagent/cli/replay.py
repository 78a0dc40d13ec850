"""`mockagent replay`: the exact frames of a failure, once more."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockagent.cli.plain import echo, stop
from mockagent.cli.run import BeforeCommand, command_of
from mockagent.errors import MockagentError
from mockagent.protocol.events import Dialect

if TYPE_CHECKING:
    from mockagent.fuzz.failure import Failure
    from mockagent.fuzz.outcomes import Outcome
    from mockagent.fuzzing.peer import Peer


@click.command("replay", cls=BeforeCommand)
@click.argument("failure", metavar="ID|FILE")
@click.argument("target", required=False, metavar="[URL|MODULE:FUNCTION]")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    default=".mockagent/failures",
    show_default=True,
    metavar="FOLDER",
    help="Where failures are kept.",
)
@click.option("--within", type=click.FloatRange(0.1), help="Seconds for each answer, if not those of then.")
@click.option(
    "--refuses",
    multiple=True,
    metavar="MODULE:EXCEPTION",
    help="An exception by which a function refuses a frame, beside ValueError, if not those of then.",
)
@click.option("--times", type=click.IntRange(1), default=1, show_default=True, help="How often.")
@click.pass_context
def command(
    context: click.Context,
    failure: str,
    target: str | None,
    store: Path,
    within: float | None,
    refuses: tuple[str, ...],
    times: int,
) -> None:
    """Send the frames of the failure ID, or of its FILE, again: the same bytes, whatever the version.

    They go to the peer of then, or to the URL, the MODULE:FUNCTION or the COMMAND after --. The exit code is 1 if it
    fails still, 0 if it lives through them.
    """
    argv = command_of(context)
    if target is not None and argv:
        raise click.UsageError("expected one peer, got both a target and a command after --")
    from mockagent import loops
    from mockagent.cli.frames import steps_written
    from mockagent.cli.fuzz_peers import FAILED, KIT_FAILED
    from mockagent.fuzz.outcomes import Verdict
    from mockagent.fuzzing.peer import PeerFailed
    from mockagent.fuzzing.store import find
    from mockagent.harness.child import CannotStart

    try:
        found = find(failure, store)
        whom = (target,) if target is not None else tuple(argv) or found.target
        if not whom:
            raise click.UsageError(f"{found.id} names no {found.peer} to send it to: name one")
        peer = _peer(found, whom, within, refuses)
        echo(f"{found.id} {found.outcome.verdict} with mockagent {found.version}: {found.outcome.detail}")
        for line in steps_written(found.sending):
            echo(f"  {line}")
        outcomes = loops.run(_replayed(found, peer, times))
    except MockagentError as error:
        if isinstance(error, PeerFailed | CannotStart):
            echo(str(error), err=True)
            sys.exit(KIT_FAILED)
        stop(error)
    for outcome in outcomes:
        echo(f"{outcome.verdict}: {outcome.detail}" if outcome.detail else outcome.verdict.value)
    bad = (Verdict.CRASHED, Verdict.HUNG, Verdict.LEAKED)
    fails = any(
        each.verdict in bad or each.verdict is found.outcome.verdict is Verdict.REFUSED for each in outcomes
    )
    sys.exit(FAILED if fails else 0)


async def _replayed(failure: "Failure", peer: "Peer", times: int) -> list["Outcome"]:
    try:
        return [await peer.tried(failure.sending, fresh=True) for _ in range(times)]
    finally:
        await peer.close()


def _peer(
    failure: "Failure", target: tuple[str, ...], within: float | None, refuses: tuple[str, ...]
) -> "Peer":
    """Whom to send it to, as then but for what is said otherwise."""
    from mockagent.cli import fuzz_peers
    from mockagent.fuzz import stimuli
    from mockagent.fuzzing.parser import Parser

    options, sending = failure.options, failure.sending
    seconds = within or float(options.get("within", 3.0))
    dialect = Dialect(sending.dialect)
    match failure.peer:
        case "parser":
            stimulus = stimuli.for_a_parser(dialect, sending.side)
            refusals = refuses or options.get("refuses", ())
            return Parser(target, stimulus, within=seconds, refusals=refusals)
        case "server":
            return fuzz_peers.server_at(target[0], seconds, float(options.get("speed", 1.0)))
        case _:
            return fuzz_peers.client_of(target, dialect, seconds, float(options.get("connect_within", 30.0)))
