"""The kill matrix: which mutant the kit catches by which requirement, as a published artefact.

`python tests/conformance/kill_matrix.py` tries every named and every generated mutant, and writes
conformance/results/mutants.json and mutants.md; the tests of the mutants fail when either is out of date.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "mutants"))

import generated  # noqa: E402
import mutants  # noqa: E402
import trying  # noqa: E402

from mockagent import catalogue  # noqa: E402

RESULTS = ROOT / "conformance" / "results"
FILE, PAGE = RESULTS / "mutants.json", RESULTS / "mutants.md"

OPENING = """\
# What the conformance kit catches

Made by `python tests/conformance/kill_matrix.py`; not to be edited. A mutant is a peer that is right but for one
named thing: this project's own server, or the reference client, with a twist between it and the socket
(`tests/mutants/`). It counts as killed only if the requirement that it is to break is found broken, and no other but
those named beside it. The unbroken peers pass the same plays, twice, before.

"""


def row(mutant, outcome):
    """A mutant as the file has it; `broken` is what the kit found, with its verdicts."""
    return {
        "name": mutant.name,
        "side": mutant.side.value,
        "kind": mutant.kind.value,
        "plays": list(mutant.plays),
        "breaks": mutant.breaks,
        "also": dict(mutant.also),
        "broken": {id: verdict.value for id, verdict in sorted(outcome.broken.items())},
        "killed": trying.killed(mutant, outcome),
    }


def named(outcomes):
    """The rows of all named mutants."""
    return [row(mutant, outcomes[mutant.name]) for mutant in mutants.MUTANTS]


def published():
    """The file as it lies in the repository."""
    return json.loads(FILE.read_text("utf-8"))


def text(document):
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def document(rows, trials):
    """The whole file; of generated mutants the counts, and each survivor."""
    found = {
        "named": rows,
        "without": mutants.WITHOUT_MUTANT,
        "generated": generated.summary(trials),
    }
    return {"summary": in_words(found), **found}


def page(document):
    """The page for people."""
    return OPENING + "\n".join((*_totals(document), *_matrix(document), *_generated(document))) + "\n"


def totals(document):
    """Named mutants, those killed, generated ones, those killed."""
    rows, made = document["named"], document["generated"]["totals"]
    return len(rows), sum(each["killed"] for each in rows), made["mutants"], made["killed"]


def in_words(document):
    """The totals as one sentence."""
    count, dead, made, caught = totals(document)
    return (
        f"{dead} of {count} named mutants are killed, and {caught:,} of {made:,} generated ones "
        f"({100 * caught / made:.1f} %)."
    )


def _totals(document):
    yield in_words(document)
    yield ""
    yield "| kind | servers | clients |"
    yield "| --- | --- | --- |"
    counted = Counter((each["kind"], each["side"]) for each in document["named"])
    for kind in sorted({kind for kind, _ in counted}):
        yield f"| {kind} | {counted[kind, 'server']} | {counted[kind, 'client']} |"
    yield ""


def _matrix(document):
    yield "## By requirement"
    yield ""
    yield "Beside a mutant stand the requirements that cannot but break with it."
    yield ""
    yield "| requirement | verdict | killed by it |"
    yield "| --- | --- | --- |"
    for id in catalogue.requirements():
        rows = [each for each in document["named"] if each["breaks"] == id]
        if rows:
            verdict = rows[0]["broken"].get(id, "—")
            yield f"| {id} | {verdict} | {'<br>'.join(map(_mutant, rows))} |"
        elif id in document["without"]:
            yield f"| {id} | — | *none: {document['without'][id]}* |"
    yield ""


def _mutant(row):
    also = "; ".join(f"{id}: {why}" for id, why in row["also"].items())
    lives = "" if row["killed"] else " **survives**"
    return f"{row['name']}{f' (also {also})' if also else ''}{lives}"


def _generated(document):
    made = document["generated"]
    yield "## Generated mutants"
    yield ""
    yield "Every message of two golden sessions with every single fault of its own, judged without a socket."
    yield "A kill is a finding against the side that sent it."
    yield ""
    yield "| fault | mutants | killed |"
    yield "| --- | --- | --- |"
    for fault, (count, dead) in made["faults"].items():
        yield f"| {fault} | {count} | {dead} |"
    yield ""
    yield "What survives, and why:"
    yield ""
    yield "| survivors | why |"
    yield "| --- | --- |"
    for reason, names in made["survivors"].items():
        yield f"| {', '.join(f'`{name}`' for name in names)} | {reason} |"


def main():
    rows = named(asyncio.run(trying.tried(mutants.MUTANTS)))
    found = document(rows, generated.trials())
    FILE.write_text(text(found), "utf-8", newline="\n")
    PAGE.write_text(page(found), "utf-8", newline="\n")
    alive = [each["name"] for each in rows if not each["killed"]]
    print(in_words(found), *alive, sep="\n")
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
