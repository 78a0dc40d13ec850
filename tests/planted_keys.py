"""Keys that are planted in the surroundings of every test, and looked for in all that comes out of it.

A pytest plugin, which tests/conftest.py registers. Every process that a test starts has the keys in its environment,
and many clients send one of them. None of them may be in what a test, or a process or command that it ran, printed or
logged, whether that is read as a whole or piece by piece, nor in any file below its `tmp_path`: traces, reports, logs.
The test during which one is found fails. The folders of `tmp_path_factory`, which several tests share, are looked
through after each module and at the end: there the last test of the module fails.
"""

import io
import os
import subprocess
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Iterator
from pathlib import Path

import click.testing
import pytest

IN_ENVIRONMENT = {
    "DEEPGRAM_API_KEY": "planted-0f5d1c7e9ab34d62",
    "DEEPGRAM_ACCESS_TOKEN": "planted-6b8e2f01c4d97a35",
}
IN_REQUESTS = ("a-key-of-a-test", "a-key-that-nobody-may-see")
"""Keys with which the clients of several folders of tests come in."""
PLANTED = tuple(key.encode() for key in (*IN_ENVIRONMENT.values(), *IN_REQUESTS))
MOST_BYTES = 64 * 1024 * 1024
"""Of a file as much is searched."""
MAY_SHOW = "shows_planted_keys"
"""The mark of a test whose own inputs hold such a key, or that prints it itself."""

_found: list[str] = []
_shared: list[Path] = []
"""Folders that fixtures made for several tests."""
_looked_at: dict[Path, tuple[int, int]] = {}
"""The files of these folders, each with its size and the time of its last change when it was looked through."""
_LONGEST = max(map(len, PLANTED))


def planted_in(output: object) -> bool:
    """Whether a text, or bytes, hold a planted key; what is neither holds none."""
    if isinstance(output, str):
        output = output.encode("utf-8", "surrogatepass")
    return isinstance(output, bytes) and any(key in output for key in PLANTED)


def files_with_keys(folder: Path) -> Iterator[str]:
    """The files below a folder in whose name or content a planted key is."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):
                continue
            known = path.stat().st_size, path.stat().st_mtime_ns
            if _looked_at.get(path) == known:
                continue
            _looked_at[path] = known
            with path.open("rb") as file:
                if planted_in(name) or planted_in(file.read(MOST_BYTES)):
                    yield f"a planted key is in the file {path}"


class Overheard:
    """Looks at output that comes piece by piece: a key may lie across two of them."""

    def __init__(self, command: object) -> None:
        self._command = command if isinstance(command, str | bytes) else " ".join(map(str, command))
        self._tail = b""

    def hear(self, data: bytes) -> None:
        if planted_in(self._tail + data):
            _found.append(f"a planted key is in the output of: {self._command[:200]}")
        self._tail = (self._tail + data)[1 - _LONGEST :]


class Pipe(io.FileIO):
    """The end of a pipe from a process, at which a test reads."""

    def __init__(self, descriptor: int, overheard: Overheard) -> None:
        super().__init__(descriptor)
        self._overheard = overheard

    def readinto(self, buffer):
        count = super().readinto(buffer)
        self._overheard.hear(bytes(memoryview(buffer)[: count or 0]))
        return count

    def readall(self):
        data = super().readall()
        self._overheard.hear(data)
        return data

    def read(self, size=-1):
        if size < 0:
            return self.readall()
        data = super().read(size)
        self._overheard.hear(data or b"")
        return data


def overheard(pipe, command):
    """A pipe that reads what this one would have read, in the same way, and is looked at."""
    if isinstance(pipe, io.TextIOWrapper):
        inside = overheard(pipe.buffer, command)
        return io.TextIOWrapper(inside, encoding=pipe.encoding, errors=pipe.errors)
    raw = Pipe(os.dup(pipe.fileno()), Overheard(command))
    pipe.close()
    return raw if isinstance(pipe, io.FileIO) else io.BufferedReader(raw)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MAY_SHOW}: planted keys may be in what this test prints or writes")
    os.environ.update(IN_ENVIRONMENT)
    _listen()


def _listen() -> None:
    """Look at the output of every process and command that a test reads, and note the folders that tests share."""
    _listen_to_processes()
    received, invoke = SubprocessStreamProtocol.pipe_data_received, click.testing.CliRunner.invoke
    make = pytest.TempPathFactory.mktemp

    def pipe_data_received(self, fd, data):
        if not hasattr(self, "overheard"):
            self.overheard = {}
        self.overheard.setdefault(fd, Overheard("a process of asyncio")).hear(data)
        received(self, fd, data)

    def invoked(self, *args, **named):
        result = invoke(self, *args, **named)
        if planted_in(result.output):
            _found.append(f"a planted key is in the output of a command: {args[1:]!r}"[:300])
        return result

    def mktemp(self, *args, **named):
        _shared.append(folder := make(self, *args, **named))
        return folder

    SubprocessStreamProtocol.pipe_data_received = pipe_data_received
    click.testing.CliRunner.invoke = invoked
    pytest.TempPathFactory.mktemp = mktemp


def _listen_to_processes() -> None:
    communicate, start = subprocess.Popen.communicate, subprocess.Popen.__init__

    def started(self, *args, **named):
        start(self, *args, **named)
        for name in ("stdout", "stderr"):
            if (pipe := getattr(self, name)) is not None:
                setattr(self, name, overheard(pipe, self.args))

    def communicated(self, *args, **named):
        result = communicate(self, *args, **named)
        if any(map(planted_in, result)):
            command = self.args if isinstance(self.args, str) else " ".join(map(str, self.args))
            _found.append(f"a planted key is in the output of: {command[:200]}")
        return result

    subprocess.Popen.communicate = communicated
    subprocess.Popen.__init__ = started


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item: pytest.Item):
    before = len(_shared)
    yield
    own = item.funcargs.get("tmp_path")
    if item.get_closest_marker(MAY_SHOW):
        del _shared[before:]
    elif own in _shared:
        _shared.remove(own)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None):
    yield
    if nextitem is None or nextitem.path != item.path:
        for folder in _shared:
            _found.extend(files_with_keys(folder))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    outcome = yield
    if item.get_closest_marker(MAY_SHOW):
        _found.clear()
        return
    report = outcome.get_result()
    found, _found[:] = list(_found), []
    found += [f"a planted key is in: {name}" for name, text in report.sections if planted_in(text)]
    if report.when == "teardown" and isinstance(folder := item.funcargs.get("tmp_path"), Path):
        found += files_with_keys(folder)
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = "\n".join(found)
