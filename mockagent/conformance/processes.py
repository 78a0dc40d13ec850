"""Ends every process that a case has left, whatever session or parent it has moved to. Linux knows all of this.

A process is known by its descent from the kit, which on Linux inherits orphans, and by the key of its case in its
environment; elsewhere the process group of the command is all there is.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")


@contextlib.contextmanager
def inheriting_orphans() -> Iterator[bool]:
    """Have processes whose parents are gone become children of this one; whether the system can do that."""
    done = _become_subreaper(True)
    try:
        yield done
    finally:
        if done:
            _become_subreaper(False)


def end_all(key: str, root: int | None) -> list[int]:
    """Kill the processes with `key` in their environment, and `root` with its descendants; their ids."""
    killed: list[int] = []
    for _ in range(100):  # whoever forks while this goes on is found in the next round
        found = [pid for pid in _of_case(key, root) if pid not in killed or _is_alive(pid)]
        if not found:
            break
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed += [pid for pid in found if pid not in killed]
    return killed


def reap(pids: list[int]) -> None:
    """Take note of the end of orphans that this process has inherited, so that nothing of them stays."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _become_subreaper(wanted: bool) -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) == 0)


def _of_case(key: str, root: int | None) -> list[int]:
    if not (_PROC / "self" / "stat").exists():
        return []
    own = os.getpid()
    parents = {pid: parent for pid, parent in _processes() if pid != own}
    wanted = {pid for pid in parents if _has(pid, key)}
    if root in parents:
        wanted.add(root)
    while True:
        more = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        if not more:
            return sorted(wanted)
        wanted |= more


def _processes() -> Iterator[tuple[int, int]]:
    """Every process that lives, with its parent."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            state = _state(int(entry.name))
            if state is not None and state[0] != "Z":
                yield int(entry.name), int(state[1])


def _is_alive(pid: int) -> bool:
    state = _state(pid)
    return state is not None and state[0] != "Z"


def _state(pid: int) -> list[str] | None:
    """What follows the name in /proc/PID/stat: the state, the parent, and more."""
    try:
        return (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _has(pid: int, key: str) -> bool:
    try:
        return key.encode() in (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
