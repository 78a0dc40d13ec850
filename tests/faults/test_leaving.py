"""Faults that a right client answers with a close: the real library does, and is not punished; who stays is told of."""

import asyncio
import json

import pytest
from raw_client import SETTINGS
from talks import SPEED, conversation
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from mockagent.catalogue import scenario_of
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.table import FAULTS
from mockagent.server.app import Server
from mockagent.server.options import Options

CODES = {"invalid_utf8": 1007, "unasked_compression": 1002, "oversized_text": 1009, "binary_as_text": 1007}


async def _met(text, faults):
    server = Server([scenario_of(text, "talk.yaml")], Options(speed=SPEED, faults=faults))
    ready = await server.start()
    async with (
        asyncio.timeout(60),
        connect(ready.url, additional_headers={"Authorization": "Token k"}, open_timeout=60) as socket,
    ):
        await socket.send(json.dumps(SETTINGS))
        with pytest.raises(ConnectionClosed) as left:
            while True:
                await socket.recv()
    await server.drain(5)
    await server.stop()
    (closed,) = server.closed
    return left.value.sent.code, closed


def met(text, *flags):
    """The code by which a client of the library `websockets` left, and what became of its session."""
    return asyncio.run(_met(text, tuple(map(standing, flags))))


def test_these_are_the_faults_that_the_table_has_a_client_leave():
    assert {name: each.closing.code for name, each in FAULTS.items() if each.closing} == CODES


@pytest.mark.parametrize("name", CODES)
def test_a_client_that_leaves_as_it_should_is_not_punished(name):
    code, closed = met(conversation(), name)
    assert code == CODES[name]
    assert (closed.ending, closed.is_clean, closed.unmet, closed.remarks) == ("faulted", True, (), ())


@pytest.mark.parametrize("name", ["invalid_utf8", "unasked_compression"])
def test_a_step_that_leaves_no_choice_excuses_too(name):
    _, closed = met(conversation(f"- fault: {name}", "- agent: And there is more."))
    assert (closed.ending, closed.remarks) == ("faulted", ())


def test_a_step_after_which_the_script_goes_on_wants_a_client_to_stay_that_may():
    _, closed = met(conversation("- fault: oversized_text"))
    assert (closed.ending, closed.is_clean) == ("unfinished", False)


@pytest.mark.parametrize("name", CODES)
def test_of_a_client_that_stays_it_is_said_where_it_must_not(name, plays):
    (closed,) = plays(conversation(), faults=[name]).of("session_closed")
    must = FAULTS[name].closing.must
    told = [f"after {name} a client must close with {CODES[name]} ({FAULTS[name].closing.source}); this one "]
    assert [each.partition("this one ")[0] + "this one " for each in closed.remarks] == (told if must else [])
