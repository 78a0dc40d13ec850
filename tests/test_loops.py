"""The loop's clock leaves out what the machine took away, and nothing else; the wall here is turned by the tests."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from mockagent import loops
from mockagent.loops import LOOKS_EVERY, NOTICED, new_loop

LONG = 5.0
"""Seconds for which the machine stops."""
A_BIT = 0.2
"""Seconds of the wall's own, in which the rest of a test happens: much less than LONG."""
LIMIT = 60


class Wall:
    """The wall's time, of which as much more passes as the tests say."""

    def __init__(self):
        self.more = 0.0

    def __call__(self):
        return time.monotonic() + self.more


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def loop(wall):
    made = new_loop(wall)
    yield made
    made.close()


def test_a_stop_in_a_wait_is_left_out(loop, wall):
    async def waits():
        threading.Timer(2 * LOOKS_EVERY, stop).start()
        began_at = loop.time()
        await asyncio.sleep(5 * LOOKS_EVERY)
        return loop.time() - began_at

    def stop():
        wall.more += LONG

    assert 5 * LOOKS_EVERY <= loop.run_until_complete(waits()) < LONG


def test_a_limit_is_not_over_because_the_machine_stopped(loop, wall):
    async def waits():
        async with asyncio.timeout(LONG):
            for _ in range(3):
                threading.Timer(LOOKS_EVERY / 2, stop).start()
                await asyncio.sleep(LOOKS_EVERY)

    def stop():
        wall.more += LONG

    loop.run_until_complete(waits())


def test_a_turn_that_is_too_long_is_left_out(loop, wall):
    async def works():
        began_at = loop.time()
        wall.more += LONG
        while_it_lasts = loop.time()
        await asyncio.sleep(0)
        assert began_at <= while_it_lasts <= loop.time()
        return loop.time() - began_at

    assert loop.run_until_complete(works()) < 2 * NOTICED + A_BIT


def test_the_clock_never_goes_back(loop, wall):
    async def works():
        seen = [loop.time()]
        for stopped_for in (0.0, NOTICED / 2, 2 * NOTICED, LONG, 0.0):
            wall.more += stopped_for
            seen.append(loop.time())
            await asyncio.sleep(0)
            seen.append(loop.time())
            await asyncio.sleep(0.001)
            seen.append(loop.time())
        return seen

    seen = loop.run_until_complete(works())
    assert seen == sorted(seen)


def test_a_wait_without_end_takes_the_time_that_it_takes(loop, wall):
    async def waits():
        said = asyncio.Event()

        def say():
            wall.more += LONG
            loop.call_soon_threadsafe(said.set)

        began_at = loop.time()
        threading.Timer(A_BIT, say).start()
        await said.wait()
        return loop.time() - began_at

    assert loop.run_until_complete(waits()) >= LONG


def test_short_waits_are_as_long_as_on_the_wall(loop, wall):
    """What is not NOTICED counts: no clock would be right that leaves out a little each time."""

    async def waits():
        began_at = loop.time()
        for _ in range(20):
            wall.more += NOTICED / 2
            await asyncio.sleep(0)
        return loop.time() - began_at

    assert loop.run_until_complete(waits()) >= 10 * NOTICED


def test_run_is_on_such_a_loop_and_gives_what_came_of_it(monkeypatch):
    made = []
    monkeypatch.setattr(loops, "new_loop", lambda: made.append(new_loop()) or made[-1])

    async def answers():
        assert asyncio.get_running_loop() is made[0]
        return 42

    assert loops.run(answers()) == 42
    assert made[0].is_closed()


CLIENT = """
import json, os
from websockets.sync.client import connect
headers = {"Authorization": "Token any"}
with connect(os.environ["MOCKAGENT_URL"], additional_headers=headers, proxy=None, open_timeout=60) as client:
    client.recv()
    print("connected", flush=True)
    input()
    client.send(json.dumps({"type": "Settings", "audio": {}, "agent": {"greeting": "Hello."}}))
    while '"AgentAudioDone"' not in str(client.recv(60)):
        pass
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="there are no such signals here")
def test_a_server_that_was_stopped_past_a_limit_goes_on_as_if_nothing_had_been(tmp_path):
    """Settings are due after ten seconds of the session, at this speed half of one of the wall."""
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path)}
    program = [sys.executable, "-m", "mockagent", "run", "greeting_only", "--speed", "20"]
    with subprocess.Popen(
        [*program, "--", sys.executable, "-c", CLIENT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as run:  # fmt: skip
        try:
            assert run.stdout.readline() == "connected\n"
            run.send_signal(signal.SIGSTOP)
            time.sleep(1.5)
            run.send_signal(signal.SIGCONT)
            _, told = run.communicate("\n", timeout=LIMIT)
        finally:
            run.kill()
    assert run.returncode == 0, told
    assert "greeting_only: finished" in told
