"""How many small wrong changes of the core its own tests see: prints the mutation score, and what survived.

    python tests/mutation/score.py [--part 1/4] [--tables 1/8] [--only session] [--jobs 2] [--results FILE]

A change inside a function costs a fraction of a second where a test sees it, and else the time of all tests that
call the function. So the quick tests alone can be asked first, and then of what survived them all tests:

    python tests/mutation/score.py --quick 0.4 --results quick.jsonl
    python tests/mutation/score.py --again quick.jsonl --tables 1/8 --results all.jsonl

They are tried in the order of a hash of their names: what a run that is cut short has tried is a sample of the whole,
and with the same --results the next one goes on from there.

A change of what a module makes while it is imported costs a fresh process, seconds: of these only a sample is tried,
none without `--tables`.

Exit 0 when the score is at least what is wanted and every survivor stands in survivors.yaml with its reason; 1 when
not.
"""

import argparse
import cProfile
import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import yaml
from trials import Candidate, Measured, Outcome, Trials, called, try_here, with_tests

ROOT = Path(__file__).parents[2]
PACKAGE = "mockagent/protocol"
TESTS = ("tests/protocol", "tests/conformance/test_requirements.py")
SURVIVORS = Path(__file__).parent / "survivors.yaml"
WANTED = 0.90


def place_of(id: str) -> float:
    """Where a mutant stands among all, from 0 to 1: by a hash of its name, and so the same each time."""
    return int.from_bytes(hashlib.sha256(id.encode()).digest()[:4], "big") / 2**32


@dataclass(frozen=True, slots=True)
class Part:
    """The `number`th of `of` parts of all mutants. In the order of their places the parts come one after the other."""

    number: int = 1
    of: int = 1

    @classmethod
    def named(cls, text: str) -> "Part":
        """ "1/4", or "0" for nothing."""
        number, _, of = text.partition("/")
        return cls(int(number), int(of or 1))

    def __contains__(self, id: object) -> bool:
        return int(place_of(str(id)) * self.of) == self.number - 1


@dataclass(frozen=True, slots=True)
class Findings:
    """Which mutants were tried, by name, and whether each survived."""

    survived: Mapping[str, bool]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> "Findings":
        lines = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
        return cls({line["id"]: line["survived"] for line in lines})

    @property
    def survivors(self) -> list[str]:
        return sorted(id for id, survived in self.survived.items() if survived)

    @property
    def score(self) -> float:
        """From 0 to 1, the share that a test has seen; 0 of nothing."""
        return 1 - len(self.survivors) / len(self.survived) if self.survived else 0.0

    def judged(self, excused: Collection[str], wanted: float) -> Iterator[str]:
        """What is wrong with them, a line each."""
        if self.score < wanted:
            yield f"a score below {wanted:.0%}"
        survivors = set(self.survivors)
        for id in self.survivors:
            if id not in excused:
                yield f"survived, without a reason in survivors.yaml: {id}"
        for id in excused:
            if id in self.survived and id not in survivors:
                yield f"in survivors.yaml, but seen by a test: {id}"


def tried(trials: Trials, chosen: Sequence[Candidate], jobs: int, results: TextIO) -> Findings:
    """Try each of them, so many at a time; each gets a line of JSON as soon as it is decided."""
    survived: dict[str, bool] = {}
    running: dict[int, Candidate] = {}

    def finish() -> None:
        pid, status = os.wait()
        candidate = running.pop(pid)
        ended = os.waitstatus_to_exitcode(status)
        if ended == Outcome.BROKEN:
            raise RuntimeError(f"cannot try {candidate.id}")
        survived[candidate.id] = ended == Outcome.SURVIVED
        line = {"id": candidate.id, "line": candidate.mutant.line, "survived": survived[candidate.id]}
        print(json.dumps(line), file=results, flush=True)

    for candidate in chosen:
        if len(running) >= jobs:
            finish()
        running[trials.start(candidate)] = candidate
    while running:
        finish()
    return Findings(survived)


def chosen(
    measured: Measured, arguments: argparse.Namespace, before: Findings, done: Findings
) -> Iterator[Candidate]:
    """The mutants that these arguments ask for: what survived an earlier run, and what belongs to the parts.

    Of changes inside functions only the former, where there was an earlier run.
    """
    again = set(before.survivors)
    for candidate in measured.mutants(arguments.only):
        first_time = arguments.tables if candidate.mutant.on_import else arguments.part
        if arguments.again and not candidate.mutant.on_import:
            first_time = Part.named("0")
        if (candidate.id in again or candidate.id in first_time) and candidate.id not in done.survived:
            yield candidate


def _scored(measured: Measured, arguments: argparse.Namespace) -> int:
    before = Findings.read(arguments.again)
    done = Findings.read([arguments.results] if arguments.results.is_file() else [])
    wanted = sorted(chosen(measured, arguments, before, done), key=lambda each: place_of(each.id))
    early = cProfile.Profile(subcalls=False, builtins=False)

    def work(items: list[Any]) -> int:
        early.disable()
        trials = Trials(measured, items, frozenset(called(early, measured)), arguments.quick)
        trials.learn()
        print(f"{len(wanted)} mutants", file=sys.stderr, flush=True)
        if any(each.mutant.on_import for each in wanted) and trials.unchanged() is not Outcome.SURVIVED:
            print("a test fails in a fresh process without any change", file=sys.stderr)
            return 1
        with Path(arguments.results).open("a", encoding="utf-8") as results:
            found = tried(trials, wanted, arguments.jobs, results)
        known = {each.id for each in measured.mutants()}
        earlier = {**before.survived, **done.survived}
        kept = {id: survived for id, survived in earlier.items() if id in known}
        return _told(Findings({**kept, **found.survived}), known, arguments)

    early.enable()
    return with_tests(measured, work, otherwise=1)


def _told(found: Findings, known: Collection[str], arguments: argparse.Namespace) -> int:
    rows = yaml.safe_load(arguments.survivors.read_text("utf-8")) if arguments.survivors.exists() else None
    excused = [id for ids in (rows or {}).values() for id in ids]
    wrong = list(found.judged(excused, arguments.wanted))
    wrong += [f"in survivors.yaml, but no mutant: {id}" for id in excused if id not in known]
    tried, survivors = len(found.survived), len(found.survivors)
    print(f"{tried} of {len(known)} mutants, {survivors} survived: score {found.score:.1%}")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_argument_group("which mutants")
    which.add_argument(
        "--part", type=Part.named, default=Part(), help="1/4: of those in functions the first quarter"
    )
    which.add_argument("--tables", type=Part.named, default=Part(0), help="1/8: and an eighth of the others")
    which.add_argument("--only", help="those of one module, such as session or rules/turns")
    which.add_argument(
        "--again", type=Path, nargs="+", default=(), help="what survived these earlier results"
    )
    how = parser.add_argument_group("how")
    how.add_argument(
        "--quick", type=float, help="leave out tests of more seconds of CPU time, and fresh processes"
    )
    how.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    how.add_argument(
        "--results",
        type=Path,
        default=Path(os.devnull),
        help="where each gets a line of JSON, if it has none there yet",
    )
    what = parser.add_argument_group("what is measured, by default the core")
    what.add_argument("--root", type=Path, default=ROOT, help="where the package and the tests are")
    what.add_argument("--package", default=PACKAGE, help="the package, a folder below the root")
    what.add_argument("--tests", nargs="+", default=TESTS, help="as pytest has them")
    what.add_argument(
        "--survivors", type=Path, default=SURVIVORS, help="YAML: by reason, the names of mutants"
    )
    what.add_argument("--wanted", type=float, default=WANTED, help="the lowest score, from 0 to 1")
    parser.add_argument("--mutant", help=argparse.SUPPRESS)
    return parser


def main() -> int:
    arguments = _parser().parse_args()
    measured = Measured(arguments.root.resolve(), arguments.package, tuple(arguments.tests))
    arguments.results = arguments.results.resolve()
    if arguments.mutant is not None:
        return try_here(measured, arguments.mutant)
    return _scored(measured, arguments)


if __name__ == "__main__":
    sys.exit(main())
