"""The two servers as processes: started on a known port, asked for their CPU time and memory, and ended.

Linux only: what a process costs is read in /proc.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
STARTS_WITHIN = 20.0
"""Seconds after which a server that accepts nothing is given up."""
BARE, MOCKAGENT = "bare", "mockagent"
_TICKS = os.sysconf("SC_CLK_TCK")


class NotMeasured(Exception):
    """A figure could not be had: the reason is its text."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: which of the two, its process and its port."""

    name: str
    pid: int
    port: int

    @property
    def cpu_time(self) -> float:
        """Seconds of CPU that the process has taken so far, in user and in kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> int:
        """Bytes that the process has written to and shares with nobody."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) * 1024


def command(name: str, port: int, scenario: str) -> list[str]:
    """How a user starts that server."""
    if name == BARE:
        return [sys.executable, str(HERE / "bare_server.py"), str(port)]
    script = Path(sys.executable).with_name("mockagent")
    if not script.is_file():
        raise NotMeasured(f"there is no {script}: install mockagent where this Python is")
    return [str(script), "serve", scenario, "--port", str(port), "--quiet"]


@contextlib.contextmanager
def running(name: str, scenario: str) -> Iterator[Server]:
    """That server, once it accepts connections; ended on the way out."""
    port = free_port()
    with process(command(name, port, scenario)) as child:
        wait_for(port, child)
        yield Server(name, child.pid, port)


@contextlib.contextmanager
def process(arguments: list[str], stderr: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The process of that command, ended on the way out."""
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def wait_for(port: int, child: subprocess.Popen[bytes]) -> socket.socket:
    """The first connection that the server accepts, tried for every millisecond."""
    gives_up_at = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < gives_up_at and child.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=STARTS_WITHIN)
        time.sleep(0.001)
    raise NotMeasured(f"{child.args} accepts no connection (exit code {child.poll()})")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
