"""Plays a scenario over a real socket: the server's part by the server, the client's by the reference client."""

import asyncio
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockagent.conformance.planning import shortened
from mockagent.protocol.events import Dialect
from mockagent.scenario.checks import lines_of
from mockagent.scenario.lines import Lines
from mockagent.scenario.model import FaultStrikes, Scenario, Step
from mockagent.testing import ReferenceClient, serving

sys.path.insert(0, str(Path(__file__).parents[1]))

from virtual_time import Clock

SPEED = 20
NO_LONGER_THAN = 60
"""Seconds after which a play that hangs is given up."""


def broken_on_purpose(steps: tuple[Step, ...]) -> frozenset[str]:
    return frozenset().union(
        *(step.breaks for step in steps),
        *(broken_on_purpose(line) for step in steps for line in lines_of(step)),
    )


def broken_by_faults(trace: list[dict[str, Any]]) -> frozenset[str]:
    """What the server says that it has broken by the faults it inflicted, and by what came of them."""
    return frozenset(id for line in trace for id in line.get("breaks", ()))


def plays_out(scenario: Scenario, lines: Lines, endpoint: str) -> None:
    """Both parts come to their end and neither breaks a rule, each judged by what the other one got."""
    scenario = replace(shortened(scenario), attempts=())
    client = ReferenceClient(scenario, lines, speed=SPEED, endpoint=endpoint)
    with serving(scenario, speed=SPEED) as server:
        url = server.url if scenario.dialect is Dialect.V1 else server.early_access_url
        asyncio.run(asyncio.wait_for(client.play(url), NO_LONGER_THAN))

    (session,) = server.sessions
    assert [str(unmet) for unmet in session.unmet] == []
    assert session.ending == "finished"
    assert client.is_over
    assert (server.findings, server.troubles) == ([], [])
    on_purpose = broken_on_purpose(scenario.steps) | broken_by_faults(server.trace)
    seen = [v for v in client.account.violations if v.requirement.id not in on_purpose]
    assert list(map(str, seen)) == []
    # The last messages may have crossed the client's close.
    assert client.account.received == session.sent[: len(client.account.received)]
    # Nor does a server hear what is said once it has gone.
    is_gone = isinstance(scenario.steps[-1], FaultStrikes)
    assert client.account.sent[: len(session.messages) if is_gone else None] == session.messages


def complaints_of(scenario: Scenario, lines: Lines | None = None, **answers: str) -> str:
    """What the server has to say of a client that plays these lines, or answers so."""
    client = ReferenceClient(scenario, lines, speed=SPEED, answers=answers)
    server = serving(scenario, speed=SPEED)
    try:
        asyncio.run(asyncio.wait_for(client.play(server.url), NO_LONGER_THAN))
    finally:
        server.finish()
    return "\n".join(server.complaints())


@pytest.fixture(autouse=True)
def virtual_time():
    """Both parts play in a time that passes only while neither has anything to do."""
    with Clock().everywhere():
        yield


@pytest.fixture(name="plays_out")
def fixture_plays_out(endpoint):
    """Plays with functions that there really are, at an endpoint of the loopback."""
    return partial(plays_out, endpoint=endpoint.url)


@pytest.fixture(name="complaints_of")
def fixture_complaints_of():
    return complaints_of
