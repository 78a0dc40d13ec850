"""A small client for the tests of the server's side: sends what it is told, and reads until something comes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}},
}


class Caller:
    """A client that has just connected."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **body: object) -> None:
        self.socket.send(json.dumps(body))

    def settle(self, **more: object) -> None:
        """Send Settings, with whatever else they are to say, and listen to the greeting."""
        self.say(**{**SETTINGS, **more})
        self.until("AgentAudioDone")

    def until(self, wanted: str) -> dict[str, object]:
        for frame in self.socket:
            message = json.loads(frame) if isinstance(frame, str) else {"type": "audio"}
            if message["type"] == wanted:
                return message
        raise AssertionError(f"the connection was closed before {wanted} came")


@contextmanager
def a_call(url: str, api_key: str = "any") -> Iterator[Caller]:
    with connect(
        url, additional_headers={"Authorization": f"Token {api_key}"}, proxy=None, open_timeout=60
    ) as socket:
        yield Caller(socket)


@pytest.fixture
def call():
    """`with call(server.url) as client:` is a connected client."""
    return a_call
