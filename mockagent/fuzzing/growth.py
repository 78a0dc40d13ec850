"""What a process has of memory, descriptors and threads, and what it has gathered since. Linux tells; else nothing."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 268_435_456
"""Bytes by which a process may grow: 256 MiB, far more than any fault is long."""
MOST_DESCRIPTORS = 32
MOST_THREADS = 32

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds at a moment; `bytes` is resident memory."""

    bytes: int = 0
    descriptors: int = 0
    threads: int = 0


def held(pid: int | None) -> Held | None:
    """What that process holds; None where nobody can tell."""
    if pid is None:
        return None
    folder = _PROC / str(pid)
    try:
        pages = int((folder / "statm").read_text().split()[1])
        descriptors = len(os.listdir(folder / "fd"))  # noqa: PTH208
        threads = len(os.listdir(folder / "task"))  # noqa: PTH208
    except (OSError, IndexError, ValueError):
        return None
    return Held(pages * os.sysconf("SC_PAGE_SIZE"), descriptors, threads)


def grown(before: Held | None, after: Held | None) -> Iterator[str]:
    """What stayed behind, a few words each."""
    if before is None or after is None:
        return
    for amount, most, what in (
        ((after.bytes - before.bytes), MOST_BYTES, "bytes of memory"),
        (after.descriptors - before.descriptors, MOST_DESCRIPTORS, "descriptors"),
        (after.threads - before.threads, MOST_THREADS, "threads"),
    ):
        if amount > most:
            yield what
