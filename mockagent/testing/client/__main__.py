"""`python -m mockagent.testing.client`: the reference client as a command under test, as `conform client` starts it.

It reads the environment of the contract, plays the client's part of the case, and exits with 0 when that came to
its end, 1 when not, and 127 for an intent that it does not know.
"""

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from websockets.exceptions import InvalidStatus

from mockagent import catalogue, loops
from mockagent.client.endpoint import functions
from mockagent.client.shell import ReferenceClient
from mockagent.protocol.events import Dialect
from mockagent.scenario.lines import lines_to_play
from mockagent.scenario.model import Scenario
from mockagent.testing.client.observer import Observer

KNOWN = frozenset({"talk", "inject", "play"})
UNKNOWN_INTENT = 127


def observe(line: Mapping[str, Any]) -> None:
    """Add a line to the file for what the application saw, if there is to be one."""
    path = os.environ.get("MOCKAGENT_OBSERVE")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


async def play(scenario: Scenario, number: int, pace: float, endpoint: str) -> bool:
    """Whether the client came to the end of its part, in all connections that the scenario makes it try."""
    is_over = True
    for attempt in range(1, len(scenario.attempts) + 2):
        as_told = scenario.for_attempt(attempt)
        lines = lines_to_play(as_told)[number - 1 if not scenario.attempts else 0]
        client = ReferenceClient(
            as_told,
            lines,
            speed=pace,
            api_key=os.environ["DEEPGRAM_API_KEY"],
            endpoint=endpoint,
            sees=Observer(observe).see,
        )
        with contextlib.suppress(InvalidStatus):
            await client.play(os.environ["MOCKAGENT_URL"])
            is_over = is_over and client.is_over
    return is_over


def main() -> int:
    intent = json.loads(os.environ["MOCKAGENT_INTENT"])
    if intent["do"] not in KNOWN:
        return UNKNOWN_INTENT
    _, _, number = os.environ["MOCKAGENT_CASE"].partition("#")
    scenario = catalogue.load_scenario(catalogue.find_scenario(os.environ["MOCKAGENT_SCENARIO"]))
    # The sanity case is one scenario for both dialects.
    dialect = Dialect.EARLY_ACCESS if os.environ["MOCKAGENT_URL"].endswith("/agent") else Dialect.V1
    scenario = replace(scenario, dialect=dialect)
    with functions() as endpoint:
        return 0 if loops.run(play(scenario, int(number or 1), intent["pace"], endpoint)) else 1


if __name__ == "__main__":
    sys.exit(main())
