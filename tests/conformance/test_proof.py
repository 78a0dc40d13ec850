"""Every requirement of the catalogue has all that proves it; and an entry that lacks anything is found out."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import proof

from mockagent.resources import folder
from mockagent.yaml_nodes import load

FILES = sorted((folder("conformance") / "requirements").glob("*.yaml"))
ENTRIES = [entry for path in FILES for entry in load(path.read_text("utf-8"), path.name).value]
ID = "SET-001"


@pytest.fixture(scope="module", name="evidence")
def fixture_evidence():
    return proof.evidence()


@pytest.fixture(name="entry")
def fixture_entry():
    return next(dict(entry) for entry in ENTRIES if entry["id"] == ID)


def test_every_requirement_has_all_that_it_needs(evidence):
    found = {entry["id"]: proof.lacks(entry, evidence) for entry in ENTRIES}
    assert {id: what for id, what in found.items() if what} == {}


def test_nothing_is_evidence_of_a_requirement_that_there_is_not(evidence):
    ids = {entry["id"] for entry in ENTRIES}
    for each in (
        evidence.rules,
        evidence.traces,
        evidence.scenarios,
        evidence.mutants,
        evidence.without_mutant,
    ):
        assert set(each) <= ids


def test_what_has_no_mutant_for_a_reason_has_none(evidence):
    assert set(evidence.without_mutant) & set(evidence.mutants) == set()


@pytest.mark.parametrize("source", ["", "we think so", None])
def test_an_entry_without_a_citation_is_found(entry, evidence, source):
    assert proof.lacks({**entry, "source": source}, evidence) == ["a citation"]


def test_an_entry_without_a_rule_is_found(entry, evidence):
    assert proof.lacks(entry, replace(evidence, rules=evidence.rules - {ID})) == ["a rule"]


def test_an_entry_without_a_scenario_is_found(entry, evidence):
    assert proof.lacks(entry, replace(evidence, scenarios=without(evidence.scenarios))) == ["a scenario"]


@pytest.mark.parametrize(
    ("left", "lacks"),
    [("fail", "a keeping trace"), ("pass", "a breaking trace")],
    ids=["keeping", "breaking"],
)
def test_an_entry_without_a_trace_is_found(entry, evidence, left, lacks):
    traces = {**evidence.traces, ID: frozenset({left})}
    assert proof.lacks(entry, replace(evidence, traces=traces)) == [lacks]


def test_an_entry_without_a_mutant_is_found_unless_it_says_why(entry, evidence):
    bare = replace(evidence, mutants=without(evidence.mutants))
    assert proof.lacks(entry, bare) == ["a mutant"]
    assert proof.lacks(entry, replace(bare, without_mutant={ID: "none"})) == ["a mutant"]
    assert proof.lacks(entry, replace(bare, without_mutant={ID: "no peer can be seen to do it"})) == []


@pytest.mark.parametrize("why", ["", "unseen", True])
def test_an_entry_that_no_rule_sees_has_to_say_why(entry, evidence, why):
    assert proof.lacks({**entry, "unseen": why}, evidence) == ["a reason why no rule sees it"]


def test_a_new_entry_lacks_everything_at_once(evidence):
    everything = ["a citation", "a rule", "a scenario", "a keeping trace", "a breaking trace", "a mutant"]
    assert proof.lacks({"id": "SET-999"}, evidence) == everything


def without(evidence):
    return {id: each for id, each in evidence.items() if id != ID}
