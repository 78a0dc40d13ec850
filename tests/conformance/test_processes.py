"""Whatever a command has started is found and ended, wherever it has moved to."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockagent.conformance.processes import end_all, inheriting_orphans, reap

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells of all processes"
)
WITHIN = 10.0
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


def test_the_key_of_a_case_finds_its_processes_and_no_others():
    mine = subprocess.Popen([sys.executable, "-c", SLEEPS], env={"KEY": "conform-1"}, start_new_session=True)
    other = subprocess.Popen([sys.executable, "-c", SLEEPS], env={"KEY": "conform-2"}, start_new_session=True)
    try:
        until = time.monotonic() + WITHIN
        while not (killed := end_all("conform-1", None)) and time.monotonic() < until:
            pass
        assert mine.pid in killed
        assert ends(mine.pid)
        assert is_alive(other.pid)
    finally:
        other.kill()
        mine.wait()
        other.wait()


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
