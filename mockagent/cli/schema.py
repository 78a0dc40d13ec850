"""`mockagent schema`: the message schemas, listed, shown and bundled."""

import json
import sys

import click

from mockagent.cli.plain import echo, stop
from mockagent.errors import MockagentError, closest
from mockagent.protocol.events import Dialect, Side

_DIALECTS = [each.value for each in Dialect]
_SIDES = [side.value for side in Side]
_DIALECT = click.option("--dialect", type=click.Choice(_DIALECTS), help="Only this dialect.")
_FROM = click.option("--from", "sender", type=click.Choice(_SIDES), help="Only what this side sends.")


@click.group("schema")
def command() -> None:
    """The JSON Schemas (2020-12) of every message of both dialects."""


@command.command("list")
@_DIALECT
@_FROM
def list_(dialect: str | None, sender: str | None) -> None:
    """List the messages: type, side, dialect, stability, and what each is for."""
    from mockagent import catalogue
    from mockagent.cli.columns import aligned
    from mockagent.protocol.message_types import TYPES, path_of

    rows = []
    for (each, side), types in TYPES.items():
        if (dialect or each) == each and (sender or side) == side:
            for type in types:
                schema = catalogue.read_schema(path_of(each, side, type))
                rows.append((type, side, each, schema["x-stability"], schema["description"]))
    for line in aligned(rows):
        echo(line)


@command.command("show")
@click.argument("type")
@_DIALECT
@_FROM
def show(type: str, dialect: str | None, sender: str | None) -> None:
    """Print the schema of the message TYPE: that of v1, unless only early-access has it.

    TYPE may also be one of mockagent's own formats: scenario, trace, notice, journal, coverage, fuzz, failure,
    requirement or excuse.
    """
    from mockagent.lint.messages import places
    from mockagent.protocol.message_types import TYPES, path_of
    from mockagent.resources import folder

    own = {path.stem: path for path in (folder("schemas") / "files").glob("*.json")}
    if type in own:
        click.echo(own[type].read_text("utf-8"), nl=False)
        return
    found = places(type, Dialect(dialect) if dialect else None, Side(sender) if sender else None)
    if not found:
        known = {
            name
            for (each, side), types in TYPES.items()
            if (dialect or each) == each and (sender or side) == side
            for name in types
        }
        near = closest(type, known | own.keys())
        cure = f"did you mean {near!r}?" if near else "`mockagent schema list` lists them"
        stop(MockagentError(f"no message type named {type!r}; {cure}"))
    if len(found) > 1:
        echo(f"both sides send {type}; say --from client or --from server", err=True)
        sys.exit(2)
    ((where, side),) = found
    click.echo((folder("schemas") / path_of(where, side, type)).read_text("utf-8"), nl=False)


@command.command("bundle")
@click.option(
    "--dialect", type=click.Choice(_DIALECTS), default=Dialect.V1.value, show_default=True, help="Which one."
)
@_FROM
def bundle(dialect: str, sender: str | None) -> None:
    """Print one JSON Schema of all messages, for any validator of 2020-12, that refers to no other file."""
    from mockagent import catalogue
    from mockagent.protocol.bundle import bundled

    senders = [Side(sender)] if sender else list(Side)
    click.echo(json.dumps(bundled(catalogue.read_schema, Dialect(dialect), senders), indent=2))
