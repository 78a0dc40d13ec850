"""Where the live service is, and which paths and types each dialect has there."""

from mockagent.protocol.events import Dialect
from mockagent.protocol.message_types import LIVE_HOSTS, PATHS


def test_the_hosts_are_the_usual_one_that_of_the_api_and_those_of_the_regions():
    """Source: https://developers.deepgram.com/reference/regional-endpoints."""
    regional = {f"api.{region}.deepgram.com" for region in ("eu", "au", "in")}
    assert set(LIVE_HOSTS) == {"agent.deepgram.com", "api.deepgram.com"} | regional


def test_each_dialect_has_its_path():
    assert PATHS == {Dialect.V1: "/v1/agent/converse", Dialect.EARLY_ACCESS: "/agent"}
