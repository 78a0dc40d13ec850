"""The plays that a client can be given of one scenario, and what it does with a server that leaves it."""

import asyncio

from mockagent.protocol.events import Closed, Side
from mockagent.scenario.lines import Line
from mockagent.scenario.model import (
    AgentTurn,
    ClientCloses,
    ClientSends,
    Either,
    Reaction,
    Scenario,
    ServerCloses,
    ServerSends,
)
from mockagent.testing import ReferenceClient, serving
from mockagent.testing.client import lines_to_play

HELLO, BYE = AgentTurn(texts=("Hello.",)), AgentTurn(texts=("Bye.",))
CLOSES = ClientCloses()
UPDATE = {"type": "UpdatePrompt"}


def plays_of(*steps, reactions=()):
    scenario = Scenario(name="x", summary="x", steps=steps, reactions=reactions)
    return [[line.step for line in play] for play in lines_to_play(scenario)]


def test_each_branch_is_in_a_play():
    assert plays_of(Either(branches=((HELLO,), (BYE,))), CLOSES) == [[HELLO, CLOSES], [BYE, CLOSES]]


def test_each_reaction_is_played_before_the_end_of_the_first_play():
    reaction = Reaction(pattern=UPDATE, steps=(BYE,))
    cue = ClientSends(pattern=UPDATE)
    assert plays_of(HELLO, CLOSES, reactions=(reaction,)) == [[HELLO, CLOSES], [HELLO, cue, BYE, CLOSES]]
    assert plays_of(HELLO, reactions=(reaction,)) == [[HELLO], [HELLO, cue, BYE]]


def test_a_reaction_that_ends_the_session_is_not_played():
    reaction = Reaction(pattern=UPDATE, steps=(ServerSends(body={"type": "Error"}),))
    assert plays_of(HELLO, CLOSES, reactions=(reaction,)) == [[HELLO, CLOSES]]


def test_what_it_got_is_kept_in_order_and_judged():
    with serving("greeting_only", speed=20) as server:
        client = ReferenceClient(server.scenarios[0], speed=20)
        account = asyncio.run(client.play(server.url))
    assert [message["type"] for message in account.received][:2] == ["Welcome", "SettingsApplied"]
    assert account.sent[0]["type"] == "Settings"
    assert len(account.audio) > 24_000
    assert account.violations == []
    assert (account.events[-1].sender, account.events[-1].content) == (Side.CLIENT, Closed(1000))


def test_a_server_that_leaves_first_is_seen_to():
    closes = Scenario(name="x", summary="x", steps=(HELLO, ServerCloses(code=1011, reason="broken")))
    waits = (Line((0,), HELLO), Line((1,), BYE))
    with serving(closes, speed=20) as server:
        client = ReferenceClient(closes, waits, speed=20)
        account = asyncio.run(client.play(server.url))
    assert not client.is_over
    assert (account.events[-1].sender, account.events[-1].content) == (Side.SERVER, Closed(1011, "broken"))
