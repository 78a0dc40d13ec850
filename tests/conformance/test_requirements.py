"""The catalogue of requirements against its own schema, and against the rules that enforce it."""

import json
import re
from collections import Counter
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.protocol import judge  # noqa: F401  (its import fills the book)
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.ruling import BOOK, NOT_TYPES
from mockagent.resources import folder
from mockagent.yaml_nodes import load

FILES = sorted((folder("conformance") / "requirements").glob("*.yaml"))
ENTRIES = [entry for path in FILES for entry in load(path.read_text("utf-8"), path.name).value]
SCHEMA = json.loads((folder("schemas") / "files/requirement.json").read_text("utf-8"))

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
every_rule = pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.requirement)


def flaws(entry):
    return [str(problem) for problem in catalogue.schemas().conforms("files/requirement.json", entry)]


@every_entry
def test_each_entry_fits_the_schema(entry):
    assert flaws(entry) == []


@pytest.mark.parametrize("entry", SCHEMA["examples"], ids=lambda entry: entry["id"])
def test_the_examples_of_the_schema_fit_it(entry):
    assert flaws(entry) == []


@pytest.mark.parametrize("miss", SCHEMA["x-near-misses"], ids=lambda miss: miss["why"])
def test_the_near_misses_of_the_schema_do_not(miss):
    problems = catalogue.schemas().conforms("files/requirement.json", miss["value"])
    assert [(each.pointer, each.keyword) for each in problems] == [(miss["pointer"], miss["keyword"])]


def test_the_schema_has_the_fields_of_a_requirement():
    assert set(SCHEMA["properties"]) == {field.name for field in fields(Requirement)}
    assert set(SCHEMA["required"]) == {
        field.name for field in fields(Requirement) if field.default is MISSING
    }


def test_no_id_is_used_twice():
    assert [id for id, count in Counter(entry["id"] for entry in ENTRIES).items() if count > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_about_one_area_in_the_order_of_its_numbers(path):
    ids = [entry["id"] for entry in load(path.read_text("utf-8"), path.name).value]
    assert len({id.split("-")[0] for id in ids}) == 1
    assert ids == sorted(ids)


def test_every_requirement_has_one_rule_and_every_rule_a_requirement():
    assert Counter(rule.requirement for rule in BOOK) == Counter(entry["id"] for entry in ENTRIES)


def test_the_catalogue_reads_them_all():
    assert list(catalogue.requirements()) == [entry["id"] for entry in ENTRIES]


@every_rule
def test_a_rule_looks_at_the_side_that_its_requirement_binds(rule):
    assert rule.sender is catalogue.requirements()[rule.requirement].binds


@every_rule
def test_a_rule_looks_at_something_that_each_of_its_dialects_has(rule):
    for dialect in catalogue.requirements()[rule.requirement].dialects:
        assert rule.events & {*NOT_TYPES, *TYPES[dialect, rule.sender]}


def test_what_is_only_inferred_refuses_nobody():
    refusing = [each for each in catalogue.requirements().values() if each.refusal is not None]
    assert refusing
    assert [each.id for each in refusing if each.certainty == "inferred"] == []


@every_entry
def test_a_refusal_can_be_sent_in_each_of_its_dialects(entry):
    requirement = catalogue.requirements()[entry["id"]]
    if requirement.refusal is None:
        return
    bodies = {
        Dialect.V1: {"code": requirement.refusal.code, "description": requirement.refusal.description},
        Dialect.EARLY_ACCESS: {"message": requirement.refusal.message},
    }
    for dialect in requirement.dialects:
        body = {"type": "Error", **bodies[dialect]}
        assert catalogue.schemas().problems(dialect, Side.SERVER, body) == ()
        assert set(re.findall(r"{\w*}", str(body))) <= {"{field}"}


@every_entry
def test_each_requirement_has_a_test_that_breaks_it_alone(entry):
    tests = Path(__file__).parent.parent / "protocol" / "rules"
    alone = re.compile(rf'\("{entry["id"]}",\)')
    assert [path.name for path in tests.glob("test_*.py") if alone.search(path.read_text("utf-8"))]
