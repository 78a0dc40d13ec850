"""The parts of README.md that are made from the project itself: `python tests/readme.py` writes them anew.

A part stands between `<!-- NAME: … -->` and `<!-- end -->`; the test beside this file fails when one is out of date.
"""

import json
import re
import sys
from dataclasses import fields
from pathlib import Path

from mockagent import catalogue, survey
from mockagent.coverage import pages
from mockagent.limits import LIMITS
from mockagent.protocol.codes import CODES
from mockagent.protocol.switches import Switches
from mockagent.scenario.durations import written
from mockagent.scenario.explain import explained
from mockagent.scenario.faults.table import FAULTS

sys.path.insert(0, str(Path(__file__).parent / "clients"))

from client_page import matrix
from client_results import load
from fuzz_page import table

README = Path(__file__).parent.parent / "README.md"
_PART = re.compile(r"(<!-- (\w+):[^\n]*-->\n)(.*?)(<!-- end -->)", re.DOTALL)


def explanation() -> str:
    scenario = catalogue.load_scenario(catalogue.find_scenario("barge_in"))
    return f"```text\n{explained(scenario, catalogue.requirements())}```\n"


def scenarios() -> str:
    rows = ["| scenario | what happens |", "| --- | --- |"]
    top = catalogue.folder("scenarios")
    for path in catalogue.bundled_scenarios():
        scenario = catalogue.load_scenario(path)
        where = f"scenarios/{path.relative_to(top).as_posix()}"
        rows.append(f"| [`{scenario.name}`]({where}) | {scenario.summary} |")
    return "\n".join(rows) + "\n"


def requirements() -> str:
    head = ["id", "", "binds", "the obligation", "certainty", "refused with, or why it is unseen"]
    rows = [f"| {' | '.join(head)} |", "| --- | --- | --- | --- | --- | --- |"]
    for each in catalogue.requirements().values():
        last = f"`{each.refusal.code}`" if each.refusal else f"unseen: {each.unseen}" if each.unseen else ""
        cells = (each.id, each.keyword, each.binds, each.sentence, each.certainty, last)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def mutants() -> str:
    file = README.parent / "conformance/results/mutants.json"
    return json.loads(file.read_text("utf-8"))["summary"] + "\n"


def coverage() -> str:
    return "```text\n" + "".join(f"{line}\n" for line in pages.text(survey.of_bundled())) + "```\n"


def codes() -> str:
    rows = ["| code | kind | when | in these words | words |", "| --- | --- | --- | --- | --- |"]
    for code in CODES.values():
        rows.append(f"| `{code.name}` | {code.kind} | {code.when} | {code.description} | {code.wording} |")
    return "\n".join(rows) + "\n"


def faults() -> str:
    """The table of faults; `…` stands for what depends on the message that is hit."""
    rows = ["| fault | what happens | hits | P is per | breaks | a client closes |"]
    rows += ["| --- | --- | --- | --- | --- | --- |"]
    for each in FAULTS.values():
        figures = ", ".join(f"`{one.name}` {one.usual}" for one in each.parameters)
        what = f"{each.summary.removesuffix('.')} ({figures})" if figures else each.summary.removesuffix(".")
        breaks = " ".join([*sorted(each.breaks), *(["…"] if each.varies else [])])
        rows.append(
            f"| `{each.name}` | {what} | {each.strikes} | {each.per} | {breaks} | {each.closing or ''} |"
        )
    return "\n".join(rows) + "\n"


def clients() -> str:
    """Client × requirement, from the committed results."""
    return "\n".join(matrix(load())) + "\n"


def fuzzed() -> str:
    """What came of the faults that published clients were sent, from the committed results."""
    file = README.parent / "conformance/results/fuzz.json"
    return "\n".join(table(json.loads(file.read_text("utf-8")))) + "\n"


def switches() -> dict[str, str]:
    """Every switch with its default, as the README writes it."""
    defaults = Switches()
    values = {field.name: getattr(defaults, field.name) for field in fields(Switches)}
    return {name: _default(value) for name, value in values.items()}


def _default(value: object) -> str:
    return written(value) if isinstance(value, float) else str(value).lower()


def limits() -> str:
    rows = ["| of | at most | beyond it |", "| --- | --- | --- |"]
    rows += [f"| {each.of} | {each.most} | {each.beyond} |" for each in LIMITS]
    return "\n".join(rows) + "\n"


PARTS = {
    "explain": explanation,
    "coverage": coverage,
    "scenarios": scenarios,
    "requirements": requirements,
    "mutants": mutants,
    "codes": codes,
    "faults": faults,
    "clients": clients,
    "fuzzed": fuzzed,
    "limits": limits,
}


def renewed(text: str) -> str:
    """The README with every made part as it should be."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[4]}", text)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
