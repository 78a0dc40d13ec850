"""A server that plays freely, as the live service does: its own words, texts in pieces, other timings, events between.

It hears any sound as speech, and obeys its prompt as far as calls go. With `wrongs` it does one thing wrong.
"""

import asyncio
import contextlib
import json
import uuid

from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

V1 = "/v1/agent/converse"
HEARS_AFTER = 3_200
"""Bytes of sound by which it takes a turn for said."""
ANSWERS = {
    "UpdatePrompt": "PromptUpdated",
    "UpdateSpeak": "SpeakUpdated",
    "UpdateThink": "ThinkUpdated",
    "UpdateListen": "ListenUpdated",
}


def calls_of(prompt):
    """In which turn of the user's the prompt asks for which calls, as text."""
    found, turn = {}, 0
    for line in prompt.splitlines():
        turn += "The caller says:" in line
        if "You call these functions" in line:
            found[turn] = line
    return found


class Caller:
    """One session."""

    def __init__(self, socket, wrongs, key):
        self.socket = socket
        self.wrongs = wrongs
        self.key = key
        self.heard = 0
        self.turn = 0
        self.functions = []
        self.calls_in = {}
        self.answers = asyncio.Queue()
        self.replying = None
        self.is_free = asyncio.Event()

    async def send(self, type, **fields):
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def say(self, role, *texts):
        for text in texts:
            await self.send("ConversationText", role=role, content=text)
            await self.send("History", role=role, content=text)

    async def speak(self, *texts):
        await self.say("assistant", *texts)
        await asyncio.sleep(0.02)
        if "odd samples" in self.wrongs:
            await self.socket.send(bytes(961))
        for _ in range(5):
            await self.socket.send(bytes(960))
            await asyncio.sleep(0.005)
        await self.send("AgentAudioDone")
        await self.send("LatencyReport", total_latency=0.4, tts_latency=0.1, ttt_text_latency=0.2)

    async def reply(self, heard):
        self.turn += 1
        if "deaf" in self.wrongs and self.turn == 1:
            return
        await self.say("user", heard)
        await asyncio.sleep(0.03)
        if self.turn in self.calls_in and "never calls" not in self.wrongs:
            await self.call()
        await self.speak("Well, let me put it this way.", "That is all I know.")

    async def reply_after(self, replying, heard):
        """What was typed waits for the end of the reply."""
        if replying is not None:
            await asyncio.wait({replying})
        await self.reply(heard)

    async def call(self):
        calls = [
            {"id": f"call_{uuid.uuid4()}", "name": each["name"], "arguments": "{}", "client_side": True}
            for each in self.functions
            if each["name"] in self.calls_in[self.turn]
        ]
        await self.send("FunctionCallRequest", functions=calls)
        for call in calls:
            response = await self.answers.get()
            told = {key: call[key] for key in ("id", "name", "arguments", "client_side")}
            await self.send("History", function_calls=[{**told, "response": response["content"]}])

    async def on_sound(self, data):
        """What is said into a reply ends it; silence after what was understood is none of that."""
        self.heard += len(data) if any(data) else 0
        if self.heard >= HEARS_AFTER:
            self.heard = 0
            if self.replying is not None:
                self.replying.cancel()
            await self.send("UserStartedSpeaking")
            self.replying = asyncio.ensure_future(self.reply("something or other"))

    async def on_message(self, message):
        match message:
            case {"type": "Settings", "agent": agent}:
                self.functions = list(agent["think"].get("functions", []))
                self.calls_in = calls_of(agent["think"]["prompt"])
                await self.send("SettingsApplied")
                if "greeting" in agent:
                    name = f"Your key is {self.key}." if "tells the key" in self.wrongs else "Good day."
                    self.replying = asyncio.ensure_future(self.speak(name, "What is it?"))
            case {"type": "InjectUserMessage", "content": content}:
                self.replying = asyncio.ensure_future(self.reply_after(self.replying, content))
            case {"type": "FunctionCallResponse"}:
                self.answers.put_nowait(message)
            case {"type": type} if type in ANSWERS:
                await self.send(ANSWERS[type])

    async def attend(self):
        await asyncio.sleep(0.03)
        await self.send("Welcome", request_id=str(uuid.uuid4()))
        async for data in self.socket:
            if isinstance(data, bytes):
                await self.on_sound(data)
            else:
                await self.on_message(json.loads(data))


@contextlib.asynccontextmanager
async def playing_freely(key, *wrongs):
    """The URL of such a server, which knows one key."""

    def refused(status, code):
        id = str(uuid.uuid4())
        body = json.dumps({"err_code": code, "err_msg": f"No: {code}", "request_id": id}).encode()
        headers = Headers({"dg-request-id": id, "Content-Length": str(len(body)), "Connection": "close"})
        return Response(status, "No", headers, body)

    def admit(connection, request):
        if request.path.partition("?")[0] != V1:
            return refused(404, "NOT_FOUND")
        given = request.headers.get("Authorization") or request.headers.get("Sec-WebSocket-Protocol", "")
        is_known = key in given.replace(",", " ").split()
        return None if is_known or "takes any key" in wrongs else refused(401, "INVALID_AUTH")

    def answer(connection, request, response):
        if "dg-request-id" not in response.headers:
            response.headers["dg-request-id"] = str(uuid.uuid4())

    def choose(connection, offered):
        return offered[0] if offered else None

    async def attend(socket):
        caller = Caller(socket, wrongs, key)
        with contextlib.suppress(ConnectionClosed):
            await caller.attend()
        if caller.replying is not None:
            caller.replying.cancel()

    async with serve(
        attend, "127.0.0.1", 0, process_request=admit, process_response=answer, select_subprotocol=choose
    ) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"ws://127.0.0.1:{port}{V1}"
