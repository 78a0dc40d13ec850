"""The five lines of the README, as they stand there but for the port and the number of runs."""

import re
from pathlib import Path

import pytest
from wrong_server import between

from mockagent.testing import serving
from mockagent.testing.machine import running

TEXT = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
THERE = "ws://127.0.0.1:8080/v1/agent/converse"


@pytest.fixture
def test_of(monkeypatch):
    """The test that the README shows, for the server at an address."""
    monkeypatch.setattr(running, "_RUNS", 3)
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (example,) = [block for block in blocks if "import run_state_machine" in block]
    assert THERE in example
    assert len([line for line in example.splitlines() if line]) <= 5

    def at(url):
        names = {}
        exec(example.replace(THERE, url), names)
        return names["test_my_server_keeps_to_the_protocol"]

    return at


def welcomes_with_a_number(body, memory):
    return {**body, "request_id": 7} if body["type"] == "Welcome" else body


def test_the_example_passes_with_a_right_server_and_fails_with_a_wrong_one(test_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Hypothesis keeps there what it has found
    with serving(expect_finished=False, allow_findings=True) as server:
        test_of(server.url)()
        assert any(session.sent for session in server.sessions)
        with (
            between(server.url, welcomes_with_a_number) as url,
            pytest.raises(AssertionError, match="/request_id: expected a string"),
        ):
            test_of(url)()
