"""Every named mutant is killed by the requirement that it is to break, and by no other than those named beside it.

The unbroken peers pass the same plays twice before.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "conformance"))

import kill_matrix
from knocking import found_at, found_of
from mutant_plays import NAMES
from mutants import FAMILIES, MUTANTS, WITHOUT_MUTANT
from mutating import Kind, Mutant
from trying import Outcome, killed, outcome_of, tried, unbroken

from mockagent import catalogue
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Side
from mockagent.protocol.handshake_rules import HANDSHAKE_BOOK
from mockagent.protocol.ruling import BOOK

RENEW = "renew it: python tests/conformance/kill_matrix.py"
RULED = {rule.requirement for rule in (*BOOK, *HANDSHAKE_BOOK)}


@pytest.mark.parametrize("time", ["first", "second"])
@pytest.mark.parametrize("side", Side)
def test_the_unbroken_peers_pass_every_play(side, time):
    async def all_plays():
        return await asyncio.gather(*(outcome_of(side, (name,)) for name in NAMES))

    outcomes = dict(zip(NAMES, asyncio.run(all_plays()), strict=True))
    assert {name: each for name, each in outcomes.items() if each != Outcome()} == {}


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_unbroken_peers_pass_every_handshake(time):
    async def both():
        door = await found_at(lambda request, admits: admits(request))
        client = await found_of(("Authorization", "Token right"))
        return [*door, *client]

    assert asyncio.run(both()) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_each_mutant_is_killed_by_what_it_breaks_and_by_nothing_else(family):
    outcomes = asyncio.run(tried(FAMILIES[family]))
    alive = {
        mutant.name: outcomes[mutant.name]
        for mutant in FAMILIES[family]
        if not killed(mutant, outcomes[mutant.name])
    }
    assert alive == {}
    published = {row["name"]: row for row in kill_matrix.published()["named"]}
    for mutant in FAMILIES[family]:
        assert published.get(mutant.name) == kill_matrix.row(mutant, outcomes[mutant.name]), RENEW


def test_a_peer_that_is_not_broken_is_not_killed():
    """The check can fail: what breaks nothing, something else, or more than it says counts as no kill."""
    mutant = next(each for each in MUTANTS if isinstance(each, Mutant) and not each.also)
    outcome = asyncio.run(outcome_of(mutant.side, mutant.plays, mutant.makes))
    other = Outcome({"TRN-001": Verdict.FAIL})
    assert killed(mutant, outcome)
    assert not killed(mutant, asyncio.run(outcome_of(mutant.side, mutant.plays, unbroken)))
    assert not killed(mutant, other)
    assert not killed(mutant, Outcome(outcome.broken | other.broken))
    assert not killed(replace(mutant, also={"TRN-001": "it does not"}), outcome)
    assert not killed(mutant, Outcome(outcome.broken, kit=["SET-005: its own fault"]))


def test_the_page_names_every_mutant_and_no_other():
    published = kill_matrix.published()
    assert [row["name"] for row in published["named"]] == [mutant.name for mutant in MUTANTS], RENEW
    assert published["without"] == WITHOUT_MUTANT, RENEW
    assert published["summary"] == kill_matrix.in_words(published), RENEW
    assert kill_matrix.PAGE.read_text("utf-8") == kill_matrix.page(published), RENEW


def test_no_name_is_used_twice():
    assert [name for name, count in Counter(each.name for each in MUTANTS).items() if count > 1] == []


def test_there_are_enough_of_each_kind_for_both_sides():
    kinds = Counter(mutant.kind for mutant in MUTANTS)
    assert len(MUTANTS) >= 60
    assert set(kinds) == set(Kind)
    assert kinds[Kind.AUDIO] >= 12
    assert all(sum(mutant.side is side for mutant in MUTANTS) >= 40 for side in Side)


def test_a_mutant_breaks_what_binds_its_side():
    for mutant in MUTANTS:
        broken = [catalogue.requirements()[id] for id in (mutant.breaks, *mutant.also)]
        assert {each.binds for each in broken} == {mutant.side}, mutant.name


def test_every_requirement_with_a_rule_has_a_mutant_that_it_alone_kills():
    alone = {mutant.breaks for mutant in MUTANTS if not mutant.also}
    assert sorted(RULED - alone) == sorted(WITHOUT_MUTANT)


def test_every_companion_is_a_requirement_with_a_reason():
    for mutant in MUTANTS:
        assert mutant.breaks not in mutant.also
        assert set(mutant.also) <= RULED
        assert all(len(why.split()) > 5 for why in mutant.also.values())
