"""`mockagent fuzz parser`, `server` and `client`: faults sent to a peer, and what it does not live through."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockagent.cli.plain import echo, stop
from mockagent.cli.run import BeforeCommand, command_of
from mockagent.errors import MockagentError
from mockagent.protocol.events import Dialect, Side

if TYPE_CHECKING:
    from mockagent.fuzz.sending import Fault
    from mockagent.fuzzing.campaign import Results
    from mockagent.fuzzing.peer import Peer

KINDS = ("schema", "text", "frame", "order", "time", "audio")
OF_PARSERS = ("schema", "text")
FAILED, KIT_FAILED, NOTHING_RAN, STOPPED = 1, 3, 4, 130
"""Exit codes; 0 is for a peer that lived through everything, and refused nothing that is right."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options that all three commands have."""

    dialect: Dialect
    only: tuple[str, ...]
    type: str | None
    kind: tuple[str, ...]
    limit: int | None
    examples: int | None
    seed: int
    seconds: float | None
    within: float
    shrink: float
    store: Path
    json: Path | None
    quiet: bool


def _options(within: float, examples: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of all three; the command gets them together, as `chosen`."""
    made = (
        click.option(
            "--dialect",
            type=click.Choice([each.value for each in Dialect]),
            default="v1",
            show_default=True,
            help="Which protocol.",
        ),
        click.option("--only", multiple=True, metavar="ID", help="Only this near-miss; may be repeated."),
        click.option("--type", metavar="TYPE", help="Only what is about this message."),
        click.option(
            "--kind", multiple=True, type=click.Choice(KINDS), help="Only such departures; may be repeated."
        ),
        click.option("--limit", type=click.IntRange(0), help="At most so many near-misses."),
        click.option(
            "--examples",
            type=click.IntRange(0),
            help=f"How many right messages are drawn after them.  [default: {examples}, or 0 with --only]",
        ),
        click.option(
            "--seed", type=click.IntRange(0), default=0, show_default=True, help="What they are drawn by."
        ),
        click.option(
            "--time", "seconds", type=click.FloatRange(0.1), metavar="SECONDS", help="Begin nothing later."
        ),
        click.option(
            "--within",
            type=click.FloatRange(0.1),
            default=within,
            show_default=True,
            help="Seconds for each answer.",
        ),
        click.option(
            "--shrink",
            type=click.FloatRange(0),
            default=20.0,
            show_default=True,
            metavar="SECONDS",
            help="How long each new kind of failure is made smaller.",
        ),
        click.option(
            "--store",
            type=click.Path(file_okay=False, path_type=Path),
            default=".mockagent/failures",
            show_default=True,
            metavar="FOLDER",
            help="Where failures are kept.",
        ),
        click.option(
            "--json",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write every outcome here, as JSON lines.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="No progress."),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_chosen(*arguments: Any, **given: Any) -> Any:
            values = {name: given.pop(name) for name in Chosen.__slots__}
            values["dialect"] = Dialect(values["dialect"])
            if values["examples"] is None:
                values["examples"] = 0 if values["only"] else examples
            return command(*arguments, chosen=Chosen(**values), **given)

        decorated: Callable[..., Any] = with_chosen
        for option in reversed(made):
            decorated = option(decorated)
        return decorated

    return decorate


@click.command("parser", cls=BeforeCommand)
@click.argument("function", required=False, metavar="[MODULE:FUNCTION]")
@click.option(
    "--from",
    "sender",
    type=click.Choice([each.value for each in Side]),
    default="server",
    show_default=True,
    help="Whose messages the parser is for.",
)
@click.option(
    "--refuses",
    multiple=True,
    metavar="MODULE:EXCEPTION",
    help="An exception by which the function refuses a frame, beside ValueError; may be repeated.",
)
@_options(within=3.0, examples=500)
@click.pass_context
def parser(
    context: click.Context, function: str | None, sender: str, refuses: tuple[str, ...], chosen: Chosen
) -> None:
    """Give text frames to a Python function, or on stdin to the COMMAND after --.

    The COMMAND reads a JSON string a line, which is a frame, and answers each with a line: `ok`, `refused WHY` or
    `crashed WHERE`. What ValueError stands for is a refusal; any other exception is a crash.
    """
    target = _one_of(context, function, "mockagent fuzz parser my_app:parse")
    side = Side(sender)
    _only_kinds(chosen, OF_PARSERS)
    from mockagent.fuzz import stimuli
    from mockagent.fuzzing.parser import Parser, is_callable

    if function is not None and not is_callable(target):
        raise click.UsageError(f"expected MODULE:FUNCTION, got {function!r}; a command comes after --")
    peer = Parser(target, stimuli.for_a_parser(chosen.dialect, side), within=chosen.within, refusals=refuses)
    _fuzz("parser", target, side, [peer], chosen, refuses=list(refuses))


@click.command("server")
@click.argument("url")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="How many connections at once."
)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 1000),
    default=1.0,
    show_default=True,
    help="How much faster the server's time runs, as in serve --speed.",
)
@_options(within=5.0, examples=200)
def server(url: str, jobs: int, speed: float, chosen: Chosen) -> None:
    """Send faults to the server at the WebSocket URL, each on a connection of its own.

    The key is the one in DEEPGRAM_API_KEY. The live service is not fuzzed.
    """
    if not url.startswith(("ws://", "wss://")):
        raise click.UsageError(f"expected an address that begins with ws:// or wss://, got {url!r}")
    never: set[str] = set()
    peers = [server_at(url, chosen.within, speed, never) for _ in range(jobs)]
    _fuzz("server", (url,), Side.CLIENT, peers, chosen, speed=speed)


@click.command("client", cls=BeforeCommand)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes at once."
)
@click.option(
    "--connect-within",
    type=click.FloatRange(0.1),
    default=30.0,
    show_default=True,
    help="Seconds until the command has connected.",
)
@_options(within=3.0, examples=100)
@click.pass_context
def client(context: click.Context, jobs: int, connect_within: float, chosen: Chosen) -> None:
    """Serve faults to the client that the COMMAND after -- is.

    It is started with MOCKAGENT_URL and DEEPGRAM_API_KEY in its environment, and again after each fault that it does
    not live through. It is asked to run a function of its Settings after each fault; without one, it is only pinged.
    """
    argv = command_of(context)
    if not argv:
        raise click.UsageError(
            "expected a command after --, as in: mockagent fuzz client -- python my_client.py"
        )
    peers = [client_of(argv, chosen.dialect, chosen.within, connect_within) for _ in range(jobs)]
    _fuzz("client", tuple(argv), Side.SERVER, peers, chosen, connect_within=connect_within)


def _one_of(context: click.Context, function: str | None, example: str) -> tuple[str, ...]:
    argv = command_of(context)
    if bool(argv) == (function is not None):
        raise click.UsageError(f"expected either MODULE:FUNCTION or a command after --, as in: {example}")
    return (function,) if function is not None else tuple(argv)


def _only_kinds(chosen: Chosen, known: Sequence[str]) -> None:
    wrong = [each for each in chosen.kind if each not in known]
    if wrong:
        raise click.UsageError(
            f"a parser is given text frames: expected --kind {' or '.join(known)}, got {wrong[0]}"
        )


def server_at(url: str, within: float, speed: float, never: set[str] | None = None) -> "Peer":
    from mockagent.fuzzing.server import Server, is_live
    from mockagent.harness.surroundings import KEY

    if is_live(url):
        raise click.UsageError("that is the live service; fuzz a server of your own")
    return Server(url, os.environ.get("DEEPGRAM_API_KEY") or KEY, within=within, speed=speed, never=never)


def client_of(argv: Sequence[str], dialect: Dialect, within: float, connect_within: float) -> "Peer":
    from mockagent.fuzzing.client import Client

    return Client(argv, os.environ, dialect, within=within, connects_within=connect_within)


def _fuzz(
    kind: str, target: tuple[str, ...], side: Side, peers: "Sequence[Peer]", chosen: Chosen, **options: Any
) -> None:
    import asyncio

    from mockagent import loops
    from mockagent.cli.fuzz_report import Report
    from mockagent.fuzzing.campaign import campaign

    try:
        enumerated = list(islice(_near_misses(kind, side, chosen), chosen.limit))
        faults = chain(enumerated, _drawn(kind, side, chosen))
        said = {"within": chosen.within, **options}
        report = Report(kind, target, said, chosen, len(enumerated), lambda: _function_of(peers))
        with report:
            results: Results = loops.run(
                _stoppable(
                    campaign(faults, peers, report.told, seconds=chosen.seconds, shrinks_for=chosen.shrink)
                )
            )
            report.ended(results)
    except asyncio.CancelledError:
        echo("stopped before all faults were sent", err=True)
        sys.exit(STOPPED)
    except MockagentError as error:
        from mockagent.fuzzing.peer import PeerFailed
        from mockagent.harness.child import CannotStart

        if isinstance(error, PeerFailed | CannotStart):
            echo(str(error), err=True)
            sys.exit(KIT_FAILED)
        stop(error)
    if results.failed:
        sys.exit(FAILED)
    sys.exit(0 if results.tried else NOTHING_RAN)


def _function_of(peers: "Sequence[Peer]") -> str | None:
    """The function that a client is asked to run; None where the peers are none, or it is not known yet."""
    from mockagent.fuzzing.client import Client

    return next((each.function for each in peers if isinstance(each, Client) and each.function), None)


async def _stoppable(running: Any) -> Any:
    """What comes of it; SIGINT and SIGTERM end it, so that no process is left behind."""
    from mockagent.cli.playing import ended_by_signals
    from mockagent.conformance.processes import inheriting_orphans

    with inheriting_orphans():
        return await ended_by_signals(running)


def _near_misses(kind: str, side: Side, chosen: Chosen) -> "Iterator[Fault]":
    from mockagent import catalogue
    from mockagent.cli.fuzz import check_type
    from mockagent.fuzz.near_miss import Kind
    from mockagent.fuzz.sending import as_text, fault_of

    check_type(chosen.type, chosen.dialect, side)
    corpus = catalogue.corpus()
    kinds = [Kind(each) for each in chosen.kind or (OF_PARSERS if kind == "parser" else KINDS)]
    if chosen.only:
        found = [corpus.get(each) for each in chosen.only]
        wrong = next((each for each in found if (each.dialect, each.side) != (chosen.dialect, side)), None)
        if wrong is not None:
            raise MockagentError(f"{wrong.id} is nothing that a {side} of {chosen.dialect} sends")
    else:
        found = [each for one in kinds for each in corpus.near_misses(chosen.dialect, side, chosen.type, one)]
    for near_miss in found:
        fault = fault_of(near_miss)
        if kind != "parser":
            yield fault
        elif (only := as_text(fault)) is not None:
            yield only


def _drawn(kind: str, side: Side, chosen: Chosen) -> "Iterator[Fault]":
    if not chosen.examples:
        return
    from mockagent import catalogue
    from mockagent.fuzz.near_miss import Kind
    from mockagent.fuzz.sending import sending_of

    try:
        from mockagent.fuzzing.drawing import drawn
    except ModuleNotFoundError:
        echo("no messages are drawn: that needs Hypothesis (pip install 'mockagent[fuzz]')", err=True)
        return
    # The way to where messages are in their place is that of any message that may be sent at any time.
    talk = "KeepAlive" if side is Side.CLIENT else "UserStartedSpeaking"
    near = next(
        catalogue.corpus().near_misses(chosen.dialect, side, talk, Kind.TEXT),
    )
    way = () if kind == "parser" else sending_of(near).steps[: len(near.way)]
    yield from drawn(
        chosen.dialect, side, way, chosen.examples, chosen.seed, chosen.type, must_be_taken=kind == "parser"
    )
