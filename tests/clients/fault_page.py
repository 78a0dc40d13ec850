"""The page of the results, `conformance/results/faults.md`: made from `faults.json` and the notes alone.

The notes, `conformance/results/fault_notes.yaml`, hold what cells are to be held against: what the client's own
documentation, types or source say. Rule: every cell that does not finish has exactly one note; a note says which
cells it is about by client, fault and verdict, and so loses hold when a client behaves otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import yaml
from fault_cells import NO_FAULT, rows
from fault_results import FOLDER, Cell, Results
from fault_runs import columns
from fault_verdicts import MEANINGS, Verdict

PAGE = FOLDER / "faults.md"
NOTES = FOLDER / "fault_notes.yaml"


class Documentation(StrEnum):
    """How what a client did stands to what its own documentation says."""

    KEPT = "kept"
    SILENT = "silent"
    BROKEN = "broken"


OPENING = """\
Made by `python tests/clients/fault_table.py` from `faults.json`, which holds what was seen, and `fault_notes.yaml`;
not to be edited. Every client held the same conversation with `mockagent serve`, once for each fault of `mockagent
faults`: a greeting, a turn of the user, **the fault**, then a function call that a living client must answer, and a
last reply. A fault of a message hits the user's `ConversationText`, one of speech the greeting. The application bears
what it can: it notes an error and goes on; after a close it waits in case its SDK comes back. Lengths are seconds of
the wall. What hung, crashed or was not struck was played twice.
"""
MARKS = {Documentation.KEPT: "", Documentation.SILENT: " °", Documentation.BROKEN: " !"}
NEED_NO_NOTE = (Verdict.FINISHES, Verdict.NOT_RUN)


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of some cells. `source` is the file of the SDK, or what else says so."""

    clients: tuple[str, ...]
    faults: tuple[str, ...]
    verdict: str
    documentation: Documentation
    text: str
    source: str

    def is_about(self, cell: Cell) -> bool:
        """Is this cell one of the note's? A fault without figures stands for all rows of it."""
        fault = cell.fault.split(",")[0]
        hit = cell.fault in self.faults or fault in self.faults
        return cell.client in self.clients and hit and cell.verdict == self.verdict


def notes() -> list[Note]:
    """Every note, as its file has them."""
    found = yaml.safe_load(NOTES.read_text("utf-8"))
    return [
        Note(
            tuple(each["clients"]),
            tuple(each["faults"]),
            each["verdict"],
            Documentation(each["documentation"]),
            " ".join(each["text"].split()),
            each["source"],
        )
        for each in found
    ]


def note_of(cell: Cell, known: list[Note]) -> Note | None:
    """The note about a cell; None where there is none, ValueError where there are two."""
    found = [note for note in known if note.is_about(cell)]
    if len(found) > 1:
        raise ValueError(f"{cell.client} {cell.fault}: {len(found)} notes are about this cell")
    return found[0] if found else None


def page(results: Results) -> str:
    """The whole page."""
    return "\n".join([*_opening(results), *_matrix(results), *_notes(results), *_seen(results)]) + "\n"


def _opening(results: Results) -> Iterator[str]:
    yield "# What published clients do with every fault"
    yield ""
    yield from OPENING.splitlines()
    yield ""
    yield "| client | version |"
    yield "| --- | --- |"
    for name in columns():
        told = results.clients[name]
        yield f"| `{name}` | {told['version'] or 'not run: ' + told['not_run']} |"
    yield ""
    yield "| word | what it claims |"
    yield "| --- | --- |"
    for verdict, meaning in MEANINGS.items():
        yield f"| {verdict} | {meaning} |"
    yield ""
    yield "`!`: the client's own documentation says otherwise. `°`: it says nothing about this. Without a mark what was"
    yield "seen is what it says. The [notes](#against-their-own-documentation) say which sentence is meant."
    yield ""


def _matrix(results: Results) -> Iterator[str]:
    names, known = list(columns()), notes()
    yield "| fault | " + " | ".join(f"`{name}`" for name in names) + " |"
    yield "| --- " * (len(names) + 1) + "|"
    for row in rows():
        label = "no fault" if row.fault == NO_FAULT else f"`{row.label}`"
        yield f"| {label} | " + " | ".join(word(results.at(name, row.label), known) for name in names) + " |"
    yield ""


def word(cell: Cell, known: list[Note]) -> str:
    """A cell's word, with the code that the client closed with and the mark of its documentation."""
    found = note_of(cell, known)
    mark = MARKS[found.documentation] if found else ""
    code = cell.wire.get("client_closed") if cell.verdict == Verdict.LEAVES else None
    return f"{cell.verdict}{f' {code}' if code else ''}{mark}"


def _notes(results: Results) -> Iterator[str]:
    yield "## Against their own documentation"
    for documentation, title in (
        (Documentation.BROKEN, "Not as it says"),
        (Documentation.SILENT, "It says nothing"),
        (Documentation.KEPT, "As it says"),
    ):
        yield ""
        yield f"### {title}"
        yield ""
        for note in (each for each in notes() if each.documentation is documentation):
            who = ", ".join(f"`{name}`" for name in note.clients)
            what = ", ".join(f"`{name}`" for name in note.faults)
            yield f"- {who}, {what}: **{note.verdict}**. {note.text} ({note.source})"
    yield ""


def _seen(results: Results) -> Iterator[str]:
    yield "## What was seen"
    yield ""
    yield "What an application was told, or lost, where a cell is more than its word. The rest is in `faults.json`."
    for row in rows():
        told: dict[tuple[str, str], list[str]] = {}
        for name in columns():
            cell = results.at(name, row.label)
            if cell.remarks:
                told.setdefault((cell.verdict, "; ".join(cell.remarks)), []).append(f"`{name}`")
        if told:
            yield ""
            yield f"**`{row.label}`**"
            yield ""
        for (verdict, remarks), names in told.items():
            yield f"- {', '.join(names)}: {verdict}: {_escaped(remarks)}"


def _escaped(text: str) -> str:
    """Text of an SDK, so that Markdown shows it as it is."""
    for sign in "\\`*_<>|[]":
        text = text.replace(sign, f"\\{sign}")
    return text
