"""A trace is judged again, and what is no trace, or only part of one, is said to be so."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from mockagent.catalogue import find_scenario, load_scenario
from mockagent.errors import Flaw
from mockagent.lint.items import Asked, Breach
from mockagent.lint.traces import check_trace
from mockagent.protocol.events import Dialect, Event, Message, Opened, Side
from mockagent.protocol.trace import Footer, Header, cast_line, event_line, footer_line, header_line
from mockagent.server.app import Server
from mockagent.server.options import Options

CLIENT, SERVER = Side.CLIENT, Side.SERVER
WELCOME = {"type": "Welcome", "request_id": "9e688da6-c17f-4422-8b05-568c611a3772"}
LIMIT = 60
BEDROCK = {
    "provider": {
        "type": "aws_bedrock",
        "model": "gpt-4o",
        "credentials": {
            "type": "iam",
            "region": "x",
            "access_key_id": "AKIA0",
            "secret_access_key": "s3cr3t",
        },
    },
    "endpoint": {"url": "https://example.com/", "headers": {"authorization": "Bearer of secrets"}},
}


def header(**changes):
    values = {"scenario": None, "started": "2026-11-21T09:30:00.000+00:00", "speed": 1.0} | changes
    return Header("0.1.0", Dialect.V1, tolerance="faithful", session="s-1", **values)


def written(*events, breaks=frozenset(), head=None):
    """A whole trace of these events."""
    lines = [header_line(head or header())]
    lines += [event_line(event, number, (), breaks) for number, event in enumerate(events, 1)]
    return "".join([*lines, footer_line(Footer(len(events), 1.0, "finished", {}))])


def said(at, sender, **body):
    return Event(at, sender, Message(body["type"], body))


OPENED = Event(0.0, SERVER, Opened(Dialect.V1))
GREETED = (OPENED, said(0.03, SERVER, **WELCOME))
FIRST_AUDIO = said(0.1, CLIENT, type="KeepAlive")


def check(text, **asked):
    return check_trace(text, "a.jsonl", Asked(**asked))


def found(item):
    return [(each.line, each.event, each.requirement) for each in item.findings if isinstance(each, Breach)]


def texts(item):
    return [str(each) for each in item.findings if isinstance(each, Flaw)]


def test_a_session_that_breaks_nothing_is_fine():
    item = check(written(*GREETED))
    assert (item.is_fine, item.findings, item.summary) == (True, (), "2 events, 1.0 s, finished")


def test_a_breach_is_found_again_with_its_line():
    item = check(written(*GREETED, FIRST_AUDIO))
    assert found(item) == [(4, 3, "SET-001")]
    assert not item.is_fine


def test_what_was_broken_on_purpose_does_not_count():
    item = check(written(*GREETED, FIRST_AUDIO, breaks=frozenset({"SET-001"})))
    assert [each.on_purpose for each in item.findings] == [True]
    assert item.is_fine


def test_what_should_not_be_is_put_up_with():
    settings = said(0.1, CLIENT, type="Settings", zzz=1, audio={}, agent={})
    item = check(written(*GREETED, settings))
    assert (found(item), item.is_fine) == ([(4, 3, "MSG-004")], True)


def test_a_session_is_judged_by_its_own_switches():
    assert found(check(written(*GREETED, head=header(switches={"welcome_after": 0.2})))) == [
        (3, 2, "OPN-002")
    ]


def test_the_switches_of_a_scenario_that_settings_chose_are_those_of_the_session():
    head, *rest = written(*GREETED).splitlines(keepends=True)
    item = check("".join([head, cast_line("late", {"welcome_after": 0.2}), *rest]))
    assert found(item) == [(3, 2, "OPN-002")]


def test_a_switch_that_does_not_exist_is_no_trace():
    (problem,) = texts(check(written(*GREETED, head=header(switches={"patience": 1}))))
    assert "switches" in problem


@pytest.mark.parametrize("scenario", ["barge_in", "a_name_that_is_none"])
def test_any_scenario_may_be_named(scenario):
    assert check(written(*GREETED, head=header(scenario=scenario))).is_fine


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_trace_that_was_cut_off_is_said_to_be(kept):
    lines = written(*GREETED).splitlines(keepends=True)
    item = check("".join(lines[:kept]))
    assert texts(item) == [f"a.jsonl:{kept}:1: cut off after event {kept - 1}"]
    assert not item.is_fine


def test_half_a_line_at_the_end_is_cut_off_too():
    item = check(written(*GREETED)[:-5])
    assert texts(item) == ["a.jsonl:4:1: cut off after event 2"]


@pytest.mark.parametrize(
    ("line", "text", "problem"),
    [
        (1, '{"trace": 1}', "a.jsonl:1:1: /mockagent: expected"),
        (1, "[]", "a.jsonl:1:1: /: expected"),
        (1, "{}", "a.jsonl:1:1: "),
        (2, '{"trace', "a.jsonl:2:1: expected a JSON line, got something else"),
        (2, "[" * 100_000, "a.jsonl:2:1: expected a JSON line, got something else"),
        (2, '{"n":1,"at":"x","from":"server","opened":{"dialect":"v1"}}', "a.jsonl:2:1: /at: expected"),
        (2, '{"n":1,"at":0,"from":"nobody","opened":{"dialect":"v1"}}', "a.jsonl:2:1: /from: expected"),
        (2, '{"n":7,"at":0,"from":"server","opened":{"dialect":"v1"}}', "a.jsonl:2:1: expected event 1, got event 7"),
        (3, '{"end":true,"events":1,"lasted":0,"outcome":"finished","violations":{}}', "a.jsonl:3:1: expected the"),
        (4, '{"end":true,"events":9,"lasted":0,"outcome":"finished","violations":{}}', "a.jsonl:4:1: expected a"),
    ],
)  # fmt: skip
def test_a_line_that_is_none_of_a_trace_is_named(line, text, problem):
    lines = written(*GREETED).splitlines()
    lines[line - 1] = text
    item = check("\n".join(lines) + "\n")
    assert texts(item)[0].startswith(problem), texts(item)
    assert not item.is_fine


def test_a_trace_without_its_header_is_none():
    item = check("".join(written(*GREETED).splitlines(keepends=True)[1:]))
    assert texts(item)[0] == "a.jsonl:1:1: expected the header as the first line, and only there"


def test_of_very_many_flaws_only_the_first_are_told():
    assert len(check("x\n" * 1_000).findings) == 50


async def converse(folder, scenario, *frames, speed=20.0):
    """Play a scenario to a client that sends these, then listens to the end; the text of the trace."""
    server = Server([load_scenario(find_scenario(scenario))], Options(trace=folder, speed=speed, sessions=1))
    ready = await server.start()
    async with connect(
        ready.url, additional_headers={"Authorization": "Token any"}, open_timeout=LIMIT
    ) as socket:
        await socket.recv()
        for frame in frames:
            await socket.send(frame if isinstance(frame, bytes) else json.dumps(frame))
        async for message in socket:
            if message == '{"type":"AgentAudioDone"}':
                break
    await server.wait()
    await server.stop()
    (path,) = folder.glob("*.jsonl")
    return path.read_text("utf-8")


SETTINGS = {"type": "Settings", "audio": {}, "agent": {"think": BEDROCK}}
CONVERSATIONS = {
    "clean": [SETTINGS],
    "unknown field": [SETTINGS | {"zzz": 1}],
    "json as audio": [SETTINGS, b'{"type":"KeepAlive"}', b"", b"\0" * 961],
    "settings twice": [SETTINGS, SETTINGS],
    "audio first": [b"\0" * 960, SETTINGS],
    "unparsable": [SETTINGS | {"agent": {"think": {"provider": {"type": "openai"}}}}],
    "malformed": ["no", {"no": "type"}],
    "unasked answer": [SETTINGS, {"type": "FunctionCallResponse", "id": "x", "name": "y", "content": "z"}],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
@pytest.mark.parametrize("scenario", ["greeting_only", "barge_in"])
def test_what_a_server_recorded_is_found_again(tmp_path, scenario, name):
    text = asyncio.run(asyncio.wait_for(converse(tmp_path, scenario, *CONVERSATIONS[name]), LIMIT))
    lines = [json.loads(line) for line in text.splitlines()]
    recorded = [
        (line["n"], each["requirement"], each["pointer"], each["expected"], each["got"])
        for line in lines
        if "n" in line
        for each in line.get("violations", ())
    ]
    item = check(text)
    assert texts(item) == []
    again = [(each.event, each.requirement, each.pointer, each.expected, each.got) for each in item.findings]
    assert again == recorded
    assert bool(recorded) is (name != "clean")
    assert "s3cr3t" not in text
