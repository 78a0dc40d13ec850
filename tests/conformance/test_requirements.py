"""The catalogue of requirements against its own schema, and against the rules that enforce it."""

import importlib.util
import io
import json
import re
import sys
from collections import Counter
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.coverage.seen import events_of
from mockagent.lint.items import Asked
from mockagent.lint.traces import check_trace
from mockagent.protocol import trace
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.handshake_rules import HANDSHAKE_BOOK
from mockagent.protocol.judge import Judge
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.ruling import BOOK, ELAPSED, MALFORMED, NOT_TYPES
from mockagent.protocol.switches import Switches
from mockagent.resources import folder
from mockagent.scenario.unfold import unfolded
from mockagent.yaml_nodes import load

FILES = sorted((folder("conformance") / "requirements").glob("*.yaml"))
ENTRIES = [entry for path in FILES for entry in load(path.read_text("utf-8"), path.name).value]
TRACES = folder("conformance") / "traces"
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


def test_every_requirement_has_one_rule_or_says_why_it_has_none():
    seen = [entry["id"] for entry in ENTRIES if "unseen" not in entry]
    assert Counter(rule.requirement for rule in (*BOOK, *HANDSHAKE_BOOK)) == Counter(seen)


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


def test_there_are_enough_of_them_for_both_sides_and_dialects():
    requirements = catalogue.requirements().values()
    assert len(requirements) >= 120
    for side in Side:
        for dialect in Dialect:
            assert sum(each.binds is side and dialect in each.dialects for each in requirements) >= 20


@every_entry
def test_what_is_inferred_is_no_must(entry):
    assert (entry["certainty"], entry["keyword"]) != ("inferred", "MUST")


@every_entry
def test_a_source_is_an_address_or_says_what_was_seen(entry):
    words = ("RFC", "AsyncAPI", "deepgram-sdk", "field reports", "SDK behaviour", "measured", "the limit of")
    assert entry["source"].startswith("https://") or entry["source"].startswith(words)


@every_entry
def test_no_refusal_without_a_rule(entry):
    assert not {"unseen", "refusal"} <= set(entry)


@every_rule
def test_each_rule_has_a_trace_that_keeps_its_requirement_and_one_that_breaks_it(rule):
    for ending in ("pass", "fail"):
        assert (TRACES / f"{rule.requirement}.{ending}.jsonl").is_file()


def test_no_trace_is_of_another_requirement():
    assert {path.name.split(".")[0] for path in TRACES.iterdir()} == {rule.requirement for rule in BOOK}


@every_rule
def test_the_keeping_trace_breaks_nothing_and_the_breaking_one_only_this(rule):
    kept, broken = (checked(f"{rule.requirement}.{ending}.jsonl") for ending in ("pass", "fail"))
    assert [str(each) for each in kept.findings] == []
    assert [each.requirement for each in broken.findings] == [rule.requirement]


def checked(name):
    return check_trace((TRACES / name).read_text("utf-8"), name, Asked())


@every_rule
def test_the_keeping_trace_gives_the_rule_something_to_look_at(rule):
    """But for what only looks at texts nobody can read and at time that ran out: nothing of that kind is right."""
    recorded = trace.read(io.StringIO((TRACES / f"{rule.requirement}.pass.jsonl").read_text("utf-8")))
    if not rule.events <= ONLY_WHEN_WRONG:
        assert rule.requirement in asked(recorded.events, recorded.header.dialect, Switches())


ONLY_WHEN_WRONG = {MALFORMED, ELAPSED}


def asked(events, dialect, switches):
    """The requirements whose rules these events of one session are held against."""
    judge = Judge(catalogue.requirements(), switches, dialect)
    found = set()
    for event in events:
        found |= {rule.requirement for rule in judge.rules_for(event)}
        judge.observe(event)
    return found


def test_each_rule_is_asked_in_a_bundled_scenario():
    """What only looks at unreadable texts and at time that ran out is asked where something goes wrong, if at all."""
    found = set()
    for path in catalogue.bundled_scenarios():
        scenario = catalogue.load_scenario(path)
        for play in unfolded(scenario, catalogue.requirements(), catalogue.problems):
            found |= asked(events_of(play.beats), scenario.dialect, scenario.switches)
    wanted = {rule.requirement for rule in BOOK if not rule.events <= ONLY_WHEN_WRONG}
    assert sorted(wanted - found) == []


def test_the_traces_are_as_their_sessions_make_them():
    made = dict(module("traces").texts())
    assert {path.name for path in TRACES.iterdir()} == set(made)
    for name, text in made.items():
        assert (TRACES / name).read_text("utf-8") == text, "run python tests/conformance/traces.py"


def module(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded
