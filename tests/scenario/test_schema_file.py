"""The scenario file's JSON Schema says the same as the parser: keys, types, units, and the bundled files."""

import json
from dataclasses import asdict
from enum import Enum

import pytest
from jsonschema import Draft202012Validator

from mockagent.catalogue import bundled_scenarios, read_schema
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.messages import BEHAVIORS
from mockagent.protocol.switches import Switches
from mockagent.scenario.durations import seconds
from mockagent.scenario.model import Trigger
from mockagent.scenario.parse import REACTION_KEYS, SWITCH_KEYS, TOP_KEYS
from mockagent.scenario.parse_steps import CLIENT_FORMS, MODIFIERS, MOST_TIMES, REPEAT_KEYS
from mockagent.scenario.parse_turns import CALL_INTERRUPTION_KEYS, INTERRUPTION_KEYS, SPECULATION_KEYS
from mockagent.scenario.templates import PRESETS
from mockagent.yaml_nodes import load

SCHEMA = read_schema("files/scenario.json")
DEFINITIONS = SCHEMA["$defs"]
NEEDED = {"never": ("during",)}
"""What cannot be left out beside an actor."""


def test_it_is_a_schema_whose_examples_fit():
    Draft202012Validator.check_schema(SCHEMA)
    for example in SCHEMA["examples"]:
        Draft202012Validator(SCHEMA).validate(example)


def test_the_top_has_the_keys_of_the_parser():
    assert list(SCHEMA["properties"]) == list(TOP_KEYS)
    reaction = SCHEMA["properties"]["reactions"]["items"]
    assert tuple(reaction["properties"]) == tuple(reaction["required"]) == REACTION_KEYS


@pytest.mark.parametrize("actor", MODIFIERS)
def test_each_step_has_the_keys_of_the_parser(actor):
    assert set(DEFINITIONS[actor]["properties"]) == {actor, *MODIFIERS[actor]}
    assert DEFINITIONS[actor]["required"] == [actor, *NEEDED.get(actor, ())]
    assert DEFINITIONS[actor]["additionalProperties"] is False


def test_a_step_is_one_of_the_actors():
    assert [each["$ref"] for each in DEFINITIONS["step"]["anyOf"]] == [
        f"#/$defs/{name}" for name in MODIFIERS
    ]


def test_the_inner_keys_are_those_of_the_parser():
    assert set(DEFINITIONS["agent"]["properties"]["interrupted"]["properties"]) == set(INTERRUPTION_KEYS)
    assert set(DEFINITIONS["call"]["properties"]["interrupted"]["properties"]) == set(CALL_INTERRUPTION_KEYS)
    assert set(DEFINITIONS["user"]["properties"]["speculates"]["properties"]) == set(SPECULATION_KEYS)
    assert tuple(DEFINITIONS["agent"]["properties"]["behavior"]["enum"]) == BEHAVIORS
    repeat = DEFINITIONS["repeat"]["properties"]["repeat"]
    assert tuple(repeat["properties"]) == REPEAT_KEYS
    assert repeat["properties"]["times"]["maximum"] == MOST_TIMES
    forms = DEFINITIONS["client"]["properties"]["client"]["anyOf"]
    assert [form["required"][0] for form in forms[1:]] == [form for form in CLIENT_FORMS if form != "type"]
    assert set(DEFINITIONS["name"]["not"]["enum"]) == PRESETS
    assert DEFINITIONS["trigger"]["enum"] == list(Trigger)


def test_the_switches_are_all_there_with_their_defaults():
    switches = SCHEMA["properties"]["switches"]["properties"]
    assert tuple(switches) == SWITCH_KEYS
    for name, default in asdict(Switches()).items():
        shown = switches[name]["default"]
        if isinstance(default, float):
            assert seconds(shown) == default
        else:
            assert shown == (default.value if isinstance(default, Enum) else default)


@pytest.mark.parametrize("side", Side)
def test_the_message_types_of_both_dialects_are_all_there(side):
    known = {name for dialect in Dialect for name in TYPES[dialect, side]}
    found = set()
    banned = DEFINITIONS["banned_thing"]["properties"]["server"]
    assert set(next(_enumerations(banned))) == {n for d in Dialect for n in TYPES[d, Side.SERVER]}
    for enumeration in _enumerations(DEFINITIONS["client_message" if side is Side.CLIENT else "server"]):
        found |= set(enumeration)
    assert found == known


def _enumerations(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "enum":
                yield value
            else:
                yield from _enumerations(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _enumerations(value)


def test_every_key_is_explained_to_editors():
    explained = [SCHEMA["properties"], *(DEFINITIONS[actor]["properties"] for actor in MODIFIERS)]
    for properties in explained:
        for actor, schema in properties.items():
            assert "description" in schema or actor in MODIFIERS
    assert all({"title", "description"} <= DEFINITIONS[actor].keys() for actor in MODIFIERS)


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_fits(path):
    document = load(path.read_text("utf-8"), str(path)).value
    errors = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]
    assert errors == []


@pytest.mark.parametrize("path", bundled_scenarios(), ids=lambda path: path.stem)
def test_every_bundled_scenario_leads_editors_to_the_schema(path):
    first = path.read_text("utf-8").splitlines()[0]
    target = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert json.loads(target.read_text("utf-8")) == SCHEMA
