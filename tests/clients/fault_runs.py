"""Plays one fault to one client, each a process of its own, and keeps what came of it.

Rule: what is kept is what was seen, on the wire by the server and in the application by the driver; what to call
it is said in `fault_verdicts`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiled import UNANSWERING, Go, Rust
from fault_cells import NO_FAULT, Row, flags, scenario
from playing import HEARD_AT, KEY, Server, drive, serving, task
from published import CLIENTS_BY_NAME, EARLY_ACCESS, Browser, Client

REPLIES = 2
LEAVE_FOR = 25.0
"""Seconds that a driver may take to start and to leave, beside its deadline."""
ERROR_SIZE = 200
PATIENCE = {"javascript_5": 7.0}
"""How long an application waits after the close for its SDK to come back. Only javascript_5 announces that it does,
within 5 s; for the others it is long enough to see that the SDK is done."""
USUAL_PATIENCE = 1.5
NO_TYPE = "what has no type"


class CannotRun(Exception):
    """This client cannot be run on this machine; the text says why."""


@dataclass(slots=True)
class Seen:
    """What a fault came to, on the wire and in the application.

    `answered`: the client answered the call after the fault. `struck_at` and `left_at` (when the client closed the
    first session, None if it did not) are seconds of the wall since its start. `sent` are the server's messages by
    type, `messages` those that the application saw, `names` the SDK's words for those of them that it does not know;
    with `text_as_audio` a text was in a frame of audio. `errors` are those that the SDK reported, `refused` those of
    calls that send. `closed` are all closes that the application was told; `told_of_close` says whether one of them
    came before it left.
    """

    struck: bool = False
    handshakes: int = 0
    turned_away: tuple[int, ...] = ()
    ending: str | None = None
    answered: bool = False
    struck_at: float | None = None
    left_at: float | None = None
    left_with: int | None = None
    settings_again: bool = False
    sent: Counter[str] = field(default_factory=Counter)
    sent_audio: int = 0
    text_as_audio: bool = False
    messages: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)
    audio_bytes: int = 0
    errors: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    closed: tuple[int | None, ...] = ()
    told_of_close: bool = False
    thread_died: str | None = None
    exit: int | None = None
    findings: tuple[str, ...] = ()
    patience: float = USUAL_PATIENCE
    deadline_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """One client of the table: how it is run, and the exact version that is.

    One that cannot answer a call is asked for none: it has answered when its application was told of the last reply.
    """

    name: str
    version: str
    early_access: bool
    answers: bool
    run: Callable[[Server, Row, float, Path], int | None]


def columns() -> dict[str, Callable[[], Column]]:
    """Every client by its name, each to be made ready by a call, which raises CannotPrepare."""
    return {
        name: lambda name=name, client=client: _column(name, client)  # type: ignore[misc]
        for name, client in CLIENTS_BY_NAME.items()
    }


def _column(name: str, client: Client | Browser | Go | Rust) -> Column:
    command = client.command()

    def run(server: Server, row: Row, patience: float, folder: Path) -> int | None:
        intent = {"do": "talk", "replies": REPLIES, "patience": patience, "pace": row.speed}
        surroundings = {
            **task(intent, folder),
            "MOCKAGENT_INTENT": json.dumps(intent),
            "MOCKAGENT_DEADLINE_MS": str(round(row.deadline_for * 1000)),
            "MOCKAGENT_URL": server.url,
            "MOCKAGENT_HTTP_URL": server.http_url,
        }
        return drive(command, surroundings, folder, row.deadline_for + LEAVE_FOR)

    return Column(name, client.version(), name in EARLY_ACCESS, name not in UNANSWERING, run)


def play(column: Column, row: Row, folder: Path) -> Seen:
    """One conversation of the client with the fault in it; files of the play stay in `folder`."""
    file = folder / "call.yaml"
    file.write_text(scenario(row, column.early_access, column.answers))
    (folder / "observed.jsonl").touch()
    patience = PATIENCE.get(column.name, USUAL_PATIENCE)
    options = [*flags(row), "--trace", str(folder / "traces"), "--api-key", KEY]
    with serving(str(file), folder, *options, once=False) as server:
        status = column.run(server, row, patience, folder)
        server.stop()
    seen = Seen(exit=status, patience=patience, deadline_for=row.deadline_for)
    _of_the_server(seen, server.told, row)
    _of_the_application(seen, folder)
    if not column.answers:
        seen.answered = seen.messages["AgentAudioDone"] >= REPLIES
        seen.ending = seen.ending if seen.answered else None
    return seen


def _of_the_server(seen: Seen, told: list[dict[str, Any]], row: Row) -> None:
    """What the notices and the traces hold."""
    seen.struck = row.fault == NO_FAULT or any(
        line["event"] == "fault" and line["fault"] == row.fault for line in told
    )
    seen.turned_away = tuple(line["status"] for line in told if line["event"] == "turned_away")
    opened = [line["session"] for line in told if line["event"] == "session_opened"]
    seen.handshakes = len(opened) + len(seen.turned_away)
    closed = {line["session"]: line for line in told if line["event"] == "session_closed"}
    heard_at = {line["event"]: line[HEARD_AT] for line in reversed(told)}  # the first of each
    if "fault" in heard_at and opened:
        seen.struck_at = heard_at["fault"] - heard_at["session_opened"]
    for at, session in enumerate(opened):
        if session not in closed:
            continue
        lines = [json.loads(line) for line in Path(closed[session]["trace"]).read_text("utf-8").splitlines()]
        if at == 0:
            _of_the_session(seen, closed[session], lines, heard_at["session_opened"])
        elif any(_type(line) in ("Settings", "SettingsConfiguration") for line in lines):
            seen.settings_again = True


def _of_the_session(
    seen: Seen, closed: dict[str, Any], lines: list[dict[str, Any]], opened_at: float
) -> None:
    seen.ending = closed["ending"]
    seen.findings = tuple(closed["broken"])
    seen.answered = any(
        _type(line) == "FunctionCallResponse" for line in lines if line.get("from") == "client"
    )
    for line in lines:
        if "closed" in line and line.get("from") == "client":
            seen.left_at, seen.left_with = closed[HEARD_AT] - opened_at, line["closed"].get("code")
    server = [line for line in lines if line.get("from") == "server"]
    seen.sent = Counter(_type(line) for line in server if "message" in line)
    audio = [line["audio"] for line in server if "audio" in line]
    seen.sent_audio = sum(each["bytes"] for each in audio)
    seen.text_as_audio = any(each.get("json") for each in audio)


def _type(line: dict[str, Any]) -> Any:
    return line.get("message", {}).get("type")


def _of_the_application(seen: Seen, folder: Path) -> None:
    """What the driver observed and printed."""
    lines = [json.loads(line) for line in (folder / "observed.jsonl").read_text("utf-8").splitlines()]
    heard = [line for line in lines if "message" in line]
    seen.messages = Counter(line["event"] or NO_TYPE for line in heard)
    seen.names = {line["event"] or NO_TYPE: line["name"] for line in heard if not line["known"]}
    seen.audio_bytes = sum(line.get("audio", 0) for line in lines)
    errors = [line for line in lines if "error" in line]
    seen.errors = tuple(dict.fromkeys(_plain(line["error"]) for line in errors if not line.get("sending")))
    seen.refused = tuple(dict.fromkeys(_plain(line["error"]) for line in errors if line.get("sending")))
    closes = [line for line in lines if "closed" in line]
    seen.closed = tuple(line["closed"] for line in closes)
    seen.told_of_close = any(not line.get("left") for line in closes)
    printed = folder / "driver.txt"
    said = printed.read_text("utf-8", "replace") if printed.exists() else ""
    died = re.search(r"^Exception in thread.*?^(\w[\w.]*(?:: .*)?)$", said, re.MULTILINE | re.DOTALL)
    seen.thread_died = _plain(died[1]) if died else None


def _plain(text: str) -> str:
    """The text without what is another in each run: ports, ids, this machine's folders."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"^(ApiError: )headers: \{.*?\}, ", r"\1", text, flags=re.DOTALL)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
    return re.sub(r"\s+", " ", text)[:ERROR_SIZE]
