"""Parsers in processes of their own: what is found in them, and how small it becomes."""

import asyncio
import json
import sys
from itertools import chain
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.fuzz.near_miss import Kind, text
from mockagent.fuzz.outcomes import Verdict
from mockagent.fuzz.sending import Fault, Say, Sending, as_text, fault_of
from mockagent.fuzz.stimuli import for_a_parser
from mockagent.fuzzing.campaign import campaign
from mockagent.fuzzing.drawing import drawn
from mockagent.fuzzing.parser import Parser, is_callable
from mockagent.fuzzing.peer import PeerFailed
from mockagent.protocol.events import Dialect, Side

STIMULUS = for_a_parser(Dialect.V1, Side.SERVER)


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)


def near_misses(type=None):
    corpus = catalogue.corpus()
    found = [corpus.near_misses(Dialect.V1, Side.SERVER, type, kind) for kind in (Kind.SCHEMA, Kind.TEXT)]
    return [each for near in chain(*found) if (each := as_text(fault_of(near))) is not None]


def fault(*frames, must=""):
    steps = tuple(Say(text(each)) for each in frames)
    return Fault("test", "test", "", Sending(Dialect.V1, Side.SERVER, steps), must)


def fuzzed(name, faults, shrinks_for=10.0, **more):
    peer = Parser([f"planted:{name}"], STIMULUS, **{"within": 3.0, **more})
    return asyncio.run(campaign(faults, [peer], shrinks_for=shrinks_for))


def frames(found):
    return [json.loads(wire.data) for wire in found.sending.wires]


def test_a_careful_parser_lives_through_everything():
    results = fuzzed(
        "right", chain(near_misses(), drawn(Dialect.V1, Side.SERVER, (), 60, 0, must_be_taken=True))
    )
    assert (results.failed, results.found) == (0, [])
    assert results.counts[Verdict.SURVIVED] > 500
    assert results.counts[Verdict.REFUSED] > 100


def test_a_field_that_is_taken_for_granted_is_found_and_reduced_to_its_message():
    results = fuzzed("shallow", near_misses("ConversationText"))
    (found,) = results.found
    assert found.outcome.where.startswith("KeyError in shallow (planted.py:")
    assert frames(found) == [{"type": "ConversationText"}]


def test_a_hang_deep_inside_a_message_is_found_and_reduced():
    results = fuzzed("nested", near_misses("FunctionCallRequest"), within=1.5)
    (found,) = results.found
    assert (found.outcome.verdict, found.is_sure) == (Verdict.HUNG, True)
    assert frames(found) == [{"type": "FunctionCallRequest", "functions": [{"arguments": {}}]}]


def test_what_only_a_right_message_sets_off_is_drawn_and_reduced():
    assert fuzzed("deep", near_misses("ConversationText")).failed == 0
    results = fuzzed(
        "deep", drawn(Dialect.V1, Side.SERVER, (), 100, 0, "ConversationText", must_be_taken=True)
    )
    (found,) = results.found
    assert found.outcome.where.startswith("UnicodeEncodeError in deep")
    (body,) = frames(found)
    assert body.keys() == {"type", "content"}
    assert len(body["content"]) == 3


def test_what_needs_several_frames_is_reduced_to_them():
    thinks = fault('{"type":"AgentThinking","content":"Hm"}')
    (found,) = fuzzed("second", [fault("{}"), thinks, fault("[]"), fault("7"), thinks]).found
    assert [each["type"] for each in frames(found)] == ["AgentThinking", "AgentThinking"]


def test_a_parser_that_takes_nothing_right_any_more_has_crashed():
    (found,) = fuzzed("sulks", [fault("[")]).found
    assert (found.outcome.verdict, found.outcome.where) == (Verdict.CRASHED, "a right frame is refused")


def test_a_process_that_ends_is_told_with_its_status():
    (found,) = fuzzed("exits", near_misses("AgentStartedSpeaking")).found
    assert found.outcome.where == "exit status 7"
    assert "NaN" in found.sending.wires[0].data.decode()


def test_descriptors_that_stay_open_are_a_leak():
    (found,) = fuzzed(
        "leaks", [fault('{"type":"AgentThinking","content":"Hello"}')] * 8, shrinks_for=2.0
    ).found
    assert (found.outcome.verdict, found.outcome.where) == (Verdict.LEAKED, "descriptors")
    assert 6 < len(found.sending.wires) < 9


def test_a_refusal_of_what_is_right_is_a_failure_and_is_not_made_smaller():
    results = fuzzed("picky", near_misses("ConversationText"))
    (found,) = results.found
    assert (found.fault.origin, found.outcome.verdict) == (
        "v1/server/ConversationText#text:white-space",
        Verdict.REFUSED,
    )
    assert found.sending == found.fault.sending


def test_an_exception_of_its_own_is_a_refusal_when_it_is_said_to_be():
    assert fuzzed("its_own", [fault("[]")]).failed == 1
    results = fuzzed("its_own", [fault("[]")], refusals=["planted:Refused"])
    assert (results.failed, results.counts[Verdict.REFUSED]) == (0, 1)


def test_a_coroutine_is_run():
    assert fuzzed("later", [fault("{}"), fault("[]")]).counts[Verdict.REFUSED] == 2


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("nothing_at_all", "does not take a right frame, before any fault"),
        ("nowhere", "module 'planted' has no attribute 'nowhere'"),
        ("not_callable", "before any fault: crashed TypeError"),
    ],
)
def test_what_is_no_parser_is_said_before_anything_is_sent(name, part):
    with pytest.raises(PeerFailed, match=part):
        fuzzed(name, [fault("{}")])


def test_a_command_answers_a_line_for_each_frame():
    program = (
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    frame = json.loads(line)\n"
        "    if 'boom' in frame: sys.exit(3)\n"
        "    print('ok' if frame.startswith('{') else 'refused it', flush=True)\n"
    )
    peer = Parser([sys.executable, "-c", program], STIMULUS)
    results = asyncio.run(campaign([fault("{}"), fault("["), fault("{ big boom }")], [peer]))
    assert (results.counts[Verdict.SURVIVED], results.counts[Verdict.REFUSED]) == (1, 1)
    assert results.found[0].sending.wires[0].data == b"boom"
    wrong = Parser([sys.executable, "-c", "print('hello', flush=True); input()"], STIMULUS)
    with pytest.raises(PeerFailed, match="expected a line 'ok', 'refused WHY'"):
        asyncio.run(campaign([fault("{}")], [wrong]))


def test_the_same_seed_draws_the_same():
    def ids(seed):
        return [each.sending.id for each in drawn(Dialect.V1, Side.SERVER, (), 20, seed)]

    assert ids(1) == ids(1) != ids(2)


@pytest.mark.parametrize(
    ("target", "is_one"),
    [(["a:b"], True), (["a.b:C.d"], True), (["a"], False), (["a:b", "c"], False), (["./a:b"], False)],
)
def test_what_names_a_callable(target, is_one):
    assert is_callable(target) is is_one
