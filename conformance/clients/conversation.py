"""One conversation as a driver leads it: the task it was given, how far it got, and what it tells about it.

Rule: nothing here knows an SDK or a socket. A driver hands over what its SDK delivered and asks what to do.

A driver is started with DEEPGRAM_API_KEY, MOCKAGENT_URL, MOCKAGENT_HTTP_URL, MOCKAGENT_INTENT,
MOCKAGENT_OBSERVE (optional), MOCKAGENT_DEADLINE_MS and MOCKAGENT_UNMODIFIED (optional) in its
environment. It ends with 0 when the intent
was carried out, 1 when it was not, and 127 when it does not know the intent.
"""

import array
import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

INTENTS = ("talk", "inject")
INPUT_RATE = 16_000
OUTPUT_RATE = 24_000
CHUNK_FOR = 0.08
UNKNOWN_INTENT = 127

GREETING = "Hello! How can I help you today?"
PROMPT = "You tell callers about the weather, in one short sentence."
WEATHER_FUNCTION = {
    "name": "get_weather",
    "description": "The weather at a place, now.",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string", "description": "A town"}},
        "required": ["location"],
    },
}


@dataclass(frozen=True, slots=True)
class Task:
    """What the driver is to do, and where; `pace` is seconds of user audio sent in a second.

    With `patience` an error does not end the conversation, and after the connection is closed the driver stays for
    so many seconds, in case its SDK comes back.
    With `unmodified` the SDK is told no address at all: it goes where it goes in production.
    """

    url: str
    http_url: str
    api_key: str
    do: str
    message: str
    replies: int
    pace: float
    patience: float
    deadline_for: float
    observe: str | None
    unmodified: bool = False

    @property
    def origin(self) -> str:
        """The WebSocket URL without its path, as SDKs that add the path themselves want it."""
        return self.url.removesuffix("/v1/agent/converse")


def read_task() -> Task:
    """The task in the environment; leaves the program with 127 when the intent is not one of INTENTS."""
    intent = json.loads(os.environ["MOCKAGENT_INTENT"])
    if intent.get("do") not in INTENTS:
        print(f"unknown intent: expected one of {INTENTS}, got {intent.get('do')!r}", file=sys.stderr)
        sys.exit(UNKNOWN_INTENT)
    return Task(
        url=os.environ["MOCKAGENT_URL"],
        http_url=os.environ["MOCKAGENT_HTTP_URL"],
        api_key=os.environ["DEEPGRAM_API_KEY"],
        do=intent["do"],
        message=intent.get("message", ""),
        replies=intent.get("replies", 1),
        pace=intent.get("pace", 1.0),
        patience=intent.get("patience", 0.0),
        deadline_for=int(os.environ.get("MOCKAGENT_DEADLINE_MS", "60000")) / 1000,
        observe=os.environ.get("MOCKAGENT_OBSERVE"),
        unmodified=bool(os.environ.get("MOCKAGENT_UNMODIFIED")),
    )


def answer(name: str, arguments: str) -> str:
    """What this application's function returns, as the JSON text that FunctionCallResponse.content holds."""
    if name != WEATHER_FUNCTION["name"]:
        return json.dumps({"error": f"there is no function {name}"})
    return json.dumps({"location": json.loads(arguments)["location"], "celsius": 21, "sky": "sunny"})


class Speech:
    """The user's voice: a tone that swells four times a second, as linear16 at INPUT_RATE, without end."""

    def __init__(self) -> None:
        second = array.array("h", (round(8000 * _loudness(at) * _tone(at)) for at in range(INPUT_RATE)))
        self._second = second.tobytes() * 2
        self._size = int(INPUT_RATE * CHUNK_FOR) * 2
        self._at = 0

    def chunk(self) -> bytes:
        """The next CHUNK_FOR seconds."""
        piece = self._second[self._at : self._at + self._size]
        self._at = (self._at + self._size) % (INPUT_RATE * 2)
        return piece


def _tone(at: int) -> float:
    return math.sin(2 * math.pi * 180 * at / INPUT_RATE)


def _loudness(at: int) -> float:
    return 0.5 - 0.5 * math.cos(2 * math.pi * 4 * at / INPUT_RATE)


class Conversation:
    """How far the task is; may be told things from any thread."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.speech = Speech()
        self.chunk_every = CHUNK_FOR / task.pace
        self.applied = threading.Event()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._done = 0
        self._injected = False
        self._failed = False
        self._until = time.monotonic() + task.deadline_for

    def heard(self, name: str, wire_type: str | None, class_name: str, known: bool, body: Any) -> None:
        """A message arrived: `name` is the SDK's own name for it, `wire_type` its "type", None without one."""
        self._note(event=wire_type, name=name, **{"class": class_name}, known=known, body=body)
        if wire_type == "SettingsApplied":
            self.applied.set()
        if wire_type == "AgentAudioDone":
            self._done += 1
            if self._done >= self.task.replies:
                self._ended.set()

    def heard_audio(self, size: int) -> str | None:
        """The agent speaks; returns the message to inject when this is the moment for it."""
        self._note(event="audio", bytes=size)
        if self.task.do != "inject" or self._injected:
            return None
        self._injected = True
        return self.task.message

    def broke(self, what: object) -> None:
        """The SDK reported an error, or its application code raised one."""
        self._failed = True
        self._note(error=f"{type(what).__name__}: {what}")
        if not self.task.patience:
            self._ended.set()

    def closed(self, code: int | None = None) -> None:
        """The connection is closed, by whichever side; None where the SDK does not tell the code."""
        self._note(closed=code, **({"left": True} if self.over() else {}))
        self._leave_soon()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Within it the driver sends; what the SDK raises then ends a conversation, a patient one only soon."""
        try:
            yield
        except Exception as problem:
            if not self.task.patience:
                raise
            self._note(error=f"{type(problem).__name__}: {problem}", sending=True)
            self._leave_soon()

    def _leave_soon(self) -> None:
        self.applied.clear()
        self._until = min(self._until, time.monotonic() + self.task.patience)

    def over(self) -> bool:
        """Is there nothing left to do: carried out, broken, closed or past the deadline?"""
        return self._ended.is_set() or time.monotonic() > self._until

    def status(self) -> int:
        """The exit status: 0 when every reply was heard and nothing broke."""
        return 0 if self._done >= self.task.replies and not self._failed else 1

    def _note(self, **line: Any) -> None:
        if self.task.observe is None:
            return
        with self._writing, open(self.task.observe, "a", encoding="utf-8") as notes:  # noqa: PTH123
            notes.write(json.dumps(line, default=str) + "\n")


def run(converse: Callable[[Conversation], None]) -> int:
    """Hold the conversation that was asked for. What the SDK raises is told, not raised; the exit status comes back."""
    conversation = Conversation(read_task())
    try:
        converse(conversation)
    except Exception as problem:
        conversation.broke(problem)
    return conversation.status()
