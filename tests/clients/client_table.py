"""Runs the conformance kit against every published client: `python tests/clients/client_table.py`.

It writes `conformance/results/clients.json`, the traces of what was found, and the page `clients.md`; then
`python tests/readme.py` puts the matrix into the README. With --client only that one is run, and takes the place of
what was there; with --page none is. A client whose environment cannot be made on this machine is not run, and the
page says why.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from client_page import PAGE, page
from client_results import BAD, FILE, TRACES, Finding, Seen, load, seen_of, small, written
from environments import ROOT, CannotPrepare
from playing import PROGRAM
from published import CLIENTS_BY_NAME, EARLY_ACCESS

SPEED = 10
JOBS = 3
RUN_FOR = 1200


def run(name: str) -> Seen:
    """What the kit finds of one client; a Seen that says why, where it cannot be run.

    What hung or crashed may be the fault of a busy machine, and is tried once more.
    """
    client = CLIENTS_BY_NAME[name]
    try:
        command = client.command()
        version = client.version()
    except CannotPrepare as problem:
        return Seen(name, not_run=str(problem).splitlines()[0])
    seen = _tried(name, command, version)
    return _tried(name, command, version) if {"HANG", "CRASH"} & seen.totals.keys() else seen


def _tried(name: str, command: Sequence[str], version: str) -> Seen:
    dialect = "early-access" if name in EARLY_ACCESS else "v1"
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        file, traces = Path(folder) / "report.json", Path(folder) / "traces"
        options = ["--dialect", dialect, "--speed", str(SPEED), "--jobs", str(JOBS), "--seed", "1", "-q"]
        kit = [PROGRAM, "conform", "client", *options, "--json", str(file), "--traces", str(traces)]
        subprocess.run([*kit, "--", *command], cwd=ROOT, timeout=RUN_FOR, check=False)
        report = json.loads(file.read_text("utf-8"))
        seen = seen_of(name, version, dialect, report)
        return replace(seen, findings=tuple(_with_traces(seen, report)))


def _with_traces(seen: Seen, report: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings, each with the trace of the first case that shows it; a case's trace is kept once."""
    files = {case["id"]: case["files"] for case in report["cases"]}
    for old in TRACES.glob(f"{seen.client}.*.jsonl"):
        old.unlink()
    TRACES.mkdir(exist_ok=True)
    for finding in seen.findings:
        case = finding.cases[0]
        traces = sorted(key for key in files.get(case, {}) if key.startswith("trace-"))
        if finding.verdict not in (*BAD, "WARN") or not traces:
            yield finding
            continue
        name = f"{seen.client}.{case.replace('#', '-')}.jsonl"
        (TRACES / name).write_text(small(Path(files[case][traces[-1]])), encoding="utf-8")
        yield replace(finding, trace=name)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(CLIENTS_BY_NAME)
    parser.add_argument("--client", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--page", action="store_true", help="run nothing, only make the page anew")
    chosen: Any = parser.parse_args()
    results = load()
    for name in () if chosen.page else chosen.client or names:
        results[name] = run(name)
        told = results[name].not_run or ", ".join(f"{key} {n}" for key, n in results[name].totals.items())
        print(f"{name}: {told}", flush=True)
        FILE.write_text(written(results, names), encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
