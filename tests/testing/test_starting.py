"""How a test asks for a server."""

import asyncio
import json
from contextlib import ExitStack
from urllib.request import ProxyHandler, build_opener

import pytest
from websockets.exceptions import InvalidStatus

from mockagent import catalogue
from mockagent.errors import NoSuchName, ScenarioError, ServerError
from mockagent.testing import ReferenceClient, serving

SCENARIO = """
name: short
summary: The agent greets
steps:
  - agent: Hello.
  - client: {closes: true}
"""


def names(*sources, **options):
    with serving(*sources, expect_finished=False, **options) as server:
        return [scenario.name for scenario in server.scenarios]


def test_scenarios_come_by_name_file_folder_value_and_as_text(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text(SCENARIO.replace("short", "one"))
    value = catalogue.load_scenario(file)
    assert names("barge_in") == ["barge_in"]
    assert names(str(file)) == names(file) == names(tmp_path) == names(value) == ["one"]
    assert names("barge_in", value, yaml=SCENARIO) == ["barge_in", "one", "short"]
    assert names() == []


def test_what_is_wrong_with_a_text_is_said_with_its_line():
    with pytest.raises(ScenarioError, match=r"^inline\.yaml:5:5: .*, got 'agnet'; did you mean 'agent'\?"):
        serving(yaml=SCENARIO.replace("agent:", "agnet:"))


@pytest.mark.parametrize("where", ["yaml", "file"])
def test_a_scenario_that_breaks_a_rule_unsaid_is_not_served(where, tmp_path):
    text = SCENARIO.replace("- client", "- server: AgentAudioDone\n  - client")
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match=r"\.yaml:6:\d+: AgentAudioDone breaks AUD-008"):
        serving(yaml=text) if where == "yaml" else serving(file)


def test_only_the_right_key_comes_in(call):
    with serving(api_key="right", expect_finished=False) as server:
        with pytest.raises(InvalidStatus, match="401"), call(server.url, api_key="wrong"):
            pass
        with call(server.url, api_key="right") as client:
            client.until("Welcome")


def test_no_more_sessions_than_allowed_come_in(call):
    with ExitStack() as calls, serving(max_sessions=1, expect_finished=False) as server:
        calls.enter_context(call(server.url))
        with pytest.raises(InvalidStatus, match="429"):
            calls.enter_context(call(server.url))


def test_an_unknown_requirement_is_refused():
    with pytest.raises(NoSuchName, match="no requirement named 'SET-999'"):
        serving(allow_findings=["SET-999"])


def test_one_requirement_may_stand_alone():
    with pytest.raises(NoSuchName, match="no requirement named 'SET-999'"):
        serving(allow_findings="SET-999")
    serving(allow_findings="FUN-005", expect_finished=False).stop()


@pytest.mark.parametrize("speed", ["10", True, None, 0, -1, float("nan"), float("inf")])
def test_what_is_no_speed_is_refused(speed):
    with pytest.raises(ValueError, match=r"^expected a number above 0 as the speed, got "):
        serving(speed=speed)


def test_an_unknown_tolerance_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"^expected .*faithful.* as the tolerance, got 'severe'"):
        serving(tolerance="severe")


def test_a_seed_repeats_the_ids(call):
    ids = []
    for _ in range(2):
        with serving(seed=7, expect_finished=False) as server, call(server.url) as client:
            ids.append(client.until("Welcome")["request_id"])
    assert ids[0] == ids[1]


def test_traces_are_written_where_they_are_wanted(tmp_path, call):
    with serving(trace=tmp_path, expect_finished=False) as server:
        with call(server.url) as client:
            client.until("Welcome")
        server.wait_for_close()
    [file] = tmp_path.iterdir()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[1:-1] == server.trace[1:-1]


def test_plain_requests_are_answered_too():
    direct = build_opener(ProxyHandler({}))
    with (
        serving(expect_finished=False) as server,
        direct.open(f"{server.http_url}/v1/agent/settings/think/models", timeout=60) as answer,
    ):
        assert "models" in json.load(answer)


ORDERS = """
name: orders
summary: The shop is asked
steps:
  - user: Hi
    when: text
  - call: {order_status: {}}
    server_side: true
    as: status
  - agent: It says ${status}
  - client: {closes: true}
"""


def ask_the_shop(url, **options):
    scenario = catalogue.scenario_of(ORDERS, "orders.yaml")
    client = ReferenceClient(scenario, endpoint=url, speed=20)
    with serving(scenario, speed=20, **options) as server:
        asyncio.run(asyncio.wait_for(client.play(server.url), 60))
    said = [message["content"] for message in server.sessions[0].sent if message.get("role") == "assistant"]
    return said[0], server.troubles


def test_functions_are_called_on_this_machine_and_where_the_test_allows_it(new_endpoint):
    endpoint = new_endpoint("0.0.0.0")
    assert ask_the_shop(endpoint.url) == ('It says {"status": "shipped"}', [])
    said, (trouble,) = ask_the_shop(endpoint.url_at("0.0.0.0"))
    assert (said, endpoint.connections) == ("It says {}", 1)
    assert "in a test: allow_host='0.0.0.0'" in trouble
    allowed = ask_the_shop(endpoint.url_at("0.0.0.0"), allow_host="0.0.0.0")
    assert allowed == ('It says {"status": "shipped"}', [])


def test_a_host_that_is_none_is_refused():
    with pytest.raises(ServerError, match="expected a host such as"):
        serving(allow_host="https://api.example.com")
