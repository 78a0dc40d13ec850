"""Fuzzes every published client and writes what came of it: `python tests/clients/fuzz_table.py`.

It writes `conformance/results/fuzz.json`, the smallest frames of each kind of failure into
`conformance/results/failures/`, and the page `fuzz.md` that is made of them. With --client only that one is fuzzed,
and takes the place of its old results; with --page none is. Beside the frames lies the scenario that plays them, as far
as there is one.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from environments import ROOT, CannotPrepare
from fuzz_page import page
from published import CLIENTS_BY_NAME, EARLY_ACCESS

from mockagent import catalogue
from mockagent.fuzz.as_scenario import CannotSay
from mockagent.fuzz.failure import read
from mockagent.fuzzing.scenarios import scenario_of
from mockagent.protocol.events import Dialect, Side

RESULTS = ROOT / "conformance" / "results"
FILE = RESULTS / "fuzz.json"
FAILURES = RESULTS / "failures"
PAGE = RESULTS / "fuzz.md"
PROGRAM = str(Path(sys.executable).with_name("mockagent"))
KINDS = ("text", "frame", "audio", "schema", "order")
WITHIN = 4.0
SHRINKS_FOR = 8.0
JOBS = 3
FUNCTION = "get_weather"
"""What every driver defines, for failures that do not name what they were asked to run."""
SHOWN_STEPS = 3
SHOWN_BYTES = 90


def fuzzed(name: str, seconds: float) -> dict[str, Any]:
    """What came of one client, and its smallest failures; CannotPrepare where it cannot be run."""
    client = CLIENTS_BY_NAME[name]
    dialect = "early-access" if name in EARLY_ACCESS else "v1"
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        lines = _run(client.command(), folder, seconds, dialect)
        if not lines or lines[-1]["event"] != "fuzz_ended":
            raise CannotPrepare(
                f"{name}: the run did not come to its end: {(folder / 'said.txt').read_text()}"
            )
        failed = [line for line in lines if line["event"] == "failed"]
        for line in failed:
            if "tries" in line:
                _publish(Path(line["file"]))
        alike = Counter(_kind(line) for line in failed)
        found = [{**_told(line), "alike": alike[_kind(line)]} for line in failed if "tries" in line]
        verdicts = {line["fault"]: line["verdict"] for line in lines if line["event"] == "tried"}
        ended = {name: lines[-1][name] for name in ("counts", "failures", "is_complete")}
        return {"version": client.version(), **ended, "found": found, "verdicts": verdicts}


def _run(command: list[str], folder: Path, seconds: float, dialect: str) -> list[dict[str, Any]]:
    kinds = [word for kind in KINDS for word in ("--kind", kind)]
    limits = [
        "--within",
        str(WITHIN),
        "--shrink",
        str(SHRINKS_FOR),
        "--time",
        str(seconds),
        "--examples",
        "0",
        "--jobs",
        str(JOBS),
        "--dialect",
        dialect,
    ]
    files = ["--json", str(folder / "lines.jsonl"), "--store", str(folder / "failures")]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NODE"))}
    with (folder / "said.txt").open("w") as said:
        subprocess.run(
            [PROGRAM, "fuzz", "client", *kinds, *limits, *files, "--", *command],
            stdout=said,
            stderr=said,
            env={**env, "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=seconds + 120,
            stdin=subprocess.DEVNULL,
        )
    failures = RESULTS / "failures"
    failures.mkdir(exist_ok=True)
    lines = [json.loads(line) for line in (folder / "lines.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        if line["event"] == "failed":
            line["stored"] = json.loads(Path(line["file"]).read_text("utf-8"))
    return lines


def _publish(path: Path) -> None:
    """Keep the frames, without the command and the whole that they were found in."""
    document = json.loads(path.read_text("utf-8"))
    document |= {"target": []}
    document.pop("found_in", None)
    (FAILURES / path.name).write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _write(results: dict[str, Any]) -> None:
    """All results, the clients as tables show them, and their faults as the corpus has them."""
    for dialect in Dialect:
        corpus = catalogue.corpus().near_misses(dialect, Side.SERVER)
        place = {near_miss.id: number for number, near_miss in enumerate(corpus)}
        for result in results.values():
            verdicts = result.get("verdicts", {})
            if verdicts.keys() <= place.keys():
                result["verdicts"] = dict(sorted(verdicts.items(), key=lambda each: place[each[0]]))
    ordered = {name: results[name] for name in CLIENTS_BY_NAME if name in results}
    FILE.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")


def drop_unnamed(ids: set[str]) -> None:
    """Keep no frames that no client fails with any more."""
    for path in FAILURES.glob("*.json"):
        if path.stem not in ids:
            path.unlink()


def write_scenarios() -> None:
    """Every published failure as a scenario, made of its frames alone."""
    for path in FAILURES.glob("*.yaml"):
        path.unlink()
    for path in sorted(FAILURES.glob("*.json")):
        try:
            path.with_suffix(".yaml").write_text(as_scenario(path), "utf-8")
        except CannotSay as error:
            print(f"{path.name}: no scenario: {error}", file=sys.stderr)


def as_scenario(path: Path) -> str:
    """The scenario of a published failure; CannotSay where there is none."""
    document = json.loads(path.read_text("utf-8"))
    document["options"].setdefault("function", FUNCTION)
    return scenario_of(read(document, path.name))


def _kind(line: dict[str, Any]) -> tuple[str, ...]:
    return (line["verdict"], line["where"], "" if " in " in line["where"] else line["family"])


def _told(line: dict[str, Any]) -> dict[str, Any]:
    kept = {name: line[name] for name in ("id", "fault", "family", "verdict", "detail", "is_sure")}
    return {**kept, "steps": [_short(step) for step in line["stored"]["steps"][-SHOWN_STEPS:]]}


def _short(step: dict[str, Any]) -> dict[str, Any]:
    """A step as the page shows it; the exact bytes are in the file of the failure."""
    if "await" in step:
        return step
    data = base64.b64decode(step["base64"])
    text = data[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    return {"say": step["say"], "text": text, "bytes": len(data), "is_one": len(set(data)) == 1}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--client", action="append", choices=list(CLIENTS_BY_NAME), help="only this; may be repeated"
    )
    parser.add_argument("--time", type=float, default=1800.0, help="seconds for each client")
    parser.add_argument("--page", action="store_true", help="fuzz nothing, only make the page anew")
    chosen: Any = parser.parse_args()
    results: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    status = 0
    if not chosen.page:
        for name in chosen.client or CLIENTS_BY_NAME:
            try:
                results[name] = fuzzed(name, chosen.time)
            except (CannotPrepare, subprocess.TimeoutExpired) as problem:
                results[name] = {"version": None, "not_run": str(problem).splitlines()[0]}
                status = 1
            _write(results)
    _write(results)
    drop_unnamed({each["id"] for result in results.values() for each in result.get("found", ())})
    write_scenarios()
    PAGE.write_text(page(results, {path.stem for path in FAILURES.glob("*.yaml")}), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
