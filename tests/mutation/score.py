"""How many small wrong changes of the core its own tests see: prints the mutation score, and what survived.

    python tests/mutation/score.py [--part 1/4] [--only session] [--jobs 2] [--results FILE] [--again FILE]

Every test of `TESTS` is collected once. Then each mutant has a process of its own, forked from that one, in which the
code of one function is exchanged; there those tests run that call the function, the quickest first, until one fails.
What is made once, before the tests, a changed function cannot change any more: such a survivor is tried again in a
fresh process. Linux and macOS only.

Exit 0 when the score is at least `WANTED` and every survivor stands in survivors.yaml with its reason; 1 when not.
"""

import argparse
import contextlib
import gc
import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
import yaml
from operators import Mutant, changed, mutants

ROOT = Path(__file__).parents[2]
CORE = ROOT / "mockagent" / "protocol"
TESTS = ("tests/protocol", "tests/conformance/test_requirements.py")
SURVIVORS = Path(__file__).parent / "survivors.yaml"
WANTED = 0.90
_QUIETLY = (
    *(
        "-o",
        "addopts=--import-mode=importlib",
        "--assert=plain",
    ),  # whose rewriting would import what is changed
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist"),
)
_MOST_CPU = 60
"""Seconds of CPU time after which a mutant counts as hung, and so as seen."""
_MEMORY = 4 << 30
_KILLED, _SURVIVED, _BROKEN = 0, 42, 43


class Tests:
    """The collected tests, and which of them call what."""

    def __init__(self, early: set[CodeType]) -> None:
        self.early = early
        self.items: list[pytest.Item] = []
        self.callers: Mapping[tuple[str, str, int], Sequence[int]] = {}

    def run(self, numbers: Sequence[int]) -> int | None:
        """The first of these tests that fails, if one does."""
        for each, after in zip_longest(numbers, numbers[1:]):
            following = None if after is None else self.items[after]
            failed = self.items[each].session.testsfailed
            self.items[each].config.hook.pytest_runtest_protocol(item=self.items[each], nextitem=following)
            if self.items[each].session.testsfailed > failed:
                return each
        return None

    def learn(self) -> bool:
        """Run all once, and note what each calls and how long it takes; whether they pass."""
        self.callers = _in_child(self._observed)
        return bool(self.callers)

    def _observed(self) -> Mapping[tuple[str, str, int], Sequence[int]]:
        callers: dict[tuple[str, str, int], set[int]] = defaultdict(set)
        took: dict[int, float] = {}
        left_out: set[int] = set()
        current = 0

        def note(frame: Any, event: str, argument: Any) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(str(CORE)):
                callers[_key(frame.f_code)].add(current)

        for current in range(len(self.items)):
            began = time.process_time()
            sys.setprofile(note)
            failed = self.run([current])
            sys.setprofile(None)
            took[current] = time.process_time() - began
            if failed is not None:
                print(
                    f"left out, for it fails without any change: {self.items[failed].nodeid}", file=sys.stderr
                )
                left_out.add(failed)
        for those in callers.values():
            those -= left_out
        return {key: sorted(those, key=took.__getitem__) for key, those in callers.items()}


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


class Plugin:
    """Takes the place of pytest's own loop."""

    def __init__(self, arguments: argparse.Namespace, early: set[CodeType]) -> None:
        self.arguments = arguments
        self.tests = Tests(early)
        self.status = 1

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        if session.testsfailed:
            self.status = _KILLED if self.arguments.mutant else 1
            return True
        self.tests.items = session.items
        if self.arguments.mutant:
            numbers = range(len(session.items))
            self.status = _SURVIVED if self.tests.run(list(numbers)) is None else _KILLED
            return True
        if self.tests.learn():
            with Path(self.arguments.results).open("w", encoding="utf-8") as results:
                self.status = _scored(self.tests, self.arguments, results)
        return True


def _scored(tests: Tests, arguments: argparse.Namespace, results: Any) -> int:
    chosen = list(_chosen(arguments))
    live = _live()
    print(f"{len(chosen)} mutants", file=sys.__stderr__, flush=True)
    found: dict[str, bool] = {}
    running: dict[int, tuple[str, Mutant, bool]] = {}

    def finish(pid: int, status: int) -> None:
        name, mutant, early = running.pop(pid)
        ended = os.waitstatus_to_exitcode(status)
        if ended == _BROKEN:
            raise RuntimeError(f"cannot try {_id(name, mutant)}")
        survived = ended == _SURVIVED
        if survived and early:
            survived = _survives_afresh(name, mutant)
        found[_id(name, mutant)] = survived
        line = {"id": _id(name, mutant), "line": mutant.line, "survived": survived}
        print(json.dumps(line, ensure_ascii=False), file=results, flush=True)

    for name, source, mutant in chosen:
        swaps = _swaps(name, source, mutant, live)
        if len(running) >= arguments.jobs:
            finish(*os.wait())
        pid = os.fork()
        if pid == 0:
            try:
                os._exit(_child(tests, swaps))
            finally:
                os._exit(_BROKEN)
        running[pid] = (name, mutant, any(original in tests.early for original, _ in swaps))
    while running:
        finish(*os.wait())
    found = {**dict.fromkeys(_seen_before(arguments), False), **found}
    return _told(found, whole=arguments.part == (1, 1) and not arguments.only)


def _child(tests: Tests, swaps: Sequence[tuple[CodeType, Sequence[tuple[FunctionType, CodeType]]]]) -> int:
    """Run the tests that call what has changed; what is to be the exit status."""
    _limited()
    numbers: dict[int, None] = {}
    for original, functions in swaps:
        numbers |= dict.fromkeys(tests.callers.get(_key(original), ()))
        for function, code in functions:
            try:
                function.__code__ = code
            except ValueError:  # the change takes away a variable that the function shares
                return _KILLED
    return _SURVIVED if tests.run(list(numbers)) is None else _KILLED


def _limited() -> None:
    import resource

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.setitimer(signal.ITIMER_PROF, _MOST_CPU)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _in_child(work: Any) -> Any:
    """What the work returns, done in a process of its own, so that no cache here knows of it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = pickle.load(pipe)
    os.waitpid(pid, 0)
    return result


def _live() -> Mapping[CodeType, list[FunctionType]]:
    functions: dict[CodeType, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(CORE)):
            functions[each.__code__].append(each)
    return functions


def _swaps(
    name: str, source: str, mutant: Mutant, live: Mapping[CodeType, list[FunctionType]]
) -> list[tuple[CodeType, list[tuple[FunctionType, CodeType]]]]:
    """Each code that differs, and the functions that are to have the other one."""
    file = str(CORE / f"{name}.py")
    ours = compile(source, file, "exec", dont_inherit=True)
    theirs = compile(changed(source, mutant), file, "exec", dont_inherit=True)
    return [
        (one, [(function, other) for function in live.get(one, ())])
        for one, other in _pairs(ours, theirs)
        if one != other and one.co_flags & 1 << 1  # of a function, not of a class or the module
    ]


def _pairs(one: CodeType, other: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (one, other)]
    for mine, theirs in zip(*inner, strict=False):
        yield mine, theirs
        yield from _pairs(mine, theirs)


def _survives_afresh(name: str, mutant: Mutant) -> bool:
    command = [sys.executable, __file__, "--mutant", _id(name, mutant)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=20 * _MOST_CPU, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == _SURVIVED


def _id(name: str, mutant: Mutant) -> str:
    return f"{name}.{mutant.name}"


def _modules(only: str | None) -> Iterator[tuple[str, str]]:
    for path in sorted(CORE.rglob("*.py")):
        name = path.relative_to(CORE).with_suffix("").as_posix()
        if only is None or name == only:
            yield name, path.read_text("utf-8")


def _chosen(arguments: argparse.Namespace) -> Iterator[tuple[str, str, Mutant]]:
    """The mutants of one part of the whole: by a hash of the name, so that it is the same ones each time."""
    part, parts = arguments.part
    before = _before(arguments)
    for name, source in _modules(arguments.only):
        for mutant in mutants(source):
            if before and not before.get(_id(name, mutant)):
                continue
            digest = hashlib.sha256(_id(name, mutant).encode()).digest()
            if int.from_bytes(digest[:4], "big") % parts == part - 1:
                yield name, source, mutant


def _told(found: Mapping[str, bool], *, whole: bool) -> int:
    survivors = [id for id, survived in found.items() if survived]
    score = 1 - len(survivors) / max(1, len(found))
    excused = _excused()
    unexplained = [id for id in survivors if id not in excused]
    gone = [id for id in excused if (id in found or whole) and id not in survivors]
    print(f"{len(found)} mutants, {len(survivors)} survived: score {score:.1%}, wanted {WANTED:.0%}")
    _list("survived, without a reason in survivors.yaml", unexplained)
    _list("in survivors.yaml, but seen by a test", gone)
    return 0 if score >= WANTED and not unexplained and not gone else 1


def _list(title: str, ids: Iterable[str]) -> None:
    for id in ids:
        print(f"{title}: {id}")


def _excused() -> Mapping[str, str]:
    rows: Mapping[str, str] = yaml.safe_load(SURVIVORS.read_text("utf-8")) if SURVIVORS.exists() else {}
    return rows or {}


def _install(id: str) -> None:
    """Have the changed module imported instead of the real one."""
    from importlib.abc import MetaPathFinder
    from importlib.machinery import PathFinder, SourceFileLoader

    name, source, mutant = next(each for each in _all() if _id(each[0], each[2]) == id)
    wanted = f"mockagent.protocol.{name.replace('/', '.')}"

    class Changed(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            return compile(changed(source, mutant), self.path, "exec", dont_inherit=True)

    class Finder(MetaPathFinder):
        def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
            if fullname != wanted:
                return None
            spec = PathFinder.find_spec(fullname, path)
            assert spec is not None
            spec.loader = Changed(fullname, str(CORE / f"{name}.py"))
            return spec

    sys.meta_path.insert(0, Finder())


def _before(arguments: argparse.Namespace) -> Mapping[str, bool]:
    """What an earlier run found, by mutant."""
    if not arguments.again:
        return {}
    lines = map(json.loads, Path(arguments.again).read_text("utf-8").splitlines())
    return {line["id"]: line["survived"] for line in lines}


def _seen_before(arguments: argparse.Namespace) -> list[str]:
    return [id for id, survived in _before(arguments).items() if not survived]


def _all() -> Iterator[tuple[str, str, Mutant]]:
    for name, source in _modules(None):
        for mutant in mutants(source):
            yield name, source, mutant


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    return int(part), int(parts or 1)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=_part, default=(1, 1), help="1/4: a fourth of all mutants, the first")
    parser.add_argument("--only", help="a module of the core, such as session or rules/turns")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", default=os.devnull, help="where each mutant gets a line of JSON")
    parser.add_argument("--again", help="results of an earlier run: only what survived then is tried again")
    parser.add_argument("--mutant", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    early: set[CodeType] = set()
    if arguments.mutant:
        _install(arguments.mutant)
    else:
        sys.setprofile(lambda frame, event, argument: early.add(frame.f_code) if event == "call" else None)
    plugin = Plugin(arguments, early)
    with contextlib.redirect_stdout(sys.stderr if arguments.mutant else sys.stdout):
        pytest.main([*_QUIETLY, *TESTS], [plugin])
    sys.setprofile(None)
    return plugin.status


if __name__ == "__main__":
    sys.exit(main())
