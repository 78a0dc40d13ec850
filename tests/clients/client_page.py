"""The pages of `clients.json`: `conformance/results/clients.md`, and the matrix in the README.

The notes, `conformance/results/client_notes.yaml`, say where a finding comes from. Rule: every finding but a legal one
has exactly one note; a note names its client, what was asked and the verdict, and so loses hold when that changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from client_results import BAD, FOLDER, TOLD, Finding, Seen
from published import CLIENTS_BY_NAME

PAGE = FOLDER / "clients.md"
NOTES = FOLDER / "client_notes.yaml"
NEED_NO_NOTE = ("PASS-LENIENT",)

OPENING = """\
Made by `python tests/clients/client_table.py` from `clients.json`, which holds what was seen, and `client_notes.yaml`;
not to be edited. Each client's [driver](../clients) went through `mockagent conform client` with all bundled scenarios
of its dialect, ten times faster than life. A driver uses its SDK as an application would, bears the errors that it is
told of, and writes down what it saw, so that level 2 judges also what reached the application.
"""
LEGEND = """\
✓ kept wherever the session came to it · ! a SHOULD broken, or something that we only infer · ✗ broken ·
– not asked of it, or its driver gave up with 127. A scenario that breaks off is a ✗ of `course`; what it did
not come to is in the totals, not here.
"""
WORDS = {
    "course": "the scenario is played to its end",
    "close": "the connection is closed, and the driver ends",
    "others": "every other requirement is kept",
    "observed": "the application tells what it saw",
}


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of some findings; `source` is the file of the SDK, or what else says so."""

    clients: tuple[str, ...]
    asks: tuple[str, ...]
    cases: tuple[str, ...]
    text: str
    source: str

    def is_about(self, finding: Finding) -> bool:
        """Is this finding one of the note's? Without cases a note is about all of them."""
        in_case = not self.cases or set(finding.cases) <= set(self.cases)
        return finding.client in self.clients and finding.asks in self.asks and in_case


def notes() -> list[Note]:
    """Every note, as its file has them."""
    return [
        Note(
            tuple(each["clients"]),
            tuple(each["asks"]),
            tuple(each.get("cases", ())),
            " ".join(each["text"].split()),
            each["source"],
        )
        for each in yaml.safe_load(NOTES.read_text("utf-8")) or ()
    ]


def note_of(finding: Finding, known: list[Note]) -> Note | None:
    """The note about a finding; None where there is none, ValueError where there are two."""
    found = [note for note in known if note.is_about(finding)]
    if len(found) > 1:
        raise ValueError(f"{finding.client} {finding.asks} {finding.cases}: {len(found)} notes are about it")
    return found[0] if found else None


def page(results: Mapping[str, Seen]) -> str:
    """The whole page."""
    parts = (_opening(results), matrix(results), _findings(results), _taken_for(results), _given_up(results))
    return "\n".join(line for part in parts for line in part) + "\n"


def _opening(results: Mapping[str, Seen]) -> Iterator[str]:
    yield "# What the conformance kit finds of published clients"
    yield ""
    yield from OPENING.splitlines()
    yield ""
    yield "| client | version | dialect | level | rows | their verdicts |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name in _in_order(results):
        each = results[name]
        if each.not_run:
            yield f"| `{name}` | not run: {each.not_run} | | | | |"
            continue
        totals = ", ".join(f"{verdict} {count}" for verdict, count in each.totals.items())
        rows = sum(each.totals.values())
        yield f"| `{name}` | {each.version} | {each.dialect} | {each.level} | {rows} of {each.cases} cases | {totals} |"
    yield ""


def matrix(results: Mapping[str, Seen]) -> Iterator[str]:
    """Client × requirement, with its legend, as Markdown."""
    names = [name for name in _in_order(results) if not results[name].not_run]
    yield from LEGEND.splitlines()
    yield ""
    yield "| | " + " | ".join(f"`{name}`" for name in names) + " |"
    yield "| --- " * (len(names) + 1) + "|"
    asked = {asks for name in names for asks in results[name].rows}
    for asks in sorted(asked, key=lambda asks: (asks not in WORDS, asks)):
        cells = [_mark(results[name].rows.get(asks, {})) for name in names]
        yield f"| {WORDS.get(asks, asks)} | {' | '.join(cells)} |"
    yield ""


def _in_order(results: Mapping[str, Seen]) -> list[str]:
    return [name for name in CLIENTS_BY_NAME if name in results]


def _mark(verdicts: Mapping[str, int]) -> str:
    if any(verdict in verdicts for verdict in BAD):
        return f"✗ {sum(verdicts.get(verdict, 0) for verdict in BAD)}"
    if "WARN" in verdicts:
        return "!"
    return "✓" if {"PASS", "PASS-LENIENT"} & verdicts.keys() else "–"


def _findings(results: Mapping[str, Seen]) -> Iterator[str]:
    known = notes()
    yield "## What was found"
    yield ""
    yield "A number after ✗ is that of the cases. Of a trace every run of audio frames is one line."
    for name in _in_order(results):
        found = sorted(results[name].findings, key=lambda each: TOLD.index(each.verdict))
        if found:
            yield ""
            yield f"### `{name}`"
            yield ""
        for each in found:
            yield from _finding(each, note_of(each, known))
    yield ""


def _finding(finding: Finding, note: Note | None) -> Iterator[str]:
    asked = WORDS.get(finding.asks, finding.asks)
    where = ", ".join(f"`{case}`" for case in finding.cases[:3])
    more = f" and {len(finding.cases) - 3} more" if len(finding.cases) > 3 else ""
    yield f"- **{finding.verdict}** {asked}, in {where}{more}."
    if note:
        yield f"  {note.text} ({note.source})"
    at = f" (at `{finding.pointer}`)" if finding.pointer else ""
    frame = f" after {_escaped(finding.message)}" if finding.message else ""
    yield f"  Expected{frame}: {_escaped(finding.expected) or '–'}{at}; got: {_escaped(finding.got) or '–'}."
    if finding.trace:
        yield f"  Trace: [{finding.trace}](traces/{finding.trace})"


def _taken_for(results: Mapping[str, Seen]) -> Iterator[str]:
    yield "## What a client does not know"
    yield ""
    yield "A message of such a type reaches the application, but as something else: an object of another class, an"
    yield "event for what is unknown, or as it is. No verdict rests on it; who goes by the class is misled."
    yield ""
    yield "| client | type | delivered as |"
    yield "| --- | --- | --- |"
    for name in _in_order(results):
        for type, taken_for in results[name].taken_for.items():
            yield f"| `{name}` | `{type}` | `{taken_for}` |"
    yield ""


def _given_up(results: Mapping[str, Seen]) -> Iterator[str]:
    yield "## What a driver gave up with 127"
    yield ""
    yield "Here the SDK has no method, or its types no room, for what the scenario wants to be sent."
    yield ""
    yield "| client | scenario | it says |"
    yield "| --- | --- | --- |"
    for name in _in_order(results):
        for case, why in results[name].cannot.items():
            yield f"| `{name}` | `{case}` | {_escaped(why)} |"


def _escaped(text: str) -> str:
    """Text of an SDK, so that Markdown shows it as it is."""
    for sign in "\\`*_<>|[]":
        text = text.replace(sign, f"\\{sign}")
    return text
