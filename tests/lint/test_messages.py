"""A message is held to what the service would say, whatever else it may be."""

import json

import pytest

from mockagent import catalogue
from mockagent.lint.documents import Document
from mockagent.lint.items import Asked
from mockagent.lint.messages import check_message, places
from mockagent.protocol.events import Dialect, Side, Tolerance
from mockagent.protocol.message_types import TYPES, path_of

V1, EARLY = Dialect.V1, Dialect.EARLY_ACCESS
CLIENT, SERVER = Side.CLIENT, Side.SERVER
EVERY = [(*key, type) for key, types in TYPES.items() for type in types]


def check(body, **asked):
    text = body if isinstance(body, str) else json.dumps(body)
    return check_message(Document(7, text), "a.json", Asked(**asked))


def found(item):
    return [(each.pointer, each.keyword, each.refused) for each in item.findings]


@pytest.mark.parametrize(("dialect", "side", "type"), EVERY)
def test_every_example_is_fine(dialect, side, type):
    for example in catalogue.read_schema(path_of(dialect, side, type))["examples"]:
        item = check(example, dialect=dialect, sender=side)
        assert item.is_fine or {each.requirement for each in item.findings} == {"MSG-010"}, item.findings


@pytest.mark.parametrize(("dialect", "side", "type"), EVERY)
def test_every_near_miss_is_found_where_it_is(dialect, side, type):
    for miss in catalogue.read_schema(path_of(dialect, side, type))["x-near-misses"]:
        item = check(miss["value"], dialect=dialect, sender=side)
        if miss["pointer"] in ("", "/type"):
            assert not item.is_fine
        else:
            assert (miss["pointer"], miss["keyword"]) in [
                (each.pointer, each.keyword) for each in item.findings
            ]


def test_the_place_of_a_type_is_v1_where_both_dialects_have_it():
    assert places("KeepAlive") == [(V1, CLIENT)]
    assert places("Welcome") == [(V1, SERVER)]


def test_the_place_of_a_type_is_early_access_where_only_that_has_it():
    assert places("SettingsConfiguration") == [(EARLY, CLIENT)]
    assert places("SettingsConfiguration", V1) == []


def test_a_type_of_both_sides_has_both_places():
    assert places("FunctionCallResponse") == [(V1, CLIENT), (V1, SERVER)]
    assert places("FunctionCallResponse", sender=SERVER) == [(V1, SERVER)]


def test_the_dialect_that_was_guessed_is_said():
    item = check({"type": "UpdateInstructions", "instructions": "Be brief."})
    assert (item.dialect, item.guessed, item.is_fine) == (EARLY, True, True)
    asked = check({"type": "UpdateInstructions", "instructions": "Be brief."}, dialect=EARLY)
    assert (asked.dialect, asked.guessed) == (EARLY, False)


def test_a_type_of_both_sides_is_fine_when_one_of_them_may_send_it():
    item = check({"type": "FunctionCallResponse", "name": "f", "content": "{}"})
    assert item.is_fine and item.sender is CLIENT


def test_an_unknown_type_is_held_against_the_side_that_has_the_nearest():
    assert check({"type": "keepalive"}).sender is CLIENT
    assert check({"type": "Welcom"}).sender is SERVER
    assert check({"type": "?"}).sender is CLIENT


def test_a_problem_comes_with_the_answer_of_the_service():
    item = check({"type": "UpdateThink", "think": {"provider": {"type": "openai", "model": "gpt-4o"}}})
    assert found(item) == [("/think/provider/type", "enum", True)]
    assert item.answer == {
        "type": "Error",
        "description": "Error parsing client message. Check the think.provider field against the API spec.",
        "code": "UNPARSABLE_CLIENT_MESSAGE",
    }


def test_what_cannot_be_done_is_refused_in_other_words():
    flux = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}}
    item = check({"type": "Settings", "audio": {"output": {"encoding": "mp3"}}, "agent": {"speak": flux}})
    assert found(item) == [("/audio/output/encoding", "impossible", True)]
    assert item.answer["code"] == "INVALID_SETTINGS"


def test_what_is_not_enabled_is_refused():
    item = check({"type": "UpdateThink_Live", "think_live": {"provider": {"type": "deepgram"}}})
    assert ("/type", "not-enabled", True) in found(item)


def test_early_access_answers_in_a_message_without_code():
    item = check({"type": "UpdateInstructions"})
    assert item.answer.keys() == {"type", "message"}


def test_a_finding_is_put_up_with_until_it_is_strict():
    body = {"type": "KeepAlive", "extra": 1}
    assert (check(body).is_fine, found(check(body))) == (True, [("/extra", "unknown-field", False)])
    assert check(body).answer is None
    assert not check(body, tolerance=Tolerance.STRICT).is_fine
    assert check(body, tolerance=Tolerance.STRICT).answer["code"] == "UNPARSABLE_CLIENT_MESSAGE"


def test_lenient_takes_what_faithful_does_not():
    provider = {"type": "open_ai", "model": "gpt-4o", "temperature": "0.5"}
    body = {"type": "UpdateThink", "think": {"provider": provider}}
    assert check(body, tolerance=Tolerance.LENIENT).is_fine
    assert not check(body).is_fine


def test_a_servers_message_is_wrong_without_being_answered():
    item = check({"type": "Welcome", "request_id": 7})
    assert (item.is_fine, item.answer) == (False, None)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        '{"type": NaN}',
        '{"type": "KeepAlive", "type": "KeepAlive"}',
        "7",
        "[]",
        "{}",
        '{"type": 7}',
    ],
)
def test_what_is_no_message_is_refused_as_the_service_refuses_it(text):
    item = check(text)
    assert (item.title, item.is_fine, item.findings[0].keyword) == (None, False, "malformed")
    assert item.answer["code"] == "UNPARSABLE_CLIENT_MESSAGE"


def test_the_line_of_malformed_json_is_that_of_the_error():
    assert check('{"type":\n "KeepAlive"\n').line == 9


def test_bytes_that_are_no_utf_8_are_found():
    item = check(b'{"type": "\xff"}'.decode("utf-8", "surrogateescape"))
    assert item.findings[0].got == "byte 0xff at 10"


@pytest.mark.parametrize("agent", ["no-such-id", 7, None, [], [[]], {"think": 3}, {"speak": [3]}])
@pytest.mark.parametrize("type", ["Settings", "UpdateThink", "UpdateListen", "FunctionCallRequest"])
def test_hostile_shapes_are_only_data(type, agent):
    body = {"type": type, "agent": agent, "think": agent, "listen": agent, "functions": agent, "audio": agent}
    assert check(body).title == type
