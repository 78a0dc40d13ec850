"""A server, and questions to its journal by plain HTTP, each answer held against the schema."""

import asyncio
import contextlib
import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema

SCHEMA = Draft202012Validator(read_schema("files/journal.json"))
WITHIN = 60.0


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self):
        return json.loads(self.text)


def fetch(url, path, headers=None, method="GET"):
    connection = http.client.HTTPConnection(urlsplit(url).hostname, urlsplit(url).port, timeout=WITHIN)
    with contextlib.closing(connection):
        connection.request(method, f"/__mockagent{path}", headers=headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
    if answer.headers.get("Content-Type") == "application/json" and "dg-error" not in answer.headers:
        SCHEMA.validate(answer.json)
    return answer


@pytest.fixture
def ask():
    """Gives `await ask(running, path)`: what the journal of that server answers."""

    async def asking(running, path, headers=None, method="GET"):
        url = running.of("ready")[0].http_url
        return await asyncio.to_thread(fetch, url, path, headers, method)

    return asking


@pytest.fixture
def waiting():
    """Gives `await waiting(server, count)`: until so many wait at its journal's desk."""

    async def until(server, count=1):
        async with asyncio.timeout(WITHIN):
            while server._desk is None or len(server._desk._waits) != count:
                await asyncio.sleep(0.001)

    return until
