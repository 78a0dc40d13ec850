"""Runs of the kit against servers in the same process."""

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.conformance.planning import SANITY, Limits
from mockagent.conformance.server.campaign import ServerCampaign, Wanted
from mockagent.conformance.server.speech import Voice
from mockagent.conformance.server.target import Target
from mockagent.conformance.server.trial import How
from mockagent.scenario.duties import Words

KEY = "sesame-0123456789abcdef"


def _module(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def scenario(name):
    return catalogue.proved_scenario(catalogue.find_scenario(name))


@pytest.fixture(scope="session")
def playing_freely():
    return _module("free").playing_freely


@pytest.fixture
def against():
    """The report of a run against the server that a context manager gives the URL of."""

    def run(serving, *names, folder=None, speed=1.0, voice=Voice.TONES, step=5.0, **wanted):
        async def played():
            async with serving as url:
                how = How(Target(url), KEY, Words.FREE, voice, folder, speed, Limits(connect=2.0, step=step))
                plays = [scenario(name) for name in names]
                asked = Wanted(plays, scenario(SANITY), **{"knows_key": True, "knocks": False, **wanted})
                return await ServerCampaign(asked, how, catalogue.requirements()).run()

        return asyncio.run(played())

    return run
