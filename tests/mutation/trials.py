"""Whether a test sees a mutant: each is tried in a process of its own, forked from one that has collected all tests.

There the code of one function is exchanged, and those tests run that call the function, the quickest first, until
one fails. What is made once, before the tests, a changed function cannot change any more: such a survivor is tried
again in a fresh process, and so is every change of what a module makes while it is imported. Linux and macOS only.
"""

import cProfile
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from operators import Mutant, changed, mutants

_QUIETLY = (
    # The rewriting of assertions would import what is to be changed.
    *("-o", "addopts=--import-mode=importlib", "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist"),
)
_MOST_CPU = 60
"""Seconds of CPU time after which a mutant counts as hung, and so as seen."""
_MOST_WALL = 1800
"""Seconds after which so does one that waits for ever."""
_MEMORY = 4 << 30


class Outcome(IntEnum):
    """What became of a mutant; the exit status of its process."""

    KILLED = 0
    SURVIVED = 42
    BROKEN = 43


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured: a package (the folder, below `root`) by tests, whose names are as pytest has them."""

    root: Path
    package: str
    tests: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.root / self.package

    def modules(self, only: str | None = None) -> Iterator[tuple[str, str]]:
        """Name and source of each module, or of one."""
        for path in sorted(self.folder.rglob("*.py")):
            name = path.relative_to(self.folder).with_suffix("").as_posix()
            if only is None or name == only:
                yield name, path.read_text("utf-8")

    def mutants(self, only: str | None = None) -> Iterator["Candidate"]:
        """Every mutant there is, of all modules or of one."""
        for name, source in self.modules(only):
            for mutant in mutants(source):
                yield Candidate(name, source, mutant)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mutant and the module that it changes."""

    module: str
    source: str = field(repr=False)
    mutant: Mutant

    @property
    def id(self) -> str:
        return f"{self.module}.{self.mutant.name}"


Key = tuple[str, str, int]
Swap = tuple[CodeType, Sequence[tuple[FunctionType, CodeType]]]


@dataclass(slots=True)
class Trials:
    """The collected tests, which of them call what, and what ran before them."""

    measured: Measured
    items: list[pytest.Item]
    early: frozenset[Key]
    quick: float | None = None
    callers: Mapping[Key, Sequence[int]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    live: Mapping[CodeType, list[FunctionType]] = field(default_factory=dict)

    def learn(self) -> None:
        """Run all tests once, and note what each calls and how long it takes.

        Left out from then on is what fails without any change, or takes longer than `quick` seconds of CPU time;
        with `quick` nothing is tried again afresh either.
        """
        self.callers, failed, slow = _in_child(self._observed)
        for each in failed:
            print(f"left out, for it fails without any change: {self.items[each].nodeid}", file=sys.stderr)
        self.left_out = frozenset(failed) | (frozenset(slow) if self.quick else frozenset())
        self.live = _live(str(self.measured.folder))
        gc.freeze()

    def _observed(self) -> tuple[Mapping[Key, Sequence[int]], list[int], list[int]]:
        callers: dict[Key, set[int]] = defaultdict(set)
        took: list[float] = []
        failed: list[int] = []
        for number in range(len(self.items)):
            began = time.process_time()
            with cProfile.Profile(subcalls=False, builtins=False) as profile:
                if self.first_failing([number]) is not None:
                    failed.append(number)
            took.append(time.process_time() - began)
            for key in called(profile, self.measured):
                callers[key].add(number)
        slow = [number for number, seconds in enumerate(took) if self.quick and seconds > self.quick]
        return {key: sorted(those, key=took.__getitem__) for key, those in callers.items()}, failed, slow

    def first_failing(self, numbers: Sequence[int]) -> int | None:
        """The first of these tests that fails, if one does."""
        for number, after in zip_longest(numbers, numbers[1:]):
            item = self.items[number]
            following = None if after is None else self.items[after]
            failed = item.session.testsfailed
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.testsfailed > failed:
                return number
        return None

    def start(self, candidate: Candidate) -> int:
        """The id of a process that tries the mutant; its exit status is an Outcome."""
        pid = os.fork()
        if pid == 0:
            try:
                os._exit(self._tried(candidate))
            finally:
                os._exit(Outcome.BROKEN)
        return pid

    def _tried(self, candidate: Candidate) -> Outcome:
        if candidate.mutant.on_import:
            keys = (key for key in self.callers if key[0] == self._file(candidate))
            return self._afresh(candidate.id, chain.from_iterable(self.callers[key] for key in keys))
        _limit()
        swaps = self._swaps(candidate)
        keys = [_key(original) for original, _ in swaps]
        numbers = self._wanted(chain.from_iterable(self.callers.get(key, ()) for key in keys))
        if not _exchanged(swaps) or self.first_failing(numbers) is not None:
            return Outcome.KILLED
        is_too_late = not self.quick and self.early.intersection(keys)
        return self._afresh(candidate.id, numbers) if is_too_late else Outcome.SURVIVED

    def _wanted(self, numbers: Iterable[int]) -> list[int]:
        return [number for number in dict.fromkeys(numbers) if number not in self.left_out]

    def _file(self, candidate: Candidate) -> str:
        return str(self.measured.folder / f"{candidate.module}.py")

    def _afresh(self, id: str, first: Iterable[int]) -> Outcome:
        """What becomes of it in a process that imports the changed module; these tests are asked first."""
        first = self._wanted(first)
        numbers = dict.fromkeys([*first, *self._wanted(range(len(self.items)))])
        order = json.dumps([self.items[number].nodeid for number in numbers])
        measured = ("--root", self.measured.root, "--package", self.measured.package)
        command = [sys.executable, Path(__file__).with_name("score.py"), *measured, "--mutant", id]
        tests = ("--tests", *self.measured.tests)
        done = subprocess.run([*command, *tests], input=order, text=True, capture_output=True, check=False)
        if done.returncode in (Outcome.SURVIVED, Outcome.BROKEN):
            return Outcome(done.returncode)
        return Outcome.KILLED

    def unchanged(self) -> Outcome:
        """What becomes of the package as it is in a fresh process; unless it survives, other outcomes mean nothing."""
        return self._afresh("", ())

    def _swaps(self, candidate: Candidate) -> list[Swap]:
        """Each code that differs, and the functions that are to have the other one."""
        file = self._file(candidate)
        ours = compile(candidate.source, file, "exec", dont_inherit=True)
        theirs = compile(changed(candidate.source, candidate.mutant), file, "exec", dont_inherit=True)
        return [
            (one, [(function, other) for function in self.live.get(one, ())])
            for one, other in _pairs(ours, theirs)
            if one != other and one.co_flags & 1 << 1  # of a function, not of a class or the module
        ]


def _exchanged(swaps: Sequence[Swap]) -> bool:
    """Put the other codes in place; False where the change takes away a variable that a function shares."""
    try:
        for function, code in chain.from_iterable(functions for _, functions in swaps):
            function.__code__ = code
    except ValueError:
        return False
    return True


def called(profile: cProfile.Profile, measured: Measured) -> Iterator[Key]:
    """The functions of the package that ran under the profile."""
    for entry in profile.getstats():
        if isinstance(entry.code, CodeType) and entry.code.co_filename.startswith(str(measured.folder)):
            yield _key(entry.code)


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _pairs(one: CodeType, other: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (one, other)]
    for mine, theirs in zip(*inner, strict=False):
        yield mine, theirs
        yield from _pairs(mine, theirs)


def _live(folder: str) -> Mapping[CodeType, list[FunctionType]]:
    functions: dict[CodeType, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(folder):
            functions[each.__code__].append(each)
    return functions


def _limit() -> None:
    import resource

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    for alarm, timer, seconds in (
        (signal.SIGPROF, signal.ITIMER_PROF, _MOST_CPU),
        (signal.SIGALRM, signal.ITIMER_REAL, _MOST_WALL),
    ):
        signal.signal(alarm, signal.SIG_DFL)
        signal.setitimer(timer, seconds)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _in_child(work: Callable[[], Any]) -> Any:
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


class Collected:
    """Takes the place of pytest's own loop: does something with the collected tests."""

    def __init__(self, work: Callable[[list[pytest.Item]], int], *, otherwise: int) -> None:
        self.status = otherwise
        self._work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.testsfailed:
            self.status = self._work(session.items)
        return True


def with_tests(measured: Measured, work: Callable[[list[pytest.Item]], int], *, otherwise: int) -> int:
    """What the work with the tests comes to; `otherwise` where they cannot be collected."""
    os.chdir(measured.root)
    sys.path.insert(0, str(measured.root))
    plugin = Collected(work, otherwise=otherwise)
    pytest.main([*_QUIETLY, *measured.tests], [plugin])
    return plugin.status


def try_here(measured: Measured, id: str) -> Outcome:
    """What becomes of the mutant of that id, or with "" of the package as it is; the names of tests come on stdin."""
    order = {nodeid: place for place, nodeid in enumerate(json.load(sys.stdin))}
    _limit()
    if id:
        _install(measured, id)

    def run(items: list[pytest.Item]) -> Outcome:
        known = sorted((each for each in items if each.nodeid in order), key=lambda each: order[each.nodeid])
        trials = Trials(measured, known, frozenset())
        failing = trials.first_failing(range(len(known)))
        return Outcome.SURVIVED if failing is None else Outcome.KILLED

    return Outcome(with_tests(measured, run, otherwise=Outcome.KILLED))


def _install(measured: Measured, id: str) -> None:
    """Have the changed module imported instead of the real one."""
    from importlib.abc import MetaPathFinder
    from importlib.machinery import PathFinder, SourceFileLoader

    candidate = next(each for each in measured.mutants() if each.id == id)
    path = [*Path(measured.package).parts, *Path(candidate.module).parts]
    wanted = ".".join(path).removesuffix(".__init__")

    class Changed(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            module = changed(candidate.source, candidate.mutant)
            return compile(module, self.path, "exec", dont_inherit=True)

    class Finder(MetaPathFinder):
        def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
            spec = PathFinder.find_spec(fullname, path) if fullname == wanted else None
            if spec is not None and spec.origin is not None:
                spec.loader = Changed(fullname, spec.origin)
            return spec

    sys.meta_path.insert(0, Finder())
