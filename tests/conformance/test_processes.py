"""Whatever a command has started is found and ended, wherever it has moved to."""

import contextlib
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockagent.conformance.processes import end_all, inheriting_orphans, reap

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells of all processes"
)
WITHIN = 60.0
SLEEPS = "import time; time.sleep(66666)"
ORPHAN = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "{SLEEPS}"], start_new_session=True, env={{}},
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(child.pid, flush=True)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ends(pid):
    until = time.monotonic() + WITHIN
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_alive(pid)


@contextlib.contextmanager
def sleeping(**environment):
    """A process that has this environment, from the moment on at which it can be seen."""
    process = subprocess.Popen([sys.executable, "-c", SLEEPS], env=environment, start_new_session=True)
    try:
        until = time.monotonic() + WITHIN
        told = "".join(f"{name}={value}\0" for name, value in environment.items()).encode()
        while told not in Path(f"/proc/{process.pid}/environ").read_bytes() and time.monotonic() < until:
            pass
        yield process
    finally:
        process.kill()
        process.wait()


def a_key():
    """One that no other run on this machine has, for whatever has it is ended."""
    return f"conform-{secrets.token_hex(16)}"


def test_the_key_of_a_case_finds_its_processes_and_no_others():
    key = a_key()
    with sleeping(KEY=key) as mine, sleeping(KEY=a_key()) as other:
        assert end_all(key, None) == [mine.pid]
        assert ends(mine.pid)
        assert is_alive(other.pid)


def test_the_key_of_a_case_is_found_within_a_longer_value():
    key = a_key()
    with sleeping(AUTHORIZATION=f"Token {key}", URL=f"ws://{key}@localhost/") as mine:
        assert end_all(key, None) == [mine.pid]


def test_a_longer_key_that_begins_alike_is_another_one():
    key = a_key()
    with sleeping(KEY=f"{key}0") as other:
        assert end_all(key, None) == []
        assert is_alive(other.pid)


def test_an_orphan_without_a_trace_of_its_case_is_ended_with_the_run():
    with inheriting_orphans() as inherits:
        assert inherits
        printed = subprocess.run(
            [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, check=True
        )
        orphan = int(printed.stdout)
        assert is_alive(orphan)
    assert ends(orphan)
    reap([orphan])


def test_what_was_there_before_stays():
    before = subprocess.Popen([sys.executable, "-c", SLEEPS])
    try:
        with inheriting_orphans():
            pass
        assert is_alive(before.pid)
        assert os.getpid() not in end_all("no such key", None)
    finally:
        before.kill()
        before.wait()
