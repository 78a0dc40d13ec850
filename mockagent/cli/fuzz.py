"""`mockagent fuzz`: single departures from the protocol, with their exact frames, and who lives through them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mockagent.cli.frames import written
from mockagent.cli.fuzz_peers import client, parser, server
from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError, nearest
from mockagent.protocol.events import Dialect, Side, Tolerance

if TYPE_CHECKING:
    from mockagent.fuzz.near_miss import Line, NearMiss

_KINDS = ("schema", "text", "frame", "order", "time", "audio")
_TOLERANCES = {
    Tolerance.LENIENT: "whatever the tolerance",
    Tolerance.FAITHFUL: "by a faithful or strict server",
    Tolerance.STRICT: "by a strict server only",
}
_MOST_LINES = 20


@click.group("fuzz")
def command() -> None:
    """Near-misses: every single departure from the protocol, listed by id, or sent to a peer."""


command.add_command(parser)
command.add_command(server)
command.add_command(client)


@command.command("list")
@click.argument("id", required=False)
@click.option(
    "--dialect",
    type=click.Choice([each.value for each in Dialect]),
    default=Dialect.V1.value,
    show_default=True,
    help="Those of this dialect.",
)
@click.option(
    "--from", "sender", type=click.Choice([each.value for each in Side]), help="Only what this side sends."
)
@click.option("--type", "type_", help="Only what is about this message.")
@click.option("--kind", type=click.Choice(_KINDS), help="Only departures from this.")
def list_(id: str | None, dialect: str, sender: str | None, type_: str | None, kind: str | None) -> None:
    """List the ids of near-misses; or, of the one named ID, say what it is and print its frames."""
    from mockagent import catalogue
    from mockagent.fuzz.near_miss import Kind

    if id is not None:
        try:
            found = catalogue.corpus().get(id)
        except MockagentError as error:
            stop(error)
        for line in _told(found):
            echo(line)
        return
    side = Side(sender) if sender else None
    check_type(type_, Dialect(dialect), side)
    number = legal = 0
    for each in catalogue.corpus().near_misses(Dialect(dialect), side, type_, Kind(kind) if kind else None):
        number, legal = number + 1, legal + bool(each.legal)
        echo(f"{each.id}  (legal: {each.legal})" if each.legal else each.id)
    echo(f"{number} near-misses, {legal} of them legal", err=True)


def check_type(type: str | None, dialect: Dialect, side: Side | None) -> None:
    """Stop the program where no message of that side is of that type."""
    from mockagent.protocol.message_types import TYPES

    known = {
        name
        for (each, by), names in TYPES.items()
        if each is dialect and side in (None, by)
        for name in names
    }
    if type is not None and type not in known:
        by = f"the {side}" if side else "either side"
        stop(MockagentError(f"no message of {by} in {dialect} is named {type!r}{nearest(type, known)}"))


def _told(near_miss: "NearMiss") -> Iterator[str]:
    """What it is, what leads to it, and its frames, line by line."""
    yield near_miss.id
    yield f"  {near_miss.summary}"
    yield f"  {_verdict(near_miss)}"
    if near_miss.fault:
        yield f"  the same as: --fault {near_miss.fault}"
    yield "after:" if near_miss.way else "on the open connection:"
    for line in near_miss.way:
        yield f"  {_said(line)}"
    yield f"the {near_miss.side} sends:"
    for wire in near_miss.wires[:_MOST_LINES]:
        yield f"  {written(wire)}"
    if len(near_miss.wires) > _MOST_LINES:
        yield f"  … and {len(near_miss.wires) - _MOST_LINES} more such frames"
    if near_miss.silent_for:
        yield f"  nothing for {near_miss.silent_for:g} s"


def _verdict(near_miss: "NearMiss") -> str:
    if near_miss.legal:
        return f"legal: {near_miss.legal}"
    if near_miss.refused_from is not None:
        where = near_miss.pointer or "/"
        return f"refused at {where} ({near_miss.keyword}), {_TOLERANCES[near_miss.refused_from]}"
    if near_miss.close_code is not None:
        return f"to be answered with the close code {near_miss.close_code}"
    return "a departure from the protocol"


def _said(line: "Line") -> str:
    from mockagent.protocol.codec import encode

    if isinstance(line.said, bytes):
        return f"{line.sender}: {len(line.said)} bytes of audio"
    return f"{line.sender}: {encode(line.said).data.decode()}"
