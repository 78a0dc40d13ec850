"""Every schema file of both dialects and both sides: its examples hold, its near misses are refused for their reason.

The files are read by our own validators and, as somebody else's would, by a plain one.
"""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.schemas import TYPES, Schemas, path_of
from mockagent.resources import folder

ROOT = folder("schemas")
CASES = [(dialect, side, name) for (dialect, side), names in TYPES.items() for name in names]
OUR_KEYWORDS = {"departure", "expected", "json-text"}
OPEN_FIELDS = {"parameters", "headers", "content", "response"}
OPEN_VALUES = {
    "__customToThinkProvider": {"content"},
    "__customFromThinkProvider": {"content"},
    "FunctionCalling": {"status", "function_name"},
}
OPEN_MESSAGES = {(Dialect.EARLY_ACCESS, Side.SERVER, "FunctionCalling")}  # nobody says what it carries
OPEN_INPUT = (Dialect.EARLY_ACCESS, Side.SERVER, "FunctionCallRequest")


def read(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


SCHEMAS = Schemas(read)
REGISTRY = Registry(
    retrieve=lambda uri: DRAFT202012.create_resource(
        json.loads(Path(uri.removeprefix("file://")).read_text())
    )
)


def plain(path):
    """A validator that knows nothing of ours, over the files where they lie."""
    return Draft202012Validator({"$ref": f"file://{ROOT / path}"}, registry=REGISTRY)


def case_id(case):
    return path_of(*case)


every_message = pytest.mark.parametrize("case", CASES, ids=case_id)


@pytest.mark.parametrize("key", TYPES, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_table_of_types_holds_the_names_of_the_files(key):
    files = {path.stem for path in (ROOT / path_of(*key, "X")).parent.glob("*.json")}
    assert files == set(TYPES[key])
    assert len(TYPES[key]) == len(files)


def test_the_number_of_types_is_that_of_the_protocol():
    assert {key: len(names) for key, names in TYPES.items()} == {
        (Dialect.V1, Side.CLIENT): 12,
        (Dialect.V1, Side.SERVER): 22,
        (Dialect.EARLY_ACCESS, Side.CLIENT): 6,
        (Dialect.EARLY_ACCESS, Side.SERVER): 11,
    }


@every_message
def test_a_file_says_what_it_is_and_where_it_is_from(case):
    schema = SCHEMAS.document(*case)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema
    assert schema["title"] == case[2]
    assert schema["description"] and "\n" not in schema["description"]
    assert schema["x-source"] and all(isinstance(source, str) for source in schema["x-source"])
    assert schema["x-stability"] in {"ga", "ea"}
    assert len(schema["examples"]) >= 2
    assert len(schema["x-near-misses"]) >= 3


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.json")))
def test_a_file_is_a_json_schema(path):
    Draft202012Validator.check_schema(read(path))


@every_message
def test_the_examples_are_valid(case):
    for example in SCHEMAS.document(*case)["examples"]:
        assert SCHEMAS.problems(*case[:2], example) == ()
        assert example["type"] == case[2]
        plain(path_of(*case)).validate(example)


@every_message
def test_the_near_misses_are_refused_for_the_stated_reason(case):
    for miss in SCHEMAS.document(*case)["x-near-misses"]:
        problems = SCHEMAS.conforms(path_of(*case), miss["value"])
        assert (miss["pointer"], miss["keyword"]) in {(p.pointer, p.keyword) for p in problems}, miss["why"]
        assert miss["why"] and "\n" not in miss["why"]


@every_message
def test_a_plain_validator_refuses_the_near_misses_too(case):
    for miss in SCHEMAS.document(*case)["x-near-misses"]:
        problems = SCHEMAS.conforms(path_of(*case), miss["value"])
        ours_alone = {problem.keyword for problem in problems} <= OUR_KEYWORDS
        assert plain(path_of(*case)).is_valid(miss["value"]) == ours_alone, miss["why"]


@every_message
def test_no_problem_is_worded_by_a_validator(case):
    for miss in SCHEMAS.document(*case)["x-near-misses"]:
        for problem in SCHEMAS.conforms(path_of(*case), miss["value"]):
            assert "schema" not in str(problem) and "\n" not in str(problem)


def objects(value, pointer="", open_fields=OPEN_FIELDS):
    """Each object of a message that the protocol closes, with its pointer."""
    if isinstance(value, dict):
        yield pointer, value
        for name, item in value.items():
            if name not in open_fields:
                yield from objects(item, f"{pointer}/{name}", open_fields)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, f"{pointer}/{index}", open_fields)


@pytest.mark.parametrize("case", [case for case in CASES if case not in OPEN_MESSAGES], ids=case_id)
def test_every_object_of_the_protocol_is_closed(case):
    open_fields = OPEN_FIELDS | ({"input"} if case == OPEN_INPUT else set())
    for example in SCHEMAS.document(*case)["examples"]:
        for pointer, _ in objects(example, open_fields=open_fields):
            message = copy.deepcopy(example)
            dict(objects(message, open_fields=open_fields))[pointer]["zz_unknown"] = 1
            found = SCHEMAS.problems(*case[:2], message)
            assert [(p.pointer, p.keyword) for p in found] == [(f"{pointer}/zz_unknown", "unknown-field")]
            assert not plain(path_of(*case)).is_valid(message)


@every_message
def test_every_field_of_an_example_has_a_type(case):
    for example in SCHEMAS.document(*case)["examples"]:
        for name in set(example) - {"type"} - OPEN_VALUES.get(case[2], set()):
            found = SCHEMAS.problems(*case[:2], {**example, name: [None]})
            assert any(problem.pointer.startswith(f"/{name}") for problem in found), name
