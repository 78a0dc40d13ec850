"""A published SDK against the state machine, which plays the server: in many orders that no scenario has."""

import json

from hypothesis import HealthCheck
from hypothesis import settings as trials
from published import SDKS

from mockagent.testing import run_state_machine

FEW = trials(max_examples=4, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
TALKS_UNTIL_THE_END = {"do": "talk", "replies": 1_000_000}


def test_an_sdk_takes_whatever_a_server_may_do(monkeypatch):
    monkeypatch.setenv("MOCKAGENT_INTENT", json.dumps(TALKS_UNTIL_THE_END))
    run_state_machine(SDKS["javascript_5"].command(), settings=FEW, steps=8, patience=30.0)
