"""Plays every fault to every client and writes what came of it: `python tests/clients/fault_table.py`.

It writes `conformance/results/faults.json`, a line for each cell, and the page `faults.md` that is made of it.
With --client and --fault only these cells are played, and take the place of the old ones; with --page none is.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from environments import CannotPrepare
from fault_cells import NO_FAULT, Row, rows
from fault_page import PAGE, page
from fault_results import Cell, Results, load, write
from fault_runs import CannotRun, Column, Seen, columns, play
from fault_verdicts import Verdict, remarks, verdict_of

AT_ONCE = 2
AGAIN = (Verdict.HANGS, Verdict.CRASHES, Verdict.NOT_STRUCK)
"""Verdicts that a busy machine may cause: such a cell is played once more."""


def cell(column: Column, row: Row) -> Cell:
    """What one client does with one fault; played twice when the first time may be the machine's fault."""
    seen = in_a_folder(column, row)
    first = verdict = verdict_of(row, seen)
    if first in AGAIN:
        seen = in_a_folder(column, row)
        verdict = verdict_of(row, seen)
    told = remarks(row, seen)
    if verdict is not first:
        told.insert(0, f"{first}, then {verdict}")
        verdict = Verdict.VARIES
    print(f"{column.name} {row.label}: {verdict} {'; '.join(told)}", flush=True)
    return Cell.of(column.name, row, verdict, told, seen)


def in_a_folder(column: Column, row: Row) -> Seen:
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        return play(column, row, Path(folder))


def ready(name: str, results: Results) -> Column | None:
    """The client, if it finishes without a fault; None, noted in the results, when it cannot be run."""
    row = rows()[0]
    try:
        column = columns()[name]()
        usual = cell(column, row)
        if usual.verdict != Verdict.FINISHES:
            raise CannotRun(f"without a fault: {usual.verdict} {'; '.join(usual.remarks)}")
    except (CannotRun, CannotPrepare) as problem:
        results.clients[name] = {"version": None, "not_run": str(problem).splitlines()[0]}
        return None
    results.clients[name] = {"version": column.version}
    results.put(usual)
    return column


def renew(results: Results, names: Iterable[str], wanted: list[Row]) -> None:
    """Plays the wanted cells, AT_ONCE side by side, and puts them into the results."""
    with ThreadPoolExecutor(AT_ONCE) as stage:
        found = {name: stage.submit(ready, name, results) for name in names}
        running = []
        for name, future in found.items():
            if (column := future.result()) is None:
                for row in wanted:
                    results.put(Cell.not_run(name, row, results.clients[name]["not_run"]))
                continue
            running += [stage.submit(cell, column, row) for row in wanted if row.fault != NO_FAULT]
        for future in running:
            try:
                results.put(future.result())
            except Exception:
                traceback.print_exc()
                results.incomplete = True


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--client", action="append", choices=list(columns()), help="only this one; may be repeated"
    )
    parser.add_argument("--fault", action="append", metavar="LABEL", help="only this row; may be repeated")
    parser.add_argument("--page", action="store_true", help="play nothing, only make the page anew")
    chosen: Any = parser.parse_args()
    labels = [row.label for row in rows()]
    for label in chosen.fault or ():
        if label not in labels:
            parser.error(f"there is no row {label!r}; there are {', '.join(labels)}")
    results = load()
    if not chosen.page:
        wanted = [row for row in rows() if not chosen.fault or row.label in chosen.fault]
        renew(results, chosen.client or list(columns()), wanted)
        write(results)
    PAGE.write_text(page(results), encoding="utf-8")
    return 1 if results.incomplete else 0


if __name__ == "__main__":
    sys.exit(main())
