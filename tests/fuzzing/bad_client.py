"""A client that is bad in the way that its first argument says; without one it is good."""

import asyncio
import json
import os
import subprocess
import sys

import websockets

HOW = sys.argv[1] if len(sys.argv) > 1 else ""
FUNCTIONS = [] if HOW == "no-functions" else [{"name": "get_weather", "parameters": {"type": "object"}}]
SETTINGS = {
    "type": "Settings",
    "audio": {},
    "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "functions": FUNCTIONS}},
}


def read(frame):
    """The message, {} for what is none."""
    try:
        body = json.loads(frame)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else None


async def act(socket, body):
    if HOW == "hangs" and body is None:
        await asyncio.sleep(3600)
    if HOW == "closes" and body is None:
        await socket.close(1003)
        sys.exit(0)
    if HOW == "raises" and body is None:
        raise KeyError("type")
    if HOW == "dies" and body is None:
        os._exit(9)
    if HOW == "kills" and body is None:
        os.abort()
    if HOW == "talks" and body is None:
        await socket.send(
            json.dumps({"type": "InjectUserMessage", "content": os.environ["DEEPGRAM_API_KEY"]})
        )
    if HOW == "forks" and body is None:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
        os._exit(0)
    for each in (body or {}).get("functions") or ():
        if body["type"] == "FunctionCallRequest" and isinstance(each, dict) and each.get("client_side"):
            answer = {
                "type": "FunctionCallResponse",
                "name": each.get("name"),
                "id": each.get("id"),
                "content": "ok",
            }
            await socket.send(json.dumps(answer))


async def main():
    headers = {"Authorization": f"Token {os.environ['DEEPGRAM_API_KEY']}"}
    async with websockets.connect(
        os.environ["MOCKAGENT_URL"], additional_headers=headers, open_timeout=60
    ) as socket:
        await socket.send(json.dumps(SETTINGS))
        async for frame in socket:
            if isinstance(frame, str):
                await act(socket, read(frame))


if HOW == "stays-away":
    sys.exit("I would rather not")
asyncio.run(main())
