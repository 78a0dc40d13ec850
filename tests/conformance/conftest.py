"""Cases of bundled scenarios, and commands that are no client."""

import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.conformance.planning import cases_of

PEERS = Path(__file__).parent / "peers.py"


def scenario(name):
    return catalogue.proved_scenario(catalogue.find_scenario(name))


def peer(name):
    return (sys.executable, str(PEERS), name)


@pytest.fixture(name="cases_of")
def fixture_cases_of():
    """Every case of these scenarios, by name."""

    def cases(*names, level=1, speed=20.0):
        found = cases_of(map(scenario, names), catalogue.requirements(), level=level, speed=speed)
        return {case.id: case for case in found}

    return cases


@pytest.fixture(name="peer")
def fixture_peer():
    return peer
