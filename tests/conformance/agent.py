"""A client that is attached: asks for one case after another, and plays each over a bare WebSocket.

`agent.py URL NAME HOW` where HOW is `well`, or the one thing that it does not do well.
"""

import asyncio
import contextlib
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {
        "greeting": "Hi.",
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}


def ask(url, method="GET", data=None, **headers):
    """The status, and the body as JSON if there is one."""
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if body else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def of_case(url, what, case, **more):
    return f"{url}/{what}?{urllib.parse.urlencode({'case': case, **more})}"


async def play(task, how):
    """The lines of what was seen."""
    key = "not-the-key" if how == "wrong_key" else task["key"]
    lines, done, speaking = [], 0, None
    async with connect(
        task["url"], additional_headers={"Authorization": f"Token {key}"}, proxy=None, open_timeout=60
    ) as socket:
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    lines.append({"audio": len(message)})
                    continue
                body = json.loads(message)
                lines.append({"event": body["type"], "message": body})
                if body["type"] == "Welcome":
                    await socket.send(json.dumps(SETTINGS))
                if body["type"] == "SettingsApplied":
                    speaking = asyncio.create_task(speak(socket, task["intent"].get("pace", 1)))
                if body["type"] == "UserStartedSpeaking":
                    lines.append({"playback": "stopped"})
                if body["type"] == "AgentAudioDone":
                    done += 1
                    if done == task["intent"].get("replies"):
                        await socket.close(1000)
        finally:
            if speaking is not None:
                speaking.cancel()
    lines.append({"closed": socket.close_code})
    return lines


async def speak(socket, pace):
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.send(b"\x10\x00" * 1280)
            await asyncio.sleep(0.08 / pace)


def main(url, name, how):
    while True:
        status, task = ask(f"{url}/next?{urllib.parse.urlencode({'agent': name})}")
        if status == 204:
            return
        if status != 200:
            continue
        if task["intent"]["do"] not in ("talk",):
            ask(of_case(url, "finished", task["case"], status=127), "POST", b"")
            continue
        if how == "vanishes" and task["case"] == "greeting_only":
            return
        lines = []
        with contextlib.suppress(InvalidStatus):
            lines = asyncio.run(play(task, how))
        text = "".join(json.dumps(line) + "\n" for line in lines)
        ask(of_case(url, "observe", task["case"]), "POST", text.encode())
        ask(of_case(url, "finished", task["case"]), "POST", b"")


if __name__ == "__main__":
    main(*sys.argv[1:])
