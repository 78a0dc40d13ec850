"""Fixtures that run published SDKs against this project's server.

`plays` has one client act all its scenarios at the same time; each test then looks at one of them.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

# The tests are imported by file, so this folder's own modules are not found otherwise.
sys.path.insert(0, str(Path(__file__).parent))

from environments import CLIENTS, find_node, node_with, python_with
from playing import Play, play

INTENTS = {
    "barge_in": {"do": "talk", "replies": 2},
    "function_call": {"do": "talk", "replies": 2},
    "injection_refused": {"do": "inject", "message": "Hold on, please.", "replies": 1},
}


@dataclass(frozen=True, slots=True)
class Client:
    """A published SDK and the driver that uses it; `requirements` names its packages with exact versions."""

    driver: str
    requirements: str

    def command(self) -> list[str]:
        """How to start the driver; makes the environment for it when there is none."""
        requirements = CLIENTS / self.requirements
        if requirements.suffix == ".txt":
            return [str(python_with(requirements)), str(CLIENTS / self.driver)]
        tools = find_node()
        folder = node_with(requirements, tools)
        beside = ["--preserve-symlinks", "--preserve-symlinks-main"]
        return [*tools.node, *beside, str(folder / "clients" / self.driver)]


EARLY_ACCESS = {"python_3": Client("python_3/driver.py", "python_3/requirements.txt")}
"""The SDKs of the dialect before v1, which play none of INTENTS."""

SDKS = {
    "python_7": Client("python_7/driver.py", "python_7/requirements.txt"),
    "python_7_async": Client("python_7/driver_async.py", "python_7/requirements.txt"),
    "python_5": Client("python_5/driver.py", "python_5/requirements.txt"),
    "python_4": Client("python_4/driver.py", "python_4/requirements.txt"),
    "javascript_5": Client("javascript_5/driver.mjs", "javascript_5/package.json"),
    "javascript_4": Client("javascript_4/driver.cjs", "javascript_4/package.json"),
}


@pytest.fixture(scope="session", params=SDKS)
def driver(request: pytest.FixtureRequest) -> list[str]:
    """The command that starts one SDK's driver; its environment is made when it is not there."""
    return SDKS[request.param].command()


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
