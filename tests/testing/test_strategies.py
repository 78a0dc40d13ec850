"""What the strategies draw is valid, whoever looks at it, and shrinks well; only who asks for them loads them."""

import json
import re
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given
from hypothesis import settings as trials

from mockagent import catalogue
from mockagent.errors import NoSuchName
from mockagent.fuzz.bases import parts
from mockagent.protocol.codec import decode, encode
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Side
from mockagent.protocol.formats import output_format, unspeakable
from mockagent.protocol.judge import Judge
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.switches import Switches
from mockagent.testing import strategies

SOME = trials(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = trials(SOME, max_examples=300)
FINDING = trials(max_examples=10_000, database=None, derandomize=True, deadline=None)
EVERY_TYPE = [(dialect, side, type) for (dialect, side), types in TYPES.items() for type in types]
every_type = pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: "/".join(of))
every_dialect = pytest.mark.parametrize("dialect", Dialect)


def checked(dialect, side, body):
    return Message(body["type"], body, catalogue.schemas().problems(dialect, side, body))


def observed(dialect, events, think_live=False):
    """The ids of what a judge finds in these events."""
    judge = Judge(catalogue.requirements(), Switches(think_live=think_live), dialect)
    return [each.requirement.id for event in events for each in judge.observe(event)]


@every_type
def test_messages_of_each_type_have_no_finding_and_survive_the_wire(of):
    dialect, side, type = of

    @SOME
    @given(strategies.messages(dialect, side, type))
    def check(body):
        assert body["type"] == type
        assert checked(dialect, side, body).problems == ()
        assert decode(encode(body)).body == body

    check()


@pytest.mark.parametrize(("dialect", "side"), TYPES)
def test_messages_of_no_type_in_particular_are_of_them_all(dialect, side):
    seen = set()

    @MANY
    @given(strategies.messages(dialect, side))
    def check(body):
        seen.add(body["type"])

    check()
    assert seen == set(TYPES[dialect, side])


@every_type
def test_giants_have_no_finding_either(of):
    dialect, side, type = of

    @trials(SOME, max_examples=5)
    @given(strategies.giants(dialect, side, type))
    def check(body):
        assert checked(dialect, side, body).problems == ()
        assert isinstance(decode(encode(body)), Message)

    check()


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_giants_are_huge_deep_odd_and_large():
    texts = strategies.giants("v1", "client", "InjectUserMessage")
    assert (
        len(find(texts, lambda body: len(body["content"]) >= 250_000, settings=FINDING)["content"]) == 250_000
    )
    assert find(texts, lambda body: "\ud800" in body["content"], settings=FINDING)
    anything = strategies.giants("v1", "client", "__customToThinkProvider")
    assert str(find(anything, lambda body: str(body).count("[") > 70, settings=FINDING)).count("[") == 75
    numbers = strategies.giants("v1", "server", "FrustrationDetected")
    assert find(numbers, lambda body: body["count"] > 2**64, settings=FINDING)


@every_dialect
def test_no_judge_finds_anything_in_settings_and_every_server_can_speak(dialect):
    @MANY
    @given(strategies.settings(dialect))
    def check(body):
        opened = Event(0.0, Side.SERVER, Opened(dialect))
        assert observed(dialect, [opened, Event(0.1, Side.CLIENT, checked(dialect, Side.CLIENT, body))]) == []
        assert unspeakable(output_format(body, dialect), has_codecs=True) is None
        assert isinstance(body["agent"], dict)

    check()


def test_settings_can_ask_for_what_is_not_there_for_everyone():
    live = strategies.settings(think_live=True)
    assert find(live, lambda body: "think_live" in body["agent"], settings=FINDING)["agent"].keys() == {
        "think_live"
    }
    stored = strategies.settings(stored=True)
    assert isinstance(
        find(stored, lambda body: isinstance(body["agent"], str), settings=FINDING)["agent"], str
    )


def thinks(body):
    think = body["agent"].get("think", [])
    return think if isinstance(think, list) else [think]


PLAIN_THINK = {"provider": {"type": "open_ai", "model": "gpt-5"}}
WARM_THINK = {"provider": {"type": "open_ai", "model": "gpt-5", "temperature": 2.0}}
SAID = {"type": "History", "role": "user", "content": ""}
ODD_PARTS = 3


@pytest.mark.parametrize(
    ("is_wanted", "agent"),
    [
        (lambda body: True, {}),
        (lambda body: "greeting" in body["agent"], {"greeting": ""}),
        (lambda body: len(body["agent"].get("greeting", "")) > 3, {"greeting": "0000"}),
        (lambda body: thinks(body), {"think": PLAIN_THINK}),
        (
            lambda body: any("functions" in each for each in thinks(body)),
            {"think": {**PLAIN_THINK, "functions": []}},
        ),
        (lambda body: len(thinks(body)) == 2, {"think": [PLAIN_THINK, PLAIN_THINK]}),
        (
            lambda body: any(each["provider"].get("temperature", 0) > 1 for each in thinks(body)),
            {"think": WARM_THINK},
        ),
        (lambda body: body["agent"].get("context", {}).get("messages"), {"context": {"messages": [SAID]}}),
    ],
)
def test_settings_shrink_to_little_more_than_what_matters(is_wanted, agent):
    """Another alternative than the plainest may remain, with what it needs, but nothing beside it."""
    found = find(strategies.settings(), lambda body: bool(is_wanted(body)), settings=FINDING)
    assert found.keys() == {"type", "audio", "agent"}
    assert found["agent"].keys() == agent.keys()
    assert parts(found) <= parts({"type": "Settings", "audio": {}, "agent": agent}) + ODD_PARTS


@every_dialect
def test_nobody_finds_anything_in_conversations(dialect):
    lengths = []

    @trials(SOME, max_examples=60)
    @given(strategies.conversations(dialect))
    def check(events):
        assert observed(dialect, events) == []
        assert [event.at for event in events] == sorted(event.at for event in events)
        lengths.append(len(events))

    check()
    assert max(lengths) > 25


@every_dialect
def test_conversations_reach_most_of_what_can_be_said(dialect):
    seen = set()

    @trials(SOME, max_examples=250)
    @given(strategies.conversations(dialect))
    def check(events):
        seen.update((each.sender, getattr(each.content, "type", type(each.content))) for each in events)

    check()
    wanted = {(side, type) for side in Side for type in TYPES[dialect, side]}
    assert {(Side.CLIENT, Audio), (Side.SERVER, Audio), (Side.CLIENT, Closed), (Side.SERVER, Closed)} <= seen
    enabled = ("UpdateThink_Live", "ThinkLiveUpdated", "FrustrationDetected", "__customFromThinkProvider")
    assert wanted - seen <= {(side, type) for side in Side for type in enabled}


def test_conversations_shrink_to_what_leads_on():
    events = find(
        strategies.conversations(),
        lambda events: any(getattr(each.content, "type", "") == "UserStartedSpeaking" for each in events),
        settings=trials(FINDING, max_examples=500),
    )
    said = [getattr(each.content, "type", "opened") for each in events]
    assert said == ["opened", "Welcome", "Settings", "SettingsApplied", "UserStartedSpeaking"]


@every_dialect
def test_conversations_keep_to_their_length(dialect):
    @SOME
    @given(strategies.conversations(dialect, most=4))
    def check(events):
        inside = [each for each in events if not isinstance(each.content, Closed | Opened)]
        is_failed = any(getattr(each.content, "type", "") == "Error" for each in inside)
        assert len(inside) <= 4 + is_failed

    check()


@pytest.mark.parametrize(("dialect", "side"), TYPES)
def test_one_illegal_step_is_found_and_nothing_before_it(dialect, side):
    @trials(SOME, max_examples=50)
    @given(strategies.one_illegal_step(dialect, side))
    def check(drawn):
        before, wrong = drawn
        assert observed(dialect, before) == []
        assert wrong.sender is side
        assert observed(dialect, [*before, wrong]) != []
        assert observed(dialect, [*before, replace(wrong, at=wrong.at + 0.001)]) != []

    check()


def test_a_type_that_the_side_does_not_send_is_told_the_nearest():
    with pytest.raises(NoSuchName, match="did you mean 'SettingsApplied'"):
        strategies.messages("v1", "server", "SettingsApplyed")
    with pytest.raises(NoSuchName):
        strategies.messages("v1", "server", "Settings")


@pytest.mark.parametrize("module", ["hypothesis", "mockagent.fuzz"])
def test_neither_serving_nor_testing_loads_them(module):
    code = (
        "import sys, mockagent.cli.serve, mockagent.server.app, mockagent.testing, mockagent.testing.plugin;"
        f"sys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_hypothesis_the_cure_is_said():
    code = "import sys; sys.modules['hypothesis'] = None; import mockagent.testing.strategies"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'mockagent[fuzz]'" in result.stderr


def test_the_example_of_the_readme_runs(monkeypatch):
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = [
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "strategies" in block
    ]
    heard = []
    client = types.ModuleType("my_client")
    client.understand = lambda data: heard.append(json.loads(data)["type"])
    monkeypatch.setitem(sys.modules, "my_client", client)
    names = {}
    exec(example, names)
    names["test_every_message_is_understood"]()
    assert len(set(heard)) > 15
