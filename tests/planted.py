"""Keys that are planted in the surroundings of every test, and looked for in all that comes out of it.

A pytest plugin, which tests/conftest.py registers. Every process that a test starts has the keys in its environment,
and many clients send one of them. None of them may be in what a test, or a process or command that it ran, printed or
logged, nor in any file below its `tmp_path`: traces, reports, logs. The test during which one is found fails.
"""

import os
import subprocess
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
            with path.open("rb") as file:
                if planted_in(name) or planted_in(file.read(MOST_BYTES)):
                    yield f"a planted key is in the file {path}"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MAY_SHOW}: planted keys may be in what this test prints or writes")
    os.environ.update(IN_ENVIRONMENT)
    _listen()


def _listen() -> None:
    """Look at the output of every process and command whose output a test reads as a whole."""
    communicate, invoke = subprocess.Popen.communicate, click.testing.CliRunner.invoke

    def communicated(self, *args, **named):
        result = communicate(self, *args, **named)
        if any(map(planted_in, result)):
            command = self.args if isinstance(self.args, str) else " ".join(map(str, self.args))
            _found.append(f"a planted key is in the output of: {command[:200]}")
        return result

    def invoked(self, *args, **named):
        result = invoke(self, *args, **named)
        if planted_in(result.output):
            _found.append(f"a planted key is in the output of a command: {args[1:]!r}"[:300])
        return result

    subprocess.Popen.communicate = communicated
    click.testing.CliRunner.invoke = invoked


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
