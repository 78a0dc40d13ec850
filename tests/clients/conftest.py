"""Fixtures that run published SDKs against this project's server.

`plays` has one client act all its scenarios at the same time; each test then looks at one of them.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

# The tests are imported by file, so this folder's own modules are not found otherwise.
sys.path.insert(0, str(Path(__file__).parent))

from compiled import COMPILED, UNANSWERING, program
from playing import Play, play
from published import SDKS

INTENTS = {
    "barge_in": {"do": "talk", "replies": 2},
    "function_call": {"do": "talk", "replies": 2},
    "injection_refused": {"do": "inject", "message": "Hold on, please.", "replies": 1},
}


@pytest.fixture(scope="session", params=[*SDKS, *(COMPILED.keys() - UNANSWERING)])
def driver(request: pytest.FixtureRequest) -> list[str]:
    """The command that starts one SDK's driver; its environment is made when it is not there."""
    return SDKS[request.param].command() if request.param in SDKS else program(request.param)


@pytest.fixture(scope="session")
def plays(driver: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Play]:
    """How each scenario of INTENTS went for one SDK, by the scenario's name."""
    folders = {scenario: tmp_path_factory.mktemp(scenario) for scenario in INTENTS}
    with ThreadPoolExecutor(len(INTENTS)) as stage:
        running = {
            scenario: stage.submit(play, driver, scenario, intent, folders[scenario])
            for scenario, intent in INTENTS.items()
        }
        return {scenario: future.result() for scenario, future in running.items()}
