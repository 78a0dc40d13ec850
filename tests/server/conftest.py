"""A server in this process on a free port of the loopback, and clients that misbehave as asked."""

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from mockagent.catalogue import requirements, schemas
from mockagent.scenario.parse import parse
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.server.app import Server
from mockagent.server.options import Options
from mockagent.yaml_nodes import load

WITHIN = 60.0
"""Seconds of the wall after which a test that waits for something has failed."""

AROUND = Surroundings(
    read_wav=lambda path: Recording(path.encode(), 1.0),
    speaking_time=lambda text: 1.0,
    problems=lambda dialect, side, body: schemas().problems(dialect, side, body),
    requirement_ids=requirements().keys(),
)


class Client:
    """One connection: what it received as words, messages by their type and each run of audio as "audio"."""

    def __init__(self, socket):
        self.socket = socket
        self.messages = []
        self.words = []

    async def send(self, message):
        if isinstance(message, dict):
            message = json.dumps(message)
        await self.socket.send(message)

    async def until(self, *types):
        """Read on until messages of these types have come, in that order; gives the last one."""
        for type in types:
            while await self._read() != type:
                pass
        return self.messages[-1]

    async def until_one_of(self, *types):
        """Read on until a message of one of these types has come; gives it."""
        while await self._read() not in types:
            pass
        return self.messages[-1]

    async def to_end(self):
        """Read until the server closes; gives the close code that this client sees."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._read()
        return self.socket.close_code

    async def _read(self):
        async with asyncio.timeout(WITHIN):
            data = await self.socket.recv()
        if isinstance(data, bytes):
            if self.words[-1:] != ["audio"]:
                self.words.append("audio")
            return "audio"
        self.messages.append(json.loads(data))
        self.words.append(self.messages[-1]["type"])
        return self.words[-1]


class Running:
    """A server that runs, and all that it told."""

    def __init__(self, scenarios, options):
        self.notices = []
        self._told = asyncio.Event()
        self.server = Server(scenarios, options, self._tell)

    def _tell(self, notice):
        self.notices.append(notice)
        self._told.set()

    def of(self, kind):
        return [notice for notice in self.notices if notice.event == kind]

    def findings(self):
        return [notice.requirement for notice in self.of("finding")]

    async def closed(self, count=1):
        """The notices of that many sessions, once they have ended."""
        async with asyncio.timeout(WITHIN):
            while len(self.server.closed) < count:
                self._told.clear()
                await self._told.wait()
        return self.server.closed

    def connect(self, dialect="v1", key="a-key-of-a-test", query="", **options):
        """A client connection; `key` None sends no header."""
        ready = self.of("ready")[0]
        url = (ready.url if dialect == "v1" else ready.early_access_url) + query
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Token {key}"
        return connect(url, additional_headers=headers, proxy=None, open_timeout=WITHIN, **options)

    @contextlib.asynccontextmanager
    async def client(self, *args, **options):
        async with self.connect(*args, **options) as socket:
            yield Client(socket)


@pytest.fixture
def serving():
    """Gives an asynchronous context: `serving(*scenarios, **options)` runs a server until its end."""

    @contextlib.asynccontextmanager
    async def serve(*scenarios, **options):
        running = Running(scenarios, Options(**options))
        await running.server.start()
        try:
            yield running
        finally:
            await running.server.stop()

    return serve


@pytest.fixture
def scenario():
    """Gives a scenario of YAML steps; every line takes a second to say."""

    def make(name, steps, more=""):
        lines = "".join(f"  {line}\n" for line in steps.strip("\n").splitlines())
        text = f"name: {name}\nsummary: s\n{more}steps:\n{lines}"
        return parse(load(text, f"{name}.yaml"), f"{name}.yaml", AROUND)

    return make


@pytest.fixture
def settings():
    """Gives a Settings with whatever else it is to say."""
    audio = {"encoding": "linear16", "sample_rate": 16000}
    agent = {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    }

    def make(**more):
        return {"type": "Settings", "audio": {"input": audio, "output": audio}, "agent": agent, **more}

    return make


@pytest.fixture
def early_settings():
    audio = {"encoding": "linear16", "sample_rate": 16000}
    agent = {
        "listen": {"model": "nova-3"},
        "think": {"provider": {"type": "open_ai"}, "model": "gpt-4o-mini", "instructions": "Be brief."},
        "speak": {"model": "aura-asteria-en"},
    }
    return {"type": "SettingsConfiguration", "audio": {"input": audio, "output": audio}, "agent": agent}
