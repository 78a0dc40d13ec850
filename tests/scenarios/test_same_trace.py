"""The same scenario, the same client and the same seed: the same trace but for its times, at any speed.

The client is a fixed script over a raw socket: it sends when the server's own events say so, and so never races it.
Compared are all lines after the header: order, sides, messages, ids, the length and hash of each frame of audio.
"""

import json
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mockagent.testing import serving

SETTINGS = {
    "type": "Settings",
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 16000},
        "output": {"encoding": "linear16", "sample_rate": 16000},
    },
    "agent": {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
        "think": [
            {
                "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
                "prompt": "Be brief.",
                "functions": [{"name": "get_time", "parameters": {"type": "object"}}],
            },
            {"provider": {"type": "anthropic", "model": "claude-4-5-haiku-latest"}},
        ],
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
        "greeting": "Hello.",
    },
}
SECOND = bytes(32_000)
TALK = """
name: talk
summary: A talk that needs no client but for its audio
steps:
  - agent: Hello.
  - user: One question.
    lasts: 1 s
  - agent: [This is the first part of it., And this one is cut short in the middle.]
    think_fails: 1
    interrupted: {after: 2.3 s}
  - user: Enough.
    when: timer
    lasts: 0.5 s
  - warning: SLOW_THINK_REQUEST
  - wait: 0.3 s
  - agent: Goodbye.
  - error: INTERNAL_SERVER_ERROR
"""
CALLS = """
name: calls
summary: Calls that the client answers
steps:
  - agent: Hello.
  - user: What time is it?
    lasts: 1 s
  - call: {get_time: {zone: UTC}}
    as: time
  - agent: It is ${time}.
  - user: Thanks.
    when: text
  - agent: You are welcome.
  - server: {closes: 1000}
"""


def client(url, types):
    """Speaks a second once the agent has greeted, answers calls, and types its thanks after them if it `types`."""
    thanks = [lambda: say(socket, "InjectUserMessage", content="Thanks!")] if types else []
    turns = iter([lambda: send_audio(socket), *thanks])
    with (
        connect(url, additional_headers={"Authorization": "Token k"}, proxy=None, open_timeout=60) as socket,
        suppress(ConnectionClosed),
    ):
        for frame in socket:
            body = json.loads(frame) if isinstance(frame, str) else {"type": "audio"}
            match body["type"]:
                case "Welcome":
                    socket.send(json.dumps(SETTINGS))
                case "AgentAudioDone":
                    next(turns, lambda: None)()
                case "FunctionCallRequest":
                    (call,) = body["functions"]
                    say(socket, "FunctionCallResponse", id=call["id"], name=call["name"], content="noon")


def say(socket, type, **fields):
    socket.send(json.dumps({"type": type, **fields}))


def send_audio(socket):
    for at in range(0, len(SECOND), 640):
        socket.send(SECOND[at : at + 640])


def trace_of(yaml, folder, speed, seed=7, mask=()):
    """The lines of the only trace in a folder after a session at that speed, without their times."""
    with serving(yaml=yaml, speed=speed, seed=seed, trace=folder) as server:
        client(server.url, yaml is CALLS)
    (path,) = folder.glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [plain(line, mask) for line in lines[1:]]


def plain(line, mask):
    line = {key: value for key, value in line.items() if key not in ("at", "lasted")}
    if "message" in line:
        line["message"] = {
            key: value for key, value in line["message"].items() if not key.endswith(mask or "?")
        }
    return line


@pytest.fixture
def twice(tmp_path):
    """The traces of two sessions with the same scenario and seed, at these speeds."""

    def play(yaml, *speeds, **how):
        folders = [tmp_path / str(number) for number in range(len(speeds))]
        return [trace_of(yaml, folder, speed, **how) for folder, speed in zip(folders, speeds, strict=True)]

    return play


def test_the_same_again_is_the_same_to_the_last_frame_and_figure(twice):
    first, second = twice(TALK, 4, 4)
    assert len(first) > 200
    assert first[-1]["outcome"] == "finished"
    assert first == second


def test_at_twenty_times_the_speed_it_is_the_same_too(twice):
    first, second = twice(TALK, 1, 20)
    assert first == second


def test_with_calls_only_the_latencies_differ_which_hold_the_clients_own_time(twice):
    first, second = twice(CALLS, 2, 20, mask="_latency")
    assert first[-1]["outcome"] == "finished"
    assert first == second


def test_another_seed_has_other_ids(tmp_path):
    one = trace_of(CALLS, tmp_path / "a", 20, seed=1)
    other = trace_of(CALLS, tmp_path / "b", 20, seed=2)
    assert len(one) == len(other)
    assert one != other
