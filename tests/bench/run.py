"""Measures mockagent against a bare `websockets` server, side by side, and prints a table. Nothing is asserted.

    python tests/bench/run.py [--runs 5] [--quick] [--only start|streaming|round_trip|memory]

Each run measures both servers, in turn first, so that what else the machine does falls on both. No client offers
compression, so neither server compresses. Both have run before, so that Python has their bytecode.

Exit 0 when everything could be measured, whatever the figures are; 1 when not. About three minutes, a third of it
with --quick; Linux only.
"""

import argparse
import os
import statistics
import sys
import tempfile

from figures import FIGURES, Effort, Figure, start
from servers import BARE, MOCKAGENT, NotMeasured

QUICK = Effort(streams_for=2.0, trips=300)
TRIES = 3
"""How often a measurement that failed, as a busy machine can make it, is begun again."""
_COLUMNS = "{:61} {:>9} {:>9}  {:>5} {:>5} {:>5}  {:>5}  {}"


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        _keep_bytecode(folder)
        return _table(arguments)


def _keep_bytecode(folder: str) -> None:
    """Let both servers find what they import compiled, as they do where they have run before."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder
    for name in (BARE, MOCKAGENT):
        start(name, Effort())


def _table(arguments: argparse.Namespace) -> int:
    effort = QUICK if arguments.quick else Effort()
    print(_COLUMNS.format("median of each", "bare", "mockagent", "least", "ratio", "most", "limit", ""))
    is_whole = True
    for figure in FIGURES:
        if arguments.only in (None, figure.name):
            try:
                bare, ours = _measured(figure, arguments.runs, effort)
            except NotMeasured as error:
                print(f"{figure.about}: not measured: {error}")
                is_whole = False
                continue
            print(_line(figure, bare, ours), flush=True)
    return 0 if is_whole else 1


def _measured(figure: Figure, runs: int, effort: Effort) -> tuple[list[float], list[float]]:
    """What each run gave for the bare server and for mockagent."""
    found: dict[str, list[float]] = {BARE: [], MOCKAGENT: []}
    for number in range(runs):
        names = (BARE, MOCKAGENT) if number % 2 == 0 else (MOCKAGENT, BARE)
        for name, value in zip(names, _once(figure, names, effort), strict=True):
            found[name].append(value)
    return found[BARE], found[MOCKAGENT]


def _once(figure: Figure, names: tuple[str, ...], effort: Effort) -> list[float]:
    for _ in range(TRIES - 1):
        try:
            return figure.measure(names, effort)
        except (NotMeasured, OSError, TimeoutError) as error:
            print(f"{figure.name} begins again: {error}", file=sys.stderr)
    try:
        return figure.measure(names, effort)
    except (OSError, TimeoutError) as error:
        raise NotMeasured(f"{type(error).__name__} {error}") from error


def _line(figure: Figure, bare: list[float], ours: list[float]) -> str:
    """One line of the table; the ratio is the median of those of the runs."""
    ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
    ratio = statistics.median(ratios)
    return _COLUMNS.format(
        f"{figure.about} ({figure.unit})",
        f"{statistics.median(bare):.1f}",
        f"{statistics.median(ours):.1f}",
        f"{min(ratios):.2f}",
        f"{ratio:.2f}",
        f"{max(ratios):.2f}",
        f"{figure.limit:.1f}",
        "ok" if ratio <= figure.limit else "MISSED",
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="of each figure and server; the median counts")
    parser.add_argument("--quick", action="store_true", help="shorter runs, for a first look")
    parser.add_argument("--only", choices=[figure.name for figure in FIGURES], help="one figure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
