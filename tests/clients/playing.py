"""Plays one scenario to one client: `mockagent serve` and the client's driver, each a process of its own.

Rule: every wait has a limit, and no process outlives its play.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SPEED = 5
READY_FOR = 30
PLAY_FOR = 40
END_FOR = 20
KEY = "a-key-that-is-never-real"
HEARD_AT = "heard at"
"""Under which name a line of the server has the seconds of the wall at which it was read."""
PROGRAM = str(Path(sys.executable).with_name("mockagent"))
INTENTS = {
    "barge_in": {"do": "talk", "replies": 2},
    "function_call": {"do": "talk", "replies": 2},
    "injection_refused": {"do": "inject", "message": "Hold on, please.", "replies": 1},
}


@dataclass(slots=True)
class Server:
    """A running `mockagent serve`: where it listens, and what it told."""

    url: str
    http_url: str
    process: subprocess.Popen[str]
    told: list[dict[str, Any]]
    listening: threading.Thread

    def stop(self) -> int | None:
        """Asks it to end, and waits for that as `ended` does."""
        self.process.terminate()
        return self.ended()

    def ended(self) -> int | None:
        """Its exit status, once the one session it serves is over and all is told; None when it hangs."""
        status = _status(self.process, END_FOR)
        if status is not None:
            self.listening.join(END_FOR)
        return status


@dataclass(frozen=True, slots=True)
class Play:
    """How a scenario went for a client: both exit statuses, what the server told, what the application saw."""

    scenario: str
    driver_status: int | None
    server_status: int | None
    told: list[dict[str, Any]]
    observed: list[dict[str, Any]]
    said: str = field(repr=False)

    def messages(self) -> list[dict[str, Any]]:
        """What the application saw of the service's messages."""
        return [line for line in self.observed if "message" in line]

    def events(self) -> list[str]:
        """The names the SDK gave them."""
        return [message["name"] for message in self.messages()]

    def bodies(self, event: str) -> list[dict[str, Any]]:
        """The messages of that name."""
        return [message["message"] for message in self.messages() if message["name"] == event]

    def audio_bytes(self) -> int:
        """How much of the agent's speech reached the application."""
        return sum(line.get("audio", 0) for line in self.observed)

    def errors(self) -> list[dict[str, Any]]:
        """What the SDK or the driver reported as broken."""
        return [line for line in self.observed if "error" in line]

    def unknown(self) -> list[dict[str, Any]]:
        """Messages that the SDK did not deliver as what they are."""
        return [message for message in self.messages() if not message["known"]]

    def broken(self) -> list[dict[str, Any]]:
        """The server's findings against what MUST hold."""
        return [line for line in self.told if line["event"] == "finding" and line["keyword"] == "MUST"]

    def account(self) -> str:
        """The whole story, for a test that failed."""
        told = "\n".join(f"  {line}" for line in self.told)
        seen = "\n".join(f"  {line}" for line in self.observed if "audio" not in line)
        return (
            f"{self.scenario}: driver ended with {self.driver_status}, server with {self.server_status}\n"
            f"the server told\n{told}\n"
            f"the application saw {self.audio_bytes()} bytes of audio and\n{seen}\n{self.said}"
        )


@contextmanager
def serving(scenario: str, folder: Path, *options: str, once: bool = True) -> Iterator[Server]:
    """Serves a scenario on a free port, for one session or until it is stopped."""
    command = [PROGRAM, "serve", scenario, "--port", "0", "--json", "--speed", str(SPEED), *options]
    command += ["--once"] if once else []
    with (folder / "server.txt").open("w") as errors, started(command, errors) as process:
        told: list[dict[str, Any]] = []
        ready: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        listening = threading.Thread(target=_listen, args=(process, told, ready))
        listening.start()
        try:
            first = ready.get(timeout=READY_FOR)
            assert first is not None, (folder / "server.txt").read_text()
            yield Server(first["url"], first["http_url"], process, told, listening)
        finally:
            _end(process)
            listening.join(END_FOR)


def play(command: list[str], scenario: str, intent: dict[str, Any], folder: Path) -> Play:
    """Plays `scenario` to the driver `command`; files of the play stay in `folder`."""
    with serving(scenario, folder) as server:
        surroundings = {
            **task(intent, folder),
            "MOCKAGENT_URL": server.url,
            "MOCKAGENT_HTTP_URL": server.http_url,
        }
        driver_status = drive(command, surroundings, folder)
        server_status = server.ended()
    return _play(scenario, driver_status, server_status, server.told, folder)


def play_over_tls(command: list[str], scenario: str, intent: dict[str, Any], folder: Path) -> Play:
    """The same by `serve --tls`, at https://localhost, to a driver that is told of the authority."""
    with serving(scenario, folder, "--tls", "--tls-folder", str(folder / "tls")) as server:
        surroundings = {
            **task(intent, folder),
            "MOCKAGENT_URL": server.url.replace("127.0.0.1", "localhost"),
            "MOCKAGENT_HTTP_URL": server.http_url.replace("127.0.0.1", "localhost"),
            "NODE_EXTRA_CA_CERTS": server.told[0]["ca"],
            "SSL_CERT_FILE": server.told[0]["ca"],
        }
        driver_status = drive(command, surroundings, folder)
        server_status = server.ended()
    return _play(scenario, driver_status, server_status, server.told, folder)


def play_beside(
    command: list[str], scenario: str, intent: dict[str, Any], folder: Path, *, unmodified: bool
) -> Play:
    """The same by `mockagent run`; `unmodified` leaves the driver without any address that leads anywhere."""
    nowhere = ["MOCKAGENT_URL=ws://127.0.0.1:9/v1/agent/converse", "MOCKAGENT_HTTP_URL=http://127.0.0.1:9"]
    whole = [
        PROGRAM,
        "run",
        scenario,
        "--json",
        "--speed",
        str(SPEED),
        "--tls-folder",
        str(folder / "tls"),
        "--",
    ]
    if unmodified:
        whole += ["env", "MOCKAGENT_UNMODIFIED=1", *nowhere]
    status = drive([*whole, *command], task(intent, folder), folder)
    printed = (folder / "driver.txt").read_text().splitlines()
    told = [json.loads(line) for line in printed if line.startswith('{"event"')]
    ended = told[-1].get("status") if told else None
    return _play(scenario, ended, status, told, folder)


def task(intent: dict[str, Any], folder: Path) -> dict[str, str]:
    """What a driver is told, but for where to go."""
    observe = folder / "observed.jsonl"
    observe.touch()
    return {
        "DEEPGRAM_API_KEY": KEY,
        "MOCKAGENT_INTENT": json.dumps({**intent, "pace": SPEED}),
        "MOCKAGENT_OBSERVE": str(observe),
        "MOCKAGENT_DEADLINE_MS": str(PLAY_FOR * 1000),
        # The clients of Python would send even loopback through a proxy.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _play(
    scenario: str, driver: int | None, server: int | None, told: list[dict[str, Any]], folder: Path
) -> Play:
    files = [folder / name for name in ("driver.txt", "server.txt")]
    said = "".join(f"--- {file.name}\n{file.read_text()}" for file in files if file.exists())
    observed = [json.loads(line) for line in (folder / "observed.jsonl").read_text().splitlines()]
    return Play(scenario, driver, server, told, observed, said)


def drive(
    command: list[str], surroundings: dict[str, str], folder: Path, limit: float = PLAY_FOR + END_FOR
) -> int | None:
    """The driver's exit status, None when it still runs after `limit` seconds; driver.txt gets what it prints."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "NODE", "DEEPGRAM"))
    }
    env.update(surroundings, PYTHONDONTWRITEBYTECODE="1")
    with (
        (folder / "driver.txt").open("w") as output,
        started(command, output, stdout=output, env=env) as process,
    ):
        return _status(process, limit)


def _status(process: subprocess.Popen[str], limit: float) -> int | None:
    """The exit status; None when the process still runs after `limit` seconds."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None


@contextmanager
def started(command: list[str], errors: Any, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process with a group of its own, which is gone afterwards."""
    options = {"stdout": subprocess.PIPE, "text": True, **options}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=errors, start_new_session=True, **options
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the process's whole group, whatever it still does."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(END_FOR)


def _listen(process: subprocess.Popen[str], told: list[dict[str, Any]], ready: Any) -> None:
    """Keeps what the server tells, to its end; `ready` gets its ready line, or None when it ends without."""
    assert process.stdout is not None
    try:
        for text in process.stdout:
            told.append({**json.loads(text), HEARD_AT: time.monotonic()})
            if told[-1]["event"] == "ready":
                ready.put(told[-1])
    finally:
        ready.put(None)
