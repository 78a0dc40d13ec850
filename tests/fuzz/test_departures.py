"""Departures from schemas: each is refused where it was planned, and only there; what is legal is not."""

import copy
import json
import re

import pytest

from mockagent import catalogue
from mockagent.fuzz.compiling import compiled
from mockagent.fuzz.departures import departures
from mockagent.fuzz.near_miss import Kind
from mockagent.protocol.events import Dialect, Side, Tolerance
from mockagent.protocol.message_types import TYPES, path_of


def found(schema):
    return {(each.key, each.keyword, each.detail): each for each in departures(compiled(schema))}


def problems_of(near_miss):
    path = path_of(near_miss.dialect, near_miss.side, near_miss.type)
    return catalogue.schemas().conforms(path, json.loads(near_miss.frames()[0][1]))


def test_each_is_refused_at_the_planned_place_by_the_planned_keyword_and_tolerance(near_misses):
    for each in near_misses(Kind.SCHEMA):
        if not each.legal:
            problems = problems_of(each)
            assert {problem.pointer for problem in problems} == {each.pointer}, each.id
            found = {(problem.keyword, problem.refused_from) for problem in problems}
            assert (each.keyword, each.refused_from) in found, each.id


def test_what_is_legal_is_refused_nowhere_and_says_why(near_misses):
    legal = [each for each in near_misses(Kind.SCHEMA) if each.legal]
    assert legal
    assert [each.id for each in legal if problems_of(each) or each.refused_from is not None] == []


def test_every_near_miss_that_somebody_wrote_into_a_schema_is_there(near_misses):
    there = {
        (each.dialect, each.side, each.type, digits(each.pointer), each.keyword)
        for each in near_misses(Kind.SCHEMA)
        if not each.legal
    }
    for (dialect, side), types in TYPES.items():
        for type in types:
            for written in catalogue.schemas().document(dialect, side, type)["x-near-misses"]:
                assert (dialect, side, type, digits(written["pointer"]), written["keyword"]) in there


def digits(pointer):
    """The pointer with one item for all items of an array."""
    return re.sub(r"/\d+(?=/|$)", "/0", pointer)


def test_every_field_of_every_message_is_departed_from(near_misses):
    """Of each type at least: its type wrong, missing and misspelt, and a further field unless it takes any."""
    for dialect, side, type in {(each.dialect, each.side, each.type) for each in near_misses(Kind.SCHEMA)}:
        place = f"{dialect}/{side}/{type}"
        ids = {each.id for each in near_misses(Kind.SCHEMA) if each.id.startswith(place)}
        assert {f"{place}/type#required", f"{place}/type#const:case", f"{place}/type#const:null"} <= ids
        assert f"{place}/mockagent_unknown#unknown-field" in ids


THINK, SPEAK = "/agent/think/provider", "/agent/speak/provider"


@pytest.mark.parametrize(
    ("id", "pointer", "refused_from", "part"),
    [
        (f"{THINK}/type#enum:unknown", f"{THINK}/type", 0, '"mockagent_unknown"'),
        (f"{THINK}(type=open_ai)/model#required", f"{THINK}/model", 0, "open_ai"),
        (f"{THINK}(type=anthropic)/temperature#maximum", f"{THINK}/temperature", 0, "1.001"),
        (f"{THINK}(type=groq)/temperature#type:numeric-string", f"{THINK}/temperature", 1, '"0.7"'),
        (f"{THINK}(type=groq)/endpoint#unknown-field:refused", f"{THINK}/endpoint", 0, "groq"),
        ("/agent/think/endpoint#required", "/agent/think/endpoint", 0, '"groq"'),
        (f"{SPEAK}(type=deepgram)/expressivity#minimum", f"{SPEAK}/expressivity", 0, "-3"),
        (f"{SPEAK}(type=deepgram)/voice#unknown-field", f"{SPEAK}/voice", 2, "aura-2"),
        ("/agent/listen/provider/eot_threshold#minimum", "/agent/listen/provider/eot_threshold", 0, "0.499"),
        ("/agent/prompt#departure:string", "/agent/prompt", 2, "prompt"),
        ("/agent#pattern:braces", "/agent", 0, "{fc553ec9"),
        ("/audio#expected", "/audio", 2, "agent"),
    ],
)  # fmt: skip
def test_some_that_one_would_think_of(id, pointer, refused_from, part):
    near_miss = catalogue.corpus().get(f"v1/client/Settings{id}")
    assert (near_miss.pointer, near_miss.refused_from) == (pointer, Tolerance(refused_from))
    (problem,) = problems_of(near_miss)
    assert problem.pointer == pointer
    assert part in near_miss.frames()[0][1].decode()


def test_an_id_and_its_frames_stay_when_the_schemas_grow_elsewhere():
    grown = copy.deepcopy(catalogue.schemas().resolved(Dialect.V1, Side.CLIENT, "Settings"))
    before = found(grown)
    grown["properties"]["audio"]["properties"]["gain"] = {"type": "number", "minimum": 0}
    grown["properties"]["region"] = {"enum": ["eu", "us"]}
    after = found(grown)
    assert before.items() <= after.items()
    assert {"/audio/gain", "/region"} <= {key for key, _, _ in after.keys() - before.keys()}


def test_each_keyword_has_its_departures():
    schema = {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 1, "maximum": 5},
            "name": {"type": "string", "minLength": 1},
            "list": {"type": "array", "minItems": 1, "items": {"const": True}},
            "open": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["count"],
        "x-expected": ["name"],
        "additionalProperties": False,
    }
    names = {"#".join((key, f"{keyword}:{detail}".rstrip(":"))) for key, keyword, detail in found(schema)}
    kinds = {"object", "array", "string", "boolean", "null"}
    assert {name for name in names if name.startswith("/count#")} == {
        *(f"/count#type:{kind}" for kind in kinds),
        *(
            "/count#required",
            "/count#minimum",
            "/count#maximum",
            "/count#type:fraction",
            "/count#type:point-zero",
        ),
    }
    assert {"/name#expected", "/name#minLength:empty", "/list#minItems:none", "/list/0#const:false"} <= names
    assert {"/mockagent_unknown#unknown-field", "/open/mockagent_unknown#unknown-field"} <= names
    assert "/open/mockagent_unknown#type:number" in names


def test_a_field_that_decides_on_another_branch_is_no_unknown_field():
    schema = {
        "type": "object",
        "if": {"required": ["many"]},
        "then": {"properties": {"many": {"type": "array"}, "extra": {"type": "string"}}},
        "else": {"properties": {"one": {"type": "string"}}},
        "unevaluatedProperties": False,
    }
    names = {(key, keyword) for key, keyword, _ in found(schema)}
    assert ("/extra", "unknown-field") in names
    assert ("/many", "unknown-field") not in names
