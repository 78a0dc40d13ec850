"""Sendings: exact as JSON, the same id for the same bytes, and what a near-miss becomes."""

import json

import pytest

from mockagent import catalogue
from mockagent.errors import MockagentError
from mockagent.fuzz.failure import Failure, read, stored
from mockagent.fuzz.near_miss import Kind, Opcode, Payload, Wire, binary, text
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Await, Say, Sending, as_text, document, fault_of, joined, sending_from
from mockagent.protocol.events import Dialect, Side

CORPUS = catalogue.corpus()


def sending(*steps, **more):
    return Sending(Dialect.V1, Side.SERVER, steps, **more)


@pytest.mark.parametrize("side", Side)
def test_every_near_miss_survives_the_way_to_a_file_and_back(side):
    for near_miss in CORPUS.near_misses(Dialect.V1, side):
        if near_miss.kind is not Kind.SCHEMA or near_miss.type in ("UpdatePrompt", "Welcome"):
            whole = fault_of(near_miss).sending
            again = sending_from(json.loads(json.dumps(document(whole))))
            assert again == whole, near_miss.id
            assert again.id == whole.id
            assert again.wires[-len(near_miss.wires) :] == near_miss.wires or not near_miss.wires


def test_the_way_is_said_by_its_side_and_awaited_of_the_other():
    near_miss = CORPUS.get("v1/client/UpdatePrompt/prompt#type:null")
    steps = fault_of(near_miss).sending.steps
    assert [each.type if isinstance(each, Await) else "says" for each in steps] == [
        "Welcome",
        "says",
        "SettingsApplied",
        "says",
    ]


def test_the_id_is_of_all_that_is_sent_and_of_nothing_else():
    one = sending(Say(text("a")))
    assert one.id == sending(Say(text("a"))).id
    others = [
        sending(Say(text("b"))),
        sending(Say(binary(b"a"))),
        sending(Say(text("a", after=1.0))),
        sending(Say(text("a")), silent_for=1.0),
        sending(Say(Wire(Opcode.TEXT, Payload(b"a"), fin=False))),
        sending(Say(text("a")), Await("Settings")),
    ]
    assert len({each.id for each in [one, *others]}) == 7


def test_sendings_are_joined_in_order():
    first, second = sending(Say(text("a")), silent_for=3.0), sending(Say(text("b")), silent_for=2.0)
    assert joined([first, second]) == sending(Say(text("a")), Say(text("b")), silent_for=2.0)
    assert joined([first]) == first


@pytest.mark.parametrize(
    ("id", "taken"),
    [
        ("v1/server/ConversationText#text:pretty", True),
        ("v1/server/ConversationText#frame:fragmented", True),
        ("v1/server/ConversationText#text:8-mb", False),
        ("v1/server/ConversationText#text:truncated", False),
        ("v1/client/Settings/audio/input/sample_rate#maximum:huge", False),
        ("v1/client/InjectUserMessage#text:pretty", True),
    ],
)
def test_what_is_right_in_its_form_must_be_taken_but_not_what_is_too_large_or_cannot_be_done(id, taken):
    fault = fault_of(CORPUS.get(id))
    assert bool(fault.must_be_taken) is taken
    assert Outcome(Verdict.REFUSED).fails(fault) is taken
    assert not Outcome(Verdict.SURVIVED).fails(fault)
    assert not Outcome(Verdict.NOT_REACHED).fails(fault)
    assert all(Outcome(each).fails(fault) for each in (Verdict.CRASHED, Verdict.HUNG, Verdict.LEAKED))


def test_a_parser_is_given_only_whole_texts():
    of = {each: as_text(fault_of(CORPUS.get(f"v1/server/ConversationText#{each}"))) for each in (
        "text:truncated", "frame:invalid-utf-8", "frame:ping", "frame:text-as-binary")}  # fmt: skip
    assert of["frame:invalid-utf-8"] is of["frame:text-as-binary"] is None
    assert len(of["text:truncated"].sending.steps) == len(of["frame:ping"].sending.steps) == 1


FAILURE = Failure(
    "parser",
    ("app:parse",),
    "v1/server/Welcome/type#required",
    Outcome(Verdict.CRASHED, "KeyError: 'type'", "KeyError in parse (app.py:3)"),
    sending(Say(text("{}"))),
    "0.1.0",
    {"within": 3.0},
    sending(Say(text("a")), Say(text("{}"))),
)


def test_a_failure_is_read_as_it_was_written():
    assert read(json.loads(json.dumps(stored(FAILURE))), "x.json") == FAILURE


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"format": 2}, "expected a stored failure of format 1"),
        ({"verdict": "unhappy"}, "not a stored failure: ValueError"),
        ({"steps": [{"say": "text", "base64": "?"}]}, "not a stored failure"),
        ({"steps": [{"say": "text", "base64": "e30K"}]}, "the frames are not those of"),
        ({"peer": "moon"}, "expected a peer of client, parser, server, got 'moon'"),
    ],
)
def test_what_is_no_failure_or_was_changed_is_refused(change, part):
    with pytest.raises(MockagentError, match=part.replace("(", r"\(")) as caught:
        read({**stored(FAILURE), **change}, "x.json")
    assert str(caught.value).startswith("x.json: ")
