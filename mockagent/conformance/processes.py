"""Ends every process that a case has left, whatever session or parent it has moved to. Linux knows all of this.

A process is known by its descent from the kit, which on Linux inherits orphans, and by the key of its case in its
environment; elsewhere the process group of the command is all there is.
"""

import contextlib
import ctypes
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
_MOST_ROUNDS = 100


@contextlib.contextmanager
def inheriting_orphans() -> Iterator[bool]:
    """Have processes whose parents are gone become children of this one; whether the system can do that.

    At the end every descendant is killed that was not there at the beginning.
    """
    done = _become_subreaper(True)
    before = _below({os.getpid()})
    try:
        yield done
    finally:
        reap(_end(lambda: _below({os.getpid()}) - before))
        if done:
            _become_subreaper(False)


def end_all(key: str, root: int | None) -> list[int]:
    """Kill the processes with `key` in their environment, and `root`, and their descendants; their ids."""
    return _end(lambda: _of_case(key, root))


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


def _end(find: Callable[[], set[int]]) -> list[int]:
    """Kill what there is to find, until nothing is: whoever forks meanwhile is found in the next round."""
    killed: set[int] = set()
    for _ in range(_MOST_ROUNDS):
        found = find()
        if not found:
            break
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed |= found
    return sorted(killed)


def _of_case(key: str, root: int | None) -> set[int]:
    own = os.getpid()
    marked = {pid for pid, _ in _processes() if pid != own and (pid == root or _has(pid, key))}
    return marked | _below(marked)


def _below(roots: set[int]) -> set[int]:
    """The descendants of those processes."""
    parents = dict(_processes())
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in roots | found} - found:
        found |= more
    return found - roots


def _processes() -> Iterator[tuple[int, int]]:
    """Every process that lives, with its parent."""
    for entry in _PROC.iterdir() if (_PROC / "self" / "stat").exists() else ():
        if entry.name.isdigit():
            state = _state(int(entry.name))
            if state is not None and state[0] != "Z":
                yield int(entry.name), int(state[1])


def _state(pid: int) -> list[str] | None:
    """What follows the name in /proc/PID/stat: the state, the parent, and more."""
    try:
        return (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _has(pid: int, key: str) -> bool:
    """Is the whole of the key in its environment? A longer one that begins with it belongs to another case."""
    try:
        environment = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return re.search(rb"\b%s\b" % re.escape(key.encode()), environment) is not None
