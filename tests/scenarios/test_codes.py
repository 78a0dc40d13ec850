"""Every code of an Error or a Warning: in one line of a scenario, over a socket, and in a bundled scenario."""

import asyncio

import pytest

from mockagent import catalogue
from mockagent.protocol import codes
from mockagent.protocol.causes import wanting
from mockagent.protocol.codes import CODES, Kind
from mockagent.protocol.events import Closed, Dialect, Message, Side
from mockagent.scenario.unfold import unfolded
from mockagent.testing import ReferenceClient, serving

SPEED = 20


def played(steps, dialect=Dialect.V1):
    """What the client got of a scenario with these steps after the greeting, and how the script ended."""
    top = f"name: one_line\nsummary: One line\ndialect: {dialect}\nsteps:\n"
    scenario = catalogue.scenario_of(f"{top}  - agent: Hello.\n{steps}", "one_line.yaml")
    client = ReferenceClient(scenario, speed=SPEED)
    with serving(scenario, speed=SPEED) as server:
        url = server.url if dialect is Dialect.V1 else server.early_access_url
        asyncio.run(asyncio.wait_for(client.play(url), 60))
    assert server.sessions[0].ending == "finished"
    return client.account


@pytest.mark.parametrize("name", codes.of_kind(Kind.ERROR))
@pytest.mark.parametrize("dialect", Dialect)
def test_an_error_is_the_last_message_and_the_close_after_it_is_empty(name, dialect):
    account = played(f"  - error: {name}\n", dialect)
    assert account.received[-1] == codes.error(dialect, name)
    assert (account.events[-1].sender, account.events[-1].content) == (Side.SERVER, Closed(None))
    assert {each.requirement.id for each in account.violations} <= wanting({"code": name})


@pytest.mark.parametrize("name", codes.of_kind(Kind.WARNING))
def test_after_a_warning_the_session_goes_on(name):
    account = played(f"  - warning: {name}\n  - agent: Still here.\n  - client: {{closes: true}}\n")
    types = [body["type"] for body in account.received]
    assert codes.warning(name) in account.received
    assert types.index("Warning") < len(types) - 1 - types[::-1].index("AgentAudioDone")
    assert (account.events[-1].sender, account.events[-1].content) == (Side.CLIENT, Closed(1000))
    assert {each.requirement.id for each in account.violations} <= wanting({"code": name})


def test_every_code_is_in_a_bundled_scenario():
    scenarios = map(catalogue.load_scenario, catalogue.bundled_scenarios())
    beats = (
        beat for each in scenarios for play in unfolded(each, catalogue.requirements()) for beat in play.beats
    )
    sent = {
        beat.content.body.get("code")
        for beat in beats
        if isinstance(beat.content, Message) and beat.content.type in list(Kind)
    }
    assert set(CODES) - sent == set()
