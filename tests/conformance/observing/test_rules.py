"""Each rule over stored sessions and what was seen of them: one that keeps it, one that breaks it and nothing else."""

import importlib.util
import io
import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.conformance.observing import lines
from mockagent.conformance.observing.hearing import hearings
from mockagent.conformance.observing.rules import OBSERVED, asked
from mockagent.conformance.observing.served import Served, served
from mockagent.protocol import trace
from mockagent.protocol.events import Audio, Closed, Event, Message, Side
from mockagent.resources import folder

STORED = folder("conformance") / "observations"
S, C = Side.SERVER, Side.CLIENT
every_rule = pytest.mark.parametrize("rule", OBSERVED, ids=lambda rule: rule.requirement)


def broken(sessions, text, pace=1.0):
    found = hearings(sessions, lines.read(text).lines, pace)
    return [rule.requirement for hearing in found for rule in OBSERVED for _ in rule.check(hearing)]


def stored(rule, ending):
    text = (STORED / f"{rule.requirement}.trace.jsonl").read_text("utf-8")
    session = served(trace.read(io.StringIO(text)).events)
    return session, (STORED / f"{rule.requirement}.{ending}.jsonl").read_text("utf-8")


@every_rule
def test_the_keeping_lines_break_nothing_and_the_breaking_ones_only_this(rule):
    session, kept = stored(rule, "pass")
    assert broken([session], kept) == []
    assert broken(*([each] if isinstance(each, Served) else each for each in stored(rule, "fail"))) == [
        rule.requirement
    ]
    assert rule.requirement in asked([session])


def test_every_requirement_on_observation_has_one_rule():
    assert [rule.requirement for rule in OBSERVED] == [
        id for id in catalogue.requirements() if id.startswith("OBS-")
    ]


def test_the_stored_files_are_as_they_are_made():
    for name in ("traces", "observations"):
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent.parent / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    made = dict(sys.modules["observations"].texts())
    assert {path.name for path in STORED.iterdir()} == set(made)
    for name, text in made.items():
        assert (STORED / name).read_text("utf-8") == text, "run python tests/conformance/observations.py"


def session(*steps, by=C, code=1000, ends=20.0):
    found = Served()
    for number, (at, what) in enumerate(steps, 1):
        content = Audio(what) if isinstance(what, int) else Message(what, {"type": what})
        found.see(Event(at, S, content), number)
    found.see(Event(ends, by, Closed(code)), len(steps) + 1)
    return found


WELCOMED = '{"event": "Welcome"}\n'


def test_what_came_last_before_the_application_left_need_not_have_been_seen():
    late = session((1.0, "Welcome"), (19.9, "AgentAudioDone"), (19.9, 640))
    assert broken([late], WELCOMED) == []
    assert broken([session((1.0, "Welcome"), (18.0, "AgentAudioDone"))], WELCOMED) == ["OBS-001"]


def test_what_came_before_something_that_was_seen_must_have_been_seen():
    late = session((19.7, "Welcome"), (19.8, "AgentAudioDone"), (19.9, "SettingsApplied"))
    assert broken([late], WELCOMED + '{"event": "SettingsApplied"}') == ["OBS-001"]


def test_the_server_closes_after_all_that_it_sent():
    closed = session((19.9, "Welcome"), (19.9, 640), by=S)
    assert broken([closed], '{"closed": 1000}') == ["OBS-001", "OBS-004"]


def test_a_reset_takes_with_it_what_was_on_its_way():
    reset = session((1.0, "Welcome"), (19.9, "AgentAudioDone"), by=S, code=1006)
    assert broken([reset], WELCOMED + '{"error": "reset"}') == []


def test_time_goes_by_the_pace_of_the_session():
    late = session((1.0, "Welcome"), (15.0, "AgentAudioDone"))
    assert (broken([late], WELCOMED), broken([late], WELCOMED, 10.0)) == (["OBS-001"], [])


def test_each_of_several_sessions_is_held_against_its_own_lines():
    first, second = session((1.0, "Welcome"), by=S), session((1.0, "Welcome"), (2.0, "AgentThinking"), by=S)
    told = WELCOMED + '{"closed": 1000}\n'
    assert broken([first, second], told + '{"event": "AgentThinking"}\n' + told) == []
    assert broken([first, second], told + '{"event": "AgentThinking"}\n{"closed": 1000}') == ["OBS-001"]


def test_another_code_than_that_of_the_wire_was_not_told():
    assert broken([session(by=S, code=1011)], '{"closed": 1000}') == ["OBS-006"]
    assert broken([session(by=S, code=1011)], '{"closed": null}') == []


def test_names_of_fields_are_written_as_a_language_writes_them():
    call = {"type": "FunctionCallRequest", "functions": [{"id": "1", "client_side": True}]}
    found = Served()
    found.see(Event(1.0, S, Message("FunctionCallRequest", call)), 1)
    line = '{"event": "FunctionCallRequest", "message": {"functions": [%s]}}'
    assert broken([found], line % '{"id": "1", "clientSide": true}') == []
    assert broken([found], line % '{"id": "1"}') == ["OBS-002"]
