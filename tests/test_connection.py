"""A connection on a loop that stalls: what happens depends on when it was due, not on when the machine came to it."""

import asyncio
import json
import time

import pytest

from mockagent import catalogue
from mockagent.connection import Connection
from mockagent.protocol.judge import Judge
from mockagent.scenario.part import part_of
from mockagent.scenario.player import Player
from mockagent.server import sound
from mockagent.server.functions import Functions
from mockagent.server.guest import SessionClock
from mockagent.ticker import Ticker

SPEED = 20.0
FRAMES_OF_A_SECOND = 51
"""Of 20 ms each, with the one at the very beginning and the one at the very end."""
SETTINGS = {
    "type": "Settings",
    "audio": {
        "input": {"encoding": "linear16", "sample_rate": 16000},
        "output": {"encoding": "linear16", "sample_rate": 16000},
    },
    "agent": {
        "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}
CUT = """
summary: A reply is cut short, and the next one is said
steps:
  - agent: This is long enough to be cut short after one second of it.
    interrupted: {after: 1 s}
  - user: Stop.
    when: timer
    lasts: 1 s
  - agent: Yes.
  - server: {closes: 1000}
"""


class Wire:
    """Keeps the types of messages and the number of frames of audio between them."""

    def __init__(self):
        self.sent = []
        self.bodies = []

    def send(self, data, binary):
        if not binary:
            self.bodies.append(json.loads(data))
            self.sent.append(self.bodies[-1]["type"])
        elif isinstance(self.sent[-1], int):
            self.sent[-1] += 1
        else:
            self.sent.append(1)

    def close(self, code, reason=""):
        self.sent.append("close")

    def abort(self):
        pass


async def played(stall):
    """What goes over the wire when the loop stands still for so long as soon as the agent speaks."""
    scenario = catalogue.scenario_of(CUT, "cut.yaml")
    loop, wire = asyncio.get_running_loop(), Wire()
    player = Player(
        lambda _: part_of(scenario, scenario.switches), request_id="an-id", new_id=lambda: "another-id"
    )
    connection = Connection(
        wire,
        player,
        Judge(catalogue.requirements()),
        clock=SessionClock(loop, loop.time(), SPEED),
        ticker=Ticker(loop),
        problems=catalogue.problems,
        speech=sound.speech,
        detector=sound.Ear,
        functions=Functions((), lambda notice: None),
    )
    connection.open()
    connection.on_message(json.dumps(SETTINGS).encode(), False)
    while len(wire.sent) < 6:
        await asyncio.sleep(0)
    time.sleep(stall)
    while "close" not in wire.sent:
        await asyncio.sleep(0.001)
    connection.on_closed("client", 1000, "")
    return wire


@pytest.fixture(scope="module")
def undisturbed():
    catalogue.schemas()
    sound.warm_up()
    return asyncio.run(played(0.0))


@pytest.mark.parametrize("stall", [0.0, 0.03, 0.2])
def test_a_reply_is_cut_after_the_same_frame_and_all_figures_stay_the_same(undisturbed, stall):
    wire = asyncio.run(played(stall))
    assert FRAMES_OF_A_SECOND in wire.sent
    assert wire.sent == undisturbed.sent
    assert wire.bodies == undisturbed.bodies
