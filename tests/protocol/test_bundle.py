"""The bundle stands alone, and a plain validator comes to the same verdict by it as the project's own."""

import json

import pytest
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema, schemas
from mockagent.protocol.bundle import bundled
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES, path_of

NOT_IN_PLAIN_SCHEMA = {"departure", "expected", "json-text", "type-name"}
KEYS = [(dialect, side) for dialect in Dialect for side in (*Side, None)]
EVERY = [(*key, type) for key, types in TYPES.items() for type in types]


def bundle(dialect, side):
    """Made when first asked for: a wrong bundle fails tests, and does not keep all from being collected."""
    return bundled(read_schema, dialect) if side is None else bundled(read_schema, dialect, [side])


def validator(dialect, side):
    return Draft202012Validator(bundle(dialect, side))


def keys_of(schema):
    """Every key of every object in the document, whatever it means."""
    if isinstance(schema, dict):
        yield from schema
        for each in schema.values():
            yield from keys_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys_of(each)


def references(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


@pytest.mark.parametrize("key", KEYS)
def test_a_bundle_is_a_valid_schema_of_plain_keywords(key):
    schema = bundle(*key)
    Draft202012Validator.check_schema(schema)
    assert not [name for name in keys_of(schema) if name.startswith("x-")]
    assert [name for name in keys_of(schema) if name == "$schema"] == ["$schema"]
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize(("dialect", "side"), KEYS)
def test_a_bundle_says_what_it_is_of(dialect, side):
    schema = bundle(dialect, side)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["title"] == f"Voice Agent messages, {dialect}"
    assert schema["description"] == f"One message of {'either' if side is None else 'one'} side."


def test_a_side_named_twice_is_one_side():
    twice = bundled(read_schema, Dialect.V1, [Side.CLIENT, Side.CLIENT])
    assert twice["description"] == "One message of one side."


@pytest.mark.parametrize("key", KEYS)
def test_every_reference_leads_to_something_in_the_document(key):
    found = set(references(bundle(*key)))
    assert found
    for reference in found:
        assert reference.startswith("#/")
        target = bundle(*key)
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


@pytest.mark.parametrize(("dialect", "side", "type"), EVERY)
def test_every_example_is_valid_by_both_bundles(dialect, side, type):
    for example in read_schema(path_of(dialect, side, type))["examples"]:
        plain = [
            each for each in schemas().problems(dialect, side, example) if each.keyword == "unknown-field"
        ]
        assert validator(dialect, side).is_valid(example) is not bool(plain)
        assert validator(dialect, None).is_valid(example) is not bool(plain)


@pytest.mark.parametrize(("dialect", "side", "type"), EVERY)
def test_a_near_miss_is_valid_exactly_if_it_only_departs_from_what_is_usual(dialect, side, type):
    for miss in read_schema(path_of(dialect, side, type))["x-near-misses"]:
        value = miss["value"]
        if not isinstance(value, dict) or value.get("type") != type:
            assert not validator(dialect, side).is_valid(value) or value.get("type") in TYPES[dialect, side]
            continue
        problems = schemas().problems(dialect, side, value)
        own = all(each.keyword in NOT_IN_PLAIN_SCHEMA for each in problems)
        assert validator(dialect, side).is_valid(value) is own, (value, problems)


@pytest.mark.parametrize("message", [{}, [], None, {"type": 7}, {"type": "NoSuchType"}])
def test_what_is_no_message_is_refused(message):
    assert not validator(Dialect.V1, None).is_valid(message)


def test_a_type_of_both_sides_may_be_either():
    assert validator(Dialect.V1, None).is_valid(
        {"type": "FunctionCallResponse", "name": "f", "content": "{}"}
    )
    assert not validator(Dialect.V1, None).is_valid({"type": "FunctionCallResponse", "name": "f"})


def test_the_bundle_of_a_side_knows_only_its_messages():
    assert not validator(Dialect.V1, Side.CLIENT).is_valid({"type": "SettingsApplied"})


def test_a_bundle_says_which_draft_it_is_written_in():
    assert {bundle(*key)["$schema"] for key in KEYS} == {Draft202012Validator.META_SCHEMA["$id"]}


def test_a_definition_is_named_by_the_path_of_its_file():
    definitions = bundle(Dialect.V1, Side.CLIENT)["$defs"]
    assert {"v1.client.Settings", "common.audio"} <= set(definitions)


def test_a_message_is_of_the_schema_of_its_type_or_of_either_where_both_sides_send_it():
    cases = {case["if"]["properties"]["type"]["const"]: case for case in bundle(Dialect.V1, None)["allOf"]}
    assert cases["Welcome"] == {
        "if": {"properties": {"type": {"const": "Welcome"}}, "required": ["type"]},
        "then": {"$ref": "#/$defs/v1.server.Welcome"},
    }
    either = [{"$ref": f"#/$defs/v1.{side}.FunctionCallResponse"} for side in Side]
    assert cases["FunctionCallResponse"]["then"] == {"anyOf": either}


@pytest.mark.parametrize("keyword", ["properties", "patternProperties", "dependentSchemas"])
def test_what_stands_under_a_name_is_kept_whatever_the_name(keyword):
    """`format` and `x-…` are left out as keywords; a field may be called so."""
    named = {"format": {"type": "string", "format": "uri"}, "x-ray": {"$ref": "#/$defs/a"}}
    document = bundled(lambda path: {keyword: named}, Dialect.V1, [Side.CLIENT])
    kept = document["$defs"]["v1.client.KeepAlive"][keyword]
    assert kept == {"format": {"type": "string"}, "x-ray": {"$ref": "#/$defs/v1.client.KeepAlive/$defs/a"}}


@pytest.mark.parametrize("keyword", ["$schema", "examples", "format"])
def test_what_only_readers_need_is_not_in_a_bundle(keyword):
    document = bundled(lambda path: {keyword: "x", "type": "object"}, Dialect.V1, [Side.CLIENT])
    assert document["$defs"]["v1.client.KeepAlive"] == {"type": "object"}
