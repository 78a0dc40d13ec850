"""One conversation as a driver leads it: the task it was given, how far it got, and what it tells about it.

Rule: nothing here knows an SDK or a socket. A driver hands over what its SDK delivered and asks what to do.

A driver is started with DEEPGRAM_API_KEY, MOCKAGENT_URL, MOCKAGENT_HTTP_URL, MOCKAGENT_INTENT,
MOCKAGENT_OBSERVE (optional), MOCKAGENT_DEADLINE_MS and MOCKAGENT_UNMODIFIED (optional) in its
environment. It ends with 0 when the intent
was carried out, 1 when it was not, and 127 when it does not know the intent, or its SDK cannot do what it asks for.
"""

import array
import json
import math
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

INTENTS = ("talk", "inject", "play")
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


class CannotSend(Exception):
    """The SDK has no way to send this."""


def demand_whole(asked_for: Any, made: Any, where: str = "") -> None:
    """CannotSend if a part of what was asked for is not in what the SDK's own types made of it."""
    if isinstance(asked_for, Mapping) and isinstance(made, Mapping):
        for key, part in asked_for.items():
            demand_whole(part, made.get(key), f"{where}/{key}")
    elif isinstance(asked_for, list) and isinstance(made, list) and len(asked_for) == len(made):
        for at, (part, other) in enumerate(zip(asked_for, made, strict=True)):
            demand_whole(part, other, f"{where}/{at}")
    elif asked_for != made:
        raise CannotSend(where)


@dataclass(frozen=True, slots=True)
class Task:
    """What the driver is to do, and where; `pace` is seconds of user audio sent in a second.

    `intent` is the whole of it; where it has `steps`, or with `patience`, an error does not end the conversation.
    After the connection is closed the driver stays for `patience` seconds, in case its SDK comes back.
    With `unmodified` the SDK is told no address at all: it goes where it goes in production.
    """

    url: str
    http_url: str
    api_key: str
    intent: Mapping[str, Any]
    replies: int
    pace: float
    patience: float
    deadline_for: float
    observe: str | None
    unmodified: bool = False

    @property
    def origin(self) -> str:
        """The WebSocket URL without its path, as SDKs that add the path themselves want it."""
        return self.url.removesuffix("/v1/agent/converse").removesuffix("/agent")

    @property
    def bears_errors(self) -> bool:
        """Does an error leave the conversation as it is?"""
        return bool(self.patience or self.intent.get("steps"))


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
        intent=intent,
        replies=intent.get("replies", 1),
        pace=intent.get("pace", 1.0),
        patience=intent.get("patience", 0.0),
        deadline_for=int(os.environ.get("MOCKAGENT_DEADLINE_MS", "60000")) / 1000,
        observe=os.environ.get("MOCKAGENT_OBSERVE"),
        unmodified=bool(os.environ.get("MOCKAGENT_UNMODIFIED")),
    )


def weather_at(arguments: str) -> str:
    """What the weather function returns, as the JSON text that FunctionCallResponse.content holds."""
    return json.dumps({"location": json.loads(arguments)["location"], "celsius": 21, "sky": "sunny"})


class Speech:
    """The user's voice: four syllables a second, "ah" and "ee" by turns, as linear16 or mulaw, without end."""

    def __init__(self, encoding: str = "linear16", rate: int = INPUT_RATE) -> None:
        encode = _mulaw if encoding == "mulaw" else _linear16
        self._second = encode([round(8000 * _sound(at / rate)) for at in range(rate)]) * 2
        self._size = round(len(self._second) / 2 * CHUNK_FOR)
        self._at = 0
        self.silence = encode([0] * round(rate * CHUNK_FOR))

    def chunk(self) -> bytes:
        """The next CHUNK_FOR seconds."""
        piece = self._second[self._at : self._at + self._size]
        self._at = (self._at + self._size) % (len(self._second) // 2)
        return piece


def _sound(second: float) -> float:
    """A swelling syllable of its lowest tone and of those that make the vowel."""
    vowel = (700, 1100) if int(second * 4) % 2 == 0 else (300, 2300)
    tones = sum(math.sin(2 * math.pi * pitch * second) for pitch in (100, *vowel)) / 3
    return (0.5 - 0.5 * math.cos(2 * math.pi * 4 * second)) * tones


def _linear16(samples: list[int]) -> bytes:
    return array.array("h", samples).tobytes()


def _mulaw(samples: list[int]) -> bytes:
    """Sign, three bits of exponent and four of mantissa, all inverted (G.711)."""
    louder = [min(abs(sample), 32_635) + 132 for sample in samples]
    exponents = [each.bit_length() - 8 for each in louder]
    codes = [
        exponent << 4 | (each >> exponent + 3) & 15 for each, exponent in zip(louder, exponents, strict=True)
    ]
    return bytes(code ^ (0x7F if sample < 0 else 0xFF) for code, sample in zip(codes, samples, strict=True))


class Conversation:
    """How far a talk is; may be told things from any thread.

    A talk sends the driver's own Settings and streams the user's voice; `play.Play` is one with a part to play.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.applied = threading.Event()
        self.chunk_every = CHUNK_FOR / task.pace
        self._speech = Speech()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._done = 0
        self._to_inject = task.intent["message"] if task.intent["do"] == "inject" else None
        self._agent_was_heard = False
        self._failed = False
        self._until = time.monotonic() + task.deadline_for

    def settings(self) -> dict[str, Any] | None:
        """The Settings that are asked for; None where the driver's own will do."""
        return None

    def heard(self, name: str, wire_type: str | None, class_name: str, known: bool, body: Any) -> None:
        """A message arrived: `name` is the SDK's own name for it, `wire_type` its "type", None without one."""
        self._note(event=wire_type, name=name, **{"class": class_name}, known=known, **_told(body))
        if wire_type == "SettingsApplied":
            self.applied.set()
        if wire_type == "UserStartedSpeaking":
            # Here an application drops what its player has not played yet.
            self._note(playback="stopped")
        if wire_type == "AgentAudioDone":
            self._done += 1
            if self._done >= self.task.replies:
                self._all_heard()

    def heard_audio(self, size: int) -> None:
        """The agent speaks."""
        self._note(audio=size)
        self._agent_was_heard = True

    def messages(self) -> list[dict[str, Any]]:
        """The messages to send now, in this order; to be asked for again and again."""
        if not self._agent_was_heard or self._to_inject is None:
            return []
        injected, self._to_inject = self._to_inject, None
        return [{"type": "InjectAgentMessage", "message": injected}]

    def chunk(self) -> bytes | None:
        """The next CHUNK_FOR seconds of the user's voice; None while there is nothing to send."""
        return self._speech.chunk() if self.applied.is_set() else None

    def answer(self, name: str, arguments: str) -> str:
        """What this application's function returns."""
        if name != WEATHER_FUNCTION["name"]:
            return json.dumps({"error": f"there is no function {name}"})
        return weather_at(arguments)

    def broke(self, what: object) -> None:
        """The SDK reported an error, or its application code raised one."""
        self._failed = True
        self._note(error=f"{type(what).__name__}: {what}")
        if not self.task.bears_errors:
            self.leave()

    def closed(self, code: int | None = None) -> None:
        """The connection is closed, by whichever side; None where the SDK does not tell the code."""
        self._note(closed=code, **({"left": True} if self.over() else {}))
        self._leave_soon()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Within it the driver sends; what the SDK raises then ends it, if only soon where errors are borne."""
        try:
            yield
        except CannotSend:
            raise
        except Exception as problem:
            if not self.task.bears_errors:
                raise
            self._note(error=f"{type(problem).__name__}: {problem}", sending=True)
            self._leave_soon()

    def leave(self) -> None:
        """There is nothing left to do."""
        self._ended.set()

    def over(self) -> bool:
        """Is there nothing left to do: carried out, broken, closed or past the deadline?"""
        return self._ended.is_set() or time.monotonic() > self._until

    def status(self) -> int:
        """The exit status: 0 when every reply was heard and nothing broke."""
        return 0 if self._done >= self.task.replies and not self._failed else 1

    def _all_heard(self) -> None:
        self.leave()

    def _leave_soon(self) -> None:
        self.applied.clear()
        self._until = min(self._until, time.monotonic() + self.task.patience)

    def _note(self, **line: Any) -> None:
        if self.task.observe is None:
            return
        with self._writing, open(self.task.observe, "a", encoding="utf-8") as notes:  # noqa: PTH123
            notes.write(json.dumps(line, default=str) + "\n")


def _told(body: Any) -> dict[str, Any]:
    return {"message": body} if isinstance(body, dict) else {"message": None, "body": body}
