"""The part of a client, played step by step: MOCKAGENT_INTENT with `"do": "play"`, and what leads through any intent.

Rule: a step is over when the server's own messages say so; only `wait` and `stream` go by the clock. The user's
microphone is always open: it sends silence when nobody speaks.
"""

import functools
import http.server
import itertools
import json
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversation import (
    CHUNK_FOR,
    GREETING,
    INPUT_RATE,
    OUTPUT_RATE,
    PROMPT,
    UNKNOWN_INTENT,
    WEATHER_FUNCTION,
    CannotSend,
    Conversation,
    Speech,
    Task,
    read_task,
)

BACK_AFTER = 1.0
"""Seconds until a client comes back whose connection was lost."""
MARGIN = 0.25
"""Seconds by which it does everything longer that the server measures too."""

AUDIO = {
    "input": {"encoding": "linear16", "sample_rate": INPUT_RATE},
    "output": {"encoding": "linear16", "sample_rate": OUTPUT_RATE, "container": "none"},
}
LISTEN = {"provider": {"type": "deepgram", "version": "v1", "model": "nova-3"}}
THINK = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": PROMPT}
SPEAK = {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}
OTHER = {
    "think": {"provider": {"type": "open_ai", "model": "gpt-4.1"}, "prompt": PROMPT},
    "speak": {"provider": {"type": "deepgram", "model": "aura-2-zeus-en"}},
}
FLUX = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-general-en", "eot_threshold": 0.9}}

USUAL = {
    "Settings": {
        "audio": AUDIO,
        "agent": {"listen": LISTEN, "think": THINK, "speak": SPEAK, "greeting": GREETING},
    },
    "SettingsConfiguration": {
        "audio": AUDIO,
        "agent": {
            "listen": {"model": "nova-3"},
            "think": {"provider": {"type": "open_ai"}, "model": "gpt-4o-mini", "instructions": PROMPT},
            "speak": {"model": "aura-asteria-en"},
        },
    },
    "UpdatePrompt": {"prompt": "Answer in one sentence."},
    "UpdateInstructions": {"instructions": "Answer in one sentence."},
    "UpdateSpeak": {"speak": OTHER["speak"]},
    "UpdateThink": {"think": OTHER["think"]},
    "UpdateListen": {"listen": FLUX},
}
"""What a message holds where the intent leaves it open."""

FLAT = {"audio": AUDIO, "agent": {"instructions": PROMPT, "think_model": "gpt-4o-mini"}}
"""Settings of early access in their short form."""

ACKNOWLEDGEMENTS = {
    "UpdatePrompt": "PromptUpdated",
    "UpdateSpeak": "SpeakUpdated",
    "UpdateThink": "ThinkUpdated",
    "UpdateListen": "ListenUpdated",
    "UpdateThink_Live": "ThinkLiveUpdated",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the server did: a message by its type ("audio" for sound), and who said what in a ConversationText."""

    type: str | None
    role: str | None = None
    text: str | None = None


_OF_THE_USER = ("say", "speak_up", "type", "listen")
_Accepts = Callable[[Heard | None], bool]
_Script = Iterator[_Accepts | float]


class Play(Conversation):
    """Steps, one after another. The thread that asks for `messages` and `chunk` plays them."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self._steps: list[dict[str, Any]] = [dict(step) for step in task.intent["steps"]]
        self._endings = {each["function"]: each["fits"] for each in self._steps if each["do"] == "answer"}
        self._answered: Counter[str] = Counter()
        self._settings = self._settings_asked_for()
        audio = self._settings["audio"]["input"]
        self._speech = Speech(audio["encoding"], audio["sample_rate"])
        self._heard: deque[Heard] = deque()
        self._outgoing: list[dict[str, Any]] = []
        self._microphone_is_open = True
        self._speaks_for = 0.0
        self._agent_speaks = False
        self._due: list[str] = []
        self._injected: list[str] = []
        self._script = self._play()
        self._waits_for: _Accepts | float | None = next(self._script)

    def settings(self) -> dict[str, Any]:
        return self._settings

    def messages(self) -> list[dict[str, Any]]:
        self._go_on()
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def chunk(self) -> bytes | None:
        if not self.applied.is_set() or not self._microphone_is_open:
            return None
        if self._speaks_for <= 0:
            return self._speech.silence
        self._speaks_for -= CHUNK_FOR
        return self._speech.chunk()

    def heard(self, name: str, wire_type: str | None, class_name: str, known: bool, body: Any) -> None:
        super().heard(name, wire_type, class_name, known, body)
        said = body if wire_type == "ConversationText" and isinstance(body, Mapping) else {}
        self._on(Heard(wire_type, said.get("role"), said.get("content")))

    def heard_audio(self, size: int) -> None:
        super().heard_audio(size)
        self._on(Heard("audio"))

    def answer(self, name: str, arguments: str) -> str:
        self._answered[name] += 1
        usual = json.dumps({"result": "done"})
        if name == WEATHER_FUNCTION["name"]:
            usual = super().answer(name, arguments)
        return str(fitting(self._endings.get(name, "*"), usual))

    def status(self) -> int:
        """The exit status: 0 when every step was played."""
        return 0 if self._waits_for is None else 1

    def _all_heard(self) -> None:
        """It is the steps that say when to leave."""

    def _on(self, heard: Heard) -> None:
        if heard.type in ("UserStartedSpeaking", "AgentAudioDone") or heard.role == "user":
            self._agent_speaks = False
        elif heard.type == "audio" or heard.role == "assistant":
            self._agent_speaks = True
        done = {
            "InjectionRefused": next((text for text in self._injected if text in self._due), None),
            "ConversationText": heard.text,
            "Warning": "ListenUpdated",
        }.get(str(heard.type), heard.type)
        if done in self._due:
            self._due.remove(done)
        self._heard.append(heard)

    def _go_on(self) -> None:
        while self._waits_for is not None:
            if isinstance(self._waits_for, float):
                if time.monotonic() < self._waits_for:
                    return
            elif self._heard:
                if not self._waits_for(self._heard.popleft()):
                    continue
            elif not self._waits_for(None):
                return
            self._waits_for = next(self._script, None)

    def _play(self) -> _Script:
        yield _is("SettingsApplied")
        for at, step in enumerate(self._steps):
            yield from self._perform(step, at)
        if self._steps[-1]["do"] not in ("hang_up", "await", "be_silent", "stay", "stream"):
            yield from self._until_settled()
            self.leave()

    def _perform(self, step: dict[str, Any], at: int) -> _Script:
        match step:
            case {"do": do} if do in _OF_THE_USER:
                if "is_begun" not in step:
                    yield from self._until_settled()
                    self._speak_up(step)
                yield lambda heard: heard is not None and heard.role == "user"
                self._speaks_for = 0
            case {"do": "hear"}:
                yield from self._hear(step, at)
            case {"do": "send" | "update" | "inject", "message": pattern} if "is_begun" not in step:
                self._say(pattern)
            case {"do": "answer", "function": name}:
                yield lambda _: self._answered[name] > 0
                self._answered[name] -= 1
            case {"do": "await", "type": type} if type != "close":
                yield _is(type)
            case {"do": "wait" | "stream", "seconds": seconds}:
                yield time.monotonic() + (seconds + MARGIN) / self.task.pace
            case {"do": "be_silent"}:
                self._microphone_is_open = False
            case {"do": "hang_up"}:
                yield from self._until_settled()
                self.leave()

    def _hear(self, step: dict[str, Any], at: int) -> _Script:
        """The agent's own words, to their end or until the user comes in between, which is at the first sound."""
        yield (
            lambda heard: heard is not None and heard.role == "assistant" and heard.text not in self._injected
        )
        interrupted = bool(step.get("interrupted"))
        between = self._steps[at + 1 : at + 2] if interrupted else list(self._injections_after(at))
        if between:
            yield _is("audio", "AgentAudioDone")
            for each in between:
                self._come_between(each)
            if not self._agent_speaks:
                return
        yield _is("AgentAudioDone", *(["UserStartedSpeaking"] if interrupted else []))

    def _injections_after(self, at: int) -> Iterator[dict[str, Any]]:
        return itertools.takewhile(lambda step: step["do"] == "inject", self._steps[at + 1 :])

    def _come_between(self, step: dict[str, Any]) -> None:
        if step["do"] == "inject":
            self._say(step["message"])
        elif step["do"] in _OF_THE_USER:
            self._speak_up(step)
        else:
            return
        step["is_begun"] = True

    def _speak_up(self, step: dict[str, Any]) -> None:
        if step["do"] == "type":
            text = fitting(step["fits"], step["text"])
            self._outgoing.append({"type": "InjectUserMessage", "content": text})
        elif step["do"] != "listen":
            self._speaks_for = step["seconds"] + MARGIN

    def _say(self, pattern: Mapping[str, Any]) -> None:
        type = pattern["type"]
        body = fitting(pattern, self._usual(type))
        if type == "InjectAgentMessage" and not {"message", "content", "is_dynamic"} & pattern.keys():
            body["message"] = f"This is statement {len(self._injected) + 1} of the client."
            self._injected.append(body["message"])
            self._due.append(body["message"])
        if type in ACKNOWLEDGEMENTS and not self._is_early_access:
            self._due.append(ACKNOWLEDGEMENTS[type])
        self._outgoing.append(body)

    def _until_settled(self) -> _Script:
        """Nothing that the client said is still to be answered, and the agent does not speak."""
        if self._due or self._agent_speaks:
            yield lambda _: not self._due and not self._agent_speaks

    def _settings_asked_for(self) -> dict[str, Any]:
        asked = next(
            (step["message"] for step in self._steps if step["do"] == "settings"), {"type": "Settings"}
        )
        self._is_early_access = asked["type"] == "SettingsConfiguration"
        is_flat = "think_model" in asked.get("agent", {})
        body: dict[str, Any] = fitting(asked, FLAT if is_flat else self._usual(asked["type"]))
        if not is_flat:
            self._define_functions(body["agent"]["think"])
        for part, number in self.task.intent["providers"].items():
            first = body["agent"][part]
            other = {**first, "provider": OTHER[part]["provider"]}
            body["agent"][part] = [first] + [other] * (number - 1)
        return body

    def _define_functions(self, think: dict[str, Any]) -> None:
        """Those that the intent names; which of them no step answers the server runs itself, at an endpoint."""
        defined = {each["name"]: each for each in think.get("functions", [])}
        for name in self.task.intent["functions"]:
            defined.setdefault(name, WEATHER_FUNCTION if name == WEATHER_FUNCTION["name"] else {"name": name})
            if name not in self._endings:
                where = {"url": endpoint()}
                defined[name] = {**defined[name], **(where if self._is_early_access else {"endpoint": where})}
        if defined:
            think["functions"] = [_whole(each) for each in defined.values()]

    def _usual(self, type: str) -> Mapping[str, Any]:
        if type == "UpdateSpeak" and self._is_early_access:
            return {"model": "aura-luna-en"}
        return USUAL.get(type, {})


def fitting(pattern: Any, usual: Any = None) -> Any:
    """A JSON value that fits a pattern of the intent: the usual one, and what the pattern asks for in its place.

    In a text `*` stands for anything, `~` before what it contains, `=` before the whole of it, `/…/` around an
    expression, of which the first branch will do.
    """
    if isinstance(pattern, Mapping):
        given = usual if isinstance(usual, Mapping) else {}
        return {**given, **{key: fitting(part, given.get(key)) for key, part in pattern.items()}}
    if isinstance(pattern, list):
        return [fitting(part) for part in pattern]
    if not isinstance(pattern, str):
        return pattern
    if pattern == "*":
        return "something" if usual is None else usual
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        return pattern[1:-1].split("|")[0]
    return pattern[1:] if pattern[:1] in ("~", "=") else pattern


def run(converse: Callable[[Any], None]) -> int:
    """Hold the conversation that was asked for, in as many connections as it takes.

    What the SDK raises is told, not raised; the exit status comes back.
    """
    task = read_task()
    conversation: Conversation | None = None
    for _ in range(task.intent.get("attempts", 0) + 1):
        if conversation is not None:
            time.sleep(BACK_AFTER / task.pace)
        conversation = Play(task) if task.intent["do"] == "play" else Conversation(task)
        try:
            converse(conversation)
        except CannotSend as problem:
            print(f"this SDK cannot send {problem}", file=sys.stderr)
            return UNKNOWN_INTENT
        except Exception as problem:
            conversation.broke(problem)
    return conversation.status() if conversation else 1


@functools.cache
def endpoint() -> str:
    """Where the functions are that the server runs: on this machine, for as long as the driver runs."""

    class Function(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "shipped"}')

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Function)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def _whole(function: Mapping[str, Any]) -> dict[str, Any]:
    about = {
        "description": f"Does what {function['name']} says",
        "parameters": {"type": "object", "properties": {}},
    }
    return {**about, **function}


def _is(*types: str) -> _Accepts:
    return lambda heard: heard is not None and heard.type in types
