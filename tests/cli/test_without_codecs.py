"""A server without the package av says at its start what it cannot do, and never answers with silence."""

import asyncio
import json
import subprocess
import sys

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

BLOCKED = "import sys; sys.modules['av'] = None; from mockagent.cli import main; main()"
PLAY = """
summary: s
steps:
  - client: Settings
  - user: Hello there.
    when: speech
    within: 1 s
  - agent: Hello.
"""
VOICE = {"speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}}


@pytest.fixture
def served(tmp_path):
    """Starts `mockagent serve` without av; gives the process, its URL, and what it says beside."""
    path = tmp_path / "play.yaml"
    path.write_text(PLAY, "utf-8")
    running = []

    def start(*options):
        command = [
            sys.executable,
            "-c",
            BLOCKED,
            "serve",
            str(path),
            "--port",
            "0",
            "--once",
            "--json",
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process, json.loads(process.stdout.readline())["url"]

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=60)


def notices(process):
    """What the process says from here to its end."""
    process.wait(20)
    return [json.loads(line) for line in process.stdout]


async def talk(url, audio, sent=()):
    """The last message that the server sends before it closes."""
    settings = {
        "type": "Settings",
        "audio": audio,
        "agent": {
            "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
            "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
            **VOICE,
        },
    }
    last = None
    async with connect(
        url, additional_headers={"Authorization": "Token any"}, proxy=None, open_timeout=60
    ) as socket:
        await socket.send(json.dumps(settings))
        try:
            async with asyncio.timeout(60):
                while True:
                    last = json.loads(await socket.recv())
                    if last["type"] == "SettingsApplied":
                        for data in sent:
                            await socket.send(data)
        except ConnectionClosed:
            return last


def test_what_it_cannot_do_is_said_at_its_start_and_to_who_asks_for_it(served):
    process, url = served()
    error = asyncio.run(talk(url, {"output": {"encoding": "mp3"}}))
    cure = "install it with: pip install 'mockagent[audio]'"
    assert error["code"] == "FAILED_TO_SPEAK"
    assert error["description"] == f"mockagent cannot speak mp3 without the package av; {cure}."
    said = notices(process)
    assert said[0] == {
        "event": "limitation",
        "text": "without the package av this server cannot speak mp3, opus, flac, aac, "
        f"nor hear flac, amr-nb, amr-wb, opus, ogg-opus, speex, g729; {cure}",
    }


def test_a_turn_that_waits_for_speech_it_cannot_hear_says_why(served):
    process, url = served()
    asyncio.run(talk(url, {"input": {"encoding": "opus", "sample_rate": 48000}}, [b"\x01" * 60] * 3))
    why = "no speech can be detected: opus cannot be decoded without the package av"
    said = notices(process)
    assert [each["text"] for each in said if each["event"] == "trouble"] == [
        f"[1] {why}; install it with: pip install 'mockagent[audio]'"
    ]
    (closed,) = [each for each in said if each["event"] == "session_closed"]
    assert why in closed["unmet"][0]["text"]


def test_on_a_screen_it_is_a_note(served, tmp_path):
    command = [sys.executable, "-c", BLOCKED, "serve", "--port", "0", "--sessions", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr.readline().startswith(
            "note: without the package av this server cannot speak mp3"
        )
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_with_the_codecs_it_says_nothing_and_does_not_load_them():
    program = (
        "import sys, asyncio\n"
        "from mockagent.server.app import Server, warm_up\n"
        "told = []\n"
        "async def run():\n"
        "    server = Server((), None, told.append)\n"
        "    await server.start(); warm_up(); await server.stop()\n"
        "asyncio.run(run())\n"
        "print([each.event for each in told], 'av' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], timeout=60, check=True, capture_output=True, text=True
    )
    assert done.stdout == "['ready'] False\n"
