"""The URL of a server under test: what it says, and what of it is shown."""

import pytest

from mockagent.conformance.server.target import Target
from mockagent.protocol.events import Dialect

V1 = "wss://agent.deepgram.com/v1/agent/converse"


def test_the_live_service_is_told_no_scenario():
    target = Target(V1)
    assert (target.problem, target.names_scenarios, target.dialect, target.is_here) == (
        *("", False, Dialect.V1),
        False,
    )


def test_names_are_put_in_as_a_url_wants_them():
    target = Target("ws://127.0.0.1:1/agent?scenario={scenario}&c={case}")
    assert target.names_scenarios
    assert target.dialect is Dialect.EARLY_ACCESS
    assert target.for_case("a b", "x#2") == "ws://127.0.0.1:1/agent?scenario=a%20b&c=x%232"


@pytest.mark.parametrize(
    "url", ["agent.deepgram.com", "https://agent.deepgram.com", "ws://", "ws://host:port/", "ws://[::1/"]
)
def test_what_is_no_url_of_a_websocket_is_said(url):
    assert Target(url).problem.startswith("expected ws://HOST")


def test_secrets_in_the_url_are_not_shown():
    target = Target("ws://me:sesame@host/v1?token=sesame&scenario={scenario}")
    assert "password" in target.problem
    assert "sesame" not in target.problem
    assert target.shown == "ws://host/v1?token=[redacted]&scenario={scenario}"
