"""Every program that plays intents gives those functions an endpoint that the server is to run, and no others."""

import json

import pytest
from compiled import COMPILED, program
from playing import SPEED, drive, serving, task
from published import SDKS

from mockagent import catalogue
from mockagent.conformance.intents import intent_of
from mockagent.scenario.lines import lines_to_play


def intent(name):
    scenario = catalogue.load_scenario(catalogue.find_scenario(name))
    return {**intent_of(lines_to_play(scenario)[0], scenario.dialect, SPEED), "do": "play"}


def at_endpoints(command, name, folder):
    """The functions in the Settings that a driver sends for this scenario, and which of them have an endpoint."""
    with serving(name, folder, "--trace", str(folder / "traces")) as server:
        where = {"MOCKAGENT_URL": server.url, "MOCKAGENT_HTTP_URL": server.http_url}
        drive(command, {**task(intent(name), folder), **where}, folder)
        server.ended()
    (path,) = (folder / "traces").glob("*.jsonl")
    messages = [json.loads(line).get("message", {}) for line in path.read_text("utf-8").splitlines()]
    (settings,) = [message for message in messages if message.get("type") == "Settings"]
    return {each["name"]: "endpoint" in each for each in settings["agent"]["think"]["functions"]}


@pytest.mark.parametrize("client", ["python_7", "javascript_5", *COMPILED])
@pytest.mark.parametrize(
    ("scenario", "defined"),
    [("server_side_function", {"order_status": True}), ("deferred_call_discarded", {"end_call": False})],
)
def test_only_what_the_server_is_to_run_is_at_an_endpoint(client, scenario, defined, tmp_path):
    command = program(client) if client in COMPILED else SDKS[client].command()
    assert at_endpoints(command, scenario, tmp_path) == defined
