"""`mockagent check`: what is wrong with scenarios, traces and messages."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mockagent.cli.plain import echo
from mockagent.errors import Flaw, MockagentError
from mockagent.protocol.events import Dialect, Side, Tolerance

if TYPE_CHECKING:
    from mockagent.lint import Asked, Breach, Departure, Item

_MOST_OF_ONE = 3
_LONGEST = 60


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--message", is_flag=True, help="Take every FILE to hold JSON messages.")
@click.option(
    "--from",
    "sender",
    type=click.Choice([side.value for side in Side]),
    help="Who sends them; else told by the type.",
)
@click.option(
    "--dialect",
    type=click.Choice([each.value for each in Dialect]),
    help="Else v1, unless only early-access has the type.",
)
@click.option(
    "--tolerance",
    type=click.Choice([level.label for level in Tolerance]),
    help="What is put up with: faithful if not given, for a trace its own.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line for each thing checked.")
def command(
    files: tuple[str, ...],
    message: bool,
    sender: str | None,
    dialect: str | None,
    tolerance: str | None,
    as_json: bool,
) -> None:
    """Check FILEs: scenarios (*.yaml, or the name of a bundled one), traces, and JSON messages; - is standard input.

    A FOLDER stands for all files below it that can be checked.

    Messages may stand one a line, one after the other, or in one array. What the service would refuse is a problem,
    and its answer is shown; what it puts up with at this tolerance is a finding.

    Exits with 0 when all is fine (findings are), 1 when there are problems, 2 when a file cannot be read.
    """
    from mockagent import lint

    asked = lint.Asked(
        Dialect(dialect) if dialect else None,
        Side(sender) if sender else None,
        Tolerance.named(tolerance) if tolerance else None,
    )
    status = 0
    for name in files:
        try:
            inside = lint.files_of(name, message)
        except MockagentError as error:
            echo(str(error), err=True)
            status = 2
            continue
        for each in inside:
            status = max(status, _checked(each, asked, message, as_json))
    sys.exit(status)


def _checked(name: str, asked: "Asked", is_message: bool, as_json: bool) -> int:
    """Check one file and show what came of it; the exit status that it deserves."""
    from mockagent import lint

    status = 0
    try:
        for item in lint.check_messages(name, asked) if is_message else lint.check_file(name, asked):
            status = status if item.is_fine else 1
            if as_json:
                click.echo(json.dumps(lint.as_json(item)))
                continue
            for line in _lines(item):
                echo(line)
    except MockagentError as error:
        echo(str(error), err=True)
        return 2
    return status


def _lines(item: "Item") -> Iterator[str]:
    from mockagent.lint import Kind

    match item.kind:
        case Kind.SCENARIO:
            yield from _scenario(item)
        case Kind.TRACE:
            yield from _trace(item)
        case Kind.MESSAGE:
            yield from _message(item)


def _scenario(item: "Item") -> Iterator[str]:
    yield from map(str, item.findings)
    if not item.findings:
        yield f"{item.file}: ok: {item.title}: {item.summary}"


def _message(item: "Item") -> Iterator[str]:
    from mockagent.lint import Departure

    where = f"{item.file}:{item.line}: {_label(item)}"
    if item.is_fine:
        yield f"{where}: ok" + (", with findings" if item.findings else "")
    for each in item.findings:
        if isinstance(each, Departure):
            yield f"{where}: {_departure(each, item.sender)}"
    if item.answer:
        code = item.answer.get("code", "Error")
        yield f'{where}: refused: {code} "{item.answer.get("description", item.answer.get("message"))}"'


def _label(item: "Item") -> str:
    if item.title is None:
        return "no message"
    title = item.title if len(item.title) <= _LONGEST else f"{item.title[:_LONGEST]}…"
    return f"{title} (taken as {item.dialect})" if item.guessed else title


def _departure(departure: "Departure", sender: Side | None) -> str:
    pointer = f"{departure.pointer}: " if departure.pointer else ""
    fate = f"finding; refused only when {departure.refused_from.label}"
    if departure.refused:
        fate = "wrong" if sender is Side.SERVER else "refused"
    return f"{pointer}expected {departure.expected}, got {departure.got} ({fate})"


def _trace(item: "Item") -> Iterator[str]:
    from mockagent.lint import Breach

    named = f"trace of {item.title}" if item.title else "trace"
    if item.is_fine:
        found = ", with findings" if item.findings else ""
        yield f"{item.file}: ok{found}: {named}, {item.summary}"
    counts: Counter[str] = Counter()
    for each in item.findings:
        if isinstance(each, Flaw):
            yield str(each)
        elif isinstance(each, Breach):
            counts[each.requirement] += 1
            if counts[each.requirement] <= _MOST_OF_ONE:
                yield from _breach(item.file, each, is_first=counts[each.requirement] == 1)
    for requirement, count in counts.items():
        if count > _MOST_OF_ONE:
            yield f"{item.file}: {count - _MOST_OF_ONE} more of {requirement}"


def _breach(file: str, breach: "Breach", is_first: bool) -> Iterator[str]:
    pointer = f"{breach.pointer}: " if breach.pointer else ""
    meant = " (on purpose)" if breach.on_purpose else ""
    yield (
        f"{file}:{breach.line}: event {breach.event} at {breach.at:.3f} s: {breach.requirement} "
        f"({breach.keyword}, {breach.binds}) {pointer}expected {breach.expected}, got {breach.got}{meant}"
    )
    if is_first:
        yield f"      {breach.sentence}"
        yield f"      {breach.source}"
