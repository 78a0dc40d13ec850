"""Scenarios that differ by connection: each is played by one client after the other, as a client that comes back."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from mockagent import catalogue
from mockagent.testing import ReferenceClient, serving
from mockagent.testing.client import lines_to_play

SPEED = 5
"""Slow enough for a busy machine: the limits of the service shrink with the time, and three clients must meet them."""
WITHIN = 60
DIFFERING = [path for path in catalogue.bundled_scenarios() if catalogue.load_scenario(path).attempts]


def come(scenario, server):
    """One connection of a client that plays what this scenario says."""
    client = ReferenceClient(scenario, lines_to_play(scenario)[0], speed=SPEED)
    asyncio.run(asyncio.wait_for(client.play(server.url), WITHIN))
    return client


def test_there_are_some():
    assert {path.stem for path in DIFFERING} >= {"reconnect_after_503", "fragmented_and_compressed"}


@pytest.mark.parametrize("path", DIFFERING, ids=lambda path: path.stem)
def test_each_connection_is_played_as_its_attempt_says_and_the_next_one_as_the_steps_do(path):
    scenario = catalogue.proved_scenario(path)
    with serving(scenario, speed=SPEED) as server:
        for number in range(1, len(scenario.attempts) + 3):
            as_told = scenario.for_attempt(number)
            if any(each.fault.startswith("refused") for each in as_told.at_the_door):
                with pytest.raises(InvalidStatus) as refused:
                    come(as_told, server)
                assert str(refused.value.response.status_code) in as_told.at_the_door[0].fault
            else:
                assert come(as_told, server).is_over
    assert {session.ending for session in server.sessions} == {"finished"}
    assert server.findings == []


def test_a_refused_attempt_is_told_when_to_come_back_and_is_no_session():
    scenario = catalogue.proved_scenario(catalogue.find_scenario("reconnect_after_503"))
    with serving(scenario, expect_finished=False) as server:
        with pytest.raises(InvalidStatus) as refused:
            come(scenario.for_attempt(1), server)
        assert refused.value.response.headers["Retry-After"] == "1"
        assert server.sessions == []


def test_each_scenario_counts_its_own_connections():
    scenario = catalogue.proved_scenario(catalogue.find_scenario("reconnect_after_503"))
    other = catalogue.proved_scenario(catalogue.find_scenario("greeting_only"))
    with serving(scenario, other, speed=SPEED, expect_finished=False) as server:
        for name, is_refused in ((other.name, False), (scenario.name, True), (other.name, False)):
            client = ReferenceClient(other, speed=SPEED, api_key=name)
            if is_refused:
                with pytest.raises(InvalidStatus):
                    asyncio.run(client.play(server.url))
            else:
                asyncio.run(client.play(server.url))


def test_a_tag_in_settings_comes_too_late_for_the_handshake_but_counts():
    """The first connection that asks by a tag is attempt 1, whose refusal is past; it plays the steps."""
    scenario = catalogue.proved_scenario(catalogue.find_scenario("fragmented_and_compressed"))
    other = catalogue.proved_scenario(catalogue.find_scenario("greeting_only"))
    wanted = {"type": "Settings", "tags": [f"scenario:{scenario.name}"]}
    with serving(scenario, other, speed=SPEED, expect_finished=False) as server:
        lines = lines_to_play(scenario)[0]
        first = next(index for index, line in enumerate(lines) if getattr(line.step, "pattern", None))
        step = type(lines[first].step)(pattern=wanted, place=lines[first].step.place)
        tagged = (*lines[:first], type(lines[first])(lines[first].path, step), *lines[first + 1 :])
        client = ReferenceClient(scenario, tagged, speed=SPEED)
        asyncio.run(asyncio.wait_for(client.play(server.url), WITHIN))
    (session,) = server.sessions
    assert (session.scenario, session.ending) == (scenario.name, "finished")
