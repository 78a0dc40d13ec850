"""A server that inflicts faults, a client that counts every byte, and what was recorded of both."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from mockagent.catalogue import scenario_of
from mockagent.protocol.events import Side
from mockagent.scenario.faults.flags import standing
from mockagent.server.app import Server
from mockagent.server.options import Options

# The tests are imported by file, so this folder's own modules are not found otherwise.
sys.path.insert(0, str(Path(__file__).parent))

from raw_client import RawClient
from talks import SPEED

PATIENCE = 0.6
"""Seconds of the wall without a frame after which the raw client goes on: more than any fault but half_open takes."""


class Played:
    """One session or refusal: what the raw client saw, what the server told, and its trace."""

    def __init__(self, seen, notices, folder):
        self.seen = seen
        self.notices = notices
        files = sorted(folder.glob("*.jsonl"))
        self.trace = files[0] if files else None
        self.lines = (
            [json.loads(line) for line in self.trace.read_text("utf-8").splitlines()] if files else []
        )

    def of(self, event):
        return [notice for notice in self.notices if notice.event == event]

    @property
    def inflicted(self):
        return [notice.fault for notice in self.of("fault")]

    @property
    def broken(self):
        """What the server broke, by the trace."""
        return {
            each["requirement"]
            for line in self.lines
            if line.get("from") == Side.SERVER
            for each in line.get("violations", ())
        }

    @property
    def unexcused(self):
        return {
            each["requirement"]
            for line in self.lines
            if line.get("from") == Side.SERVER
            for each in line.get("violations", ())
            if each["requirement"] not in line.get("breaks", ())
        }


async def _played(scenario, options, times, patience):
    notices = []
    server = Server([scenario], Options(speed=SPEED, **options), notices.append)
    ready = await server.start()
    port = int(ready.url.split(":")[2].split("/")[0])
    seen = [await RawClient(port).play(patience) for _ in range(times)]
    await server.stop()
    return seen, notices


@pytest.fixture
def plays(tmp_path):
    """Plays a scenario (YAML) to raw clients, one after the other, and gives what each saw and the whole record.

    A session that is not `traced` is the one whose audio is only counted.
    """

    def play(text, *, faults=(), times=1, traced=True, patience=PATIENCE, **options):
        folder = tmp_path / f"traces-{len(list(tmp_path.iterdir()))}"
        options["faults"] = tuple(map(standing, faults))
        options["trace"] = folder if traced else None
        seen, notices = asyncio.run(_played(scenario_of(text, "talk.yaml"), options, times, patience))
        played = Played(seen[0], notices, folder)
        played.all_seen = seen
        return played

    return play
