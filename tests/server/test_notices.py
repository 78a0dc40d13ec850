"""What a server tells: each notice is JSON and fits its schema, and the schema refuses what is not one."""

import json

import pytest
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.scenario.account import Unmet
from mockagent.scenario.actions import Strike
from mockagent.scenario.model import Place
from mockagent.server.notices import (
    FaultInflicted,
    Finding,
    Limitation,
    ProxyReady,
    ProxyRefused,
    Ready,
    RunEnded,
    SessionClosed,
    SessionOpened,
    Summary,
    Trouble,
    TurnedAway,
    as_json,
    fault_inflicted,
)

SCHEMA = read_schema("files/notice.json")
VALIDATOR = Draft202012Validator(SCHEMA)
ID = "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6"


def closed(ending="finished", broken=(), unmet=()):
    return SessionClosed(
        ID, 1, "lunch", ending, 1.5, 1.0, dict.fromkeys(broken, 1), tuple(broken), tuple(unmet)
    )


NOTICES = [
    Ready("ws://127.0.0.1:1/v1/agent/converse", "ws://127.0.0.1:1/agent", "http://127.0.0.1:1", ("lunch",)),
    Ready("wss://[::1]:1/v1/agent/converse", "wss://[::1]:1/agent", "https://[::1]:1", (), "tls/ca.pem"),
    Ready(
        "ws://h:1/agent", "ws://h:1/agent", "http://h:1", (), journal_url="http://h:1/__mockagent/sessions"
    ),
    ProxyReady("http://127.0.0.1:2", ("agent.deepgram.com",), "tls/ca.pem"),
    ProxyRefused(403, "CONNECT example.com:443 is refused."),
    SessionOpened(ID, 1, "early-access"),
    Finding(ID, 1, 0.5, "MSG-001", "MUST", "client", "A sentence.", "much", "little", "/type", "a page"),
    FaultInflicted(ID, 1, 1.25, "tcp_reset"),
    FaultInflicted(ID, None, 0.0, "refused_503"),
    FaultInflicted(ID, 1, 1.25, "delayed", "History", {"seconds": 0.5, "type": "History"}, "f.yaml:4"),
    closed(),
    closed("faulted"),
    closed("unfinished", ["MSG-001"], [Unmet(Place("f.yaml", 3, 5), "much", "little", "enough")]),
    SessionClosed(ID, 2, None, "unscripted", 0.0, 0.0, {}, (), (), "traces/1.jsonl"),
    SessionClosed(ID, 3, None, "faulted", 0.0, 0.0, {}, (), (), None, ("after this one must do that",)),
    Trouble("the disk is full"),
    Limitation("no codecs"),
    TurnedAway(ID, 401, "INVALID_AUTH", "Invalid credentials."),
    Summary(2, 1, 3.5, {"MSG-001": 2}),
    Summary(0, 0, 0.0, {}, ("tcp_reset:0.1",)),
    RunEnded(0, 1, ("lunch was not finished",)),
    RunEnded(None, 124, ("the command was stopped after 2 s",)),
]


def test_it_is_a_schema_whose_examples_fit():
    Draft202012Validator.check_schema(SCHEMA)
    for example in SCHEMA["examples"]:
        VALIDATOR.validate(example)


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.event)
def test_each_notice_is_json_that_fits(notice):
    body = json.loads(json.dumps(as_json(notice)))
    assert body["event"] == notice.event
    VALIDATOR.validate(body)


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.event)
def test_the_schema_knows_every_field_and_no_other(notice):
    body = json.loads(json.dumps(as_json(notice)))
    assert not VALIDATOR.is_valid({**body, "more": 1})
    for key in body:
        assert not VALIDATOR.is_valid({name: value for name, value in body.items() if name != key})


def test_every_kind_of_notice_is_in_the_schema():
    assert {notice.event for notice in NOTICES} == {
        definition["properties"]["event"]["const"]
        for definition in SCHEMA["$defs"].values()
        if "properties" in definition
    }


@pytest.mark.parametrize(
    ("ending", "broken", "is_clean"),
    [
        ("finished", [], True),
        ("unscripted", [], True),
        ("faulted", [], True),
        ("faulted", ["MSG-001"], False),
        ("unfinished", [], False),
        ("finished", ["MSG-001"], False),
    ],
)
def test_a_session_is_clean_when_it_was_finished_and_nothing_was_broken(ending, broken, is_clean):
    assert closed(ending, broken).is_clean is is_clean
    assert as_json(closed(ending, broken))["clean"] is is_clean


@pytest.mark.parametrize(
    ("strike", "type", "told"),
    [
        (
            Strike("delayed", {"seconds": 0.5, "type": None}, place=Place("f.yaml", 4, 5)),
            "History",
            ("History", {"seconds": 0.5}, "f.yaml:4"),
        ),
        (
            Strike("delayed", {"seconds": 0.5, "type": "History"}),
            "History",
            ("History", {"seconds": 0.5, "type": "History"}, ""),
        ),
        (Strike("late_audio", {"seconds": 2.0}), None, ("speech", {"seconds": 2.0}, "")),
        (Strike("refused_401", {"retry_after": None}), None, ("handshake", {}, "")),
        (Strike("late_settings_applied", {"seconds": 2.0}), None, ("Settings", {"seconds": 2.0}, "")),
        (Strike("no_welcome"), "Welcome", ("Welcome", {}, "")),
        (Strike("tcp_reset"), None, (None, {}, "")),
    ],
)
def test_a_strike_is_told_with_what_it_hit_its_parameters_and_its_line(strike, type, told):
    notice = fault_inflicted(ID, 1, 1.5, strike, type)
    assert (notice.hit, notice.parameters, notice.place) == told


def test_what_was_not_met_is_told_with_its_place():
    found = as_json(
        closed("unfinished", [], [Unmet(Place("f.yaml", 3, 5), "much", "little"), Unmet(Place(), "a", "b")])
    )
    assert found["unmet"] == [
        {"place": "f.yaml:3", "text": "f.yaml:3: expected much, got little"},
        {"place": "", "text": "expected a, got b"},
    ]
