"""Faults of order, time and audio, before the judge: nothing on the way to them, and something at what is not legal."""

import pytest

from mockagent import catalogue
from mockagent.fuzz.near_miss import Kind


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.TIME, Kind.AUDIO])
def test_the_judge_finds_what_is_not_legal_and_nothing_on_the_way(near_misses, judged, kind):
    for each in near_misses(kind):
        seen = judged(each)
        assert seen.on_the_way == (), each.id
        assert bool(seen.broken) is not bool(each.legal), (each.id, seen.broken)


@pytest.mark.parametrize(
    ("id", "requirement"),
    [
        ("v1/client/UpdatePrompt#order:open", "SET-001"),
        ("v1/client/audio#order:welcomed", "SET-002"),
        ("v1/client/Settings#order:agent-speaks", "SET-003"),
        ("v1/client/FunctionCallResponse#order:unasked", "FUN-001"),
        ("v1/client/KeepAlive#order:closed", "CLS-008"),
        ("v1/server/AgentAudioDone#order:silence", "AUD-008"),
        ("v1/server/ConversationText(role=user)#order:silence", "TRN-001"),
        ("v1/server/ConversationText(role=assistant)#order:user-speaks", "TRN-002"),
        ("v1/server/audio#order:user-speaks", "AUD-006"),
        ("v1/server/PromptUpdated#order:unasked", "UPD-001"),
        ("v1/server/Warning#order:failed", "CLS-001"),
        ("v1/client/Settings#time:never", "LIV-001"),
        ("v1/client/KeepAlive#time:late", "LIV-002"),
        ("v1/client/FunctionCallResponse#time:late", "FUN-006"),
        ("v1/client/audio#time:early", "SET-007"),
        ("v1/server/FunctionCallCancelled#time:never", "FUN-015"),
        ("v1/server/audio#audio:over-a-mebibyte", "AUD-005"),
        ("v1/client/audio#audio:odd", "AUD-002"),
        ("v1/server/audio#audio:json", "MSG-013"),
    ],
)
def test_some_that_one_would_think_of(judged, id, requirement):
    assert requirement in judged(catalogue.corpus().get(id)).broken


def test_a_message_that_departs_from_its_schema_is_otherwise_in_its_place(near_misses, judged):
    """The way leads to where the message belongs: so much is seen of one that departs from nothing."""
    for each in near_misses(Kind.SCHEMA):
        if each.id == f"{each.dialect}/{each.side}/{each.type}/type#required":
            assert judged(each).on_the_way == (), each.id
            assert set(judged(each).broken) <= {"MSG-001", "MSG-006", "SET-005", "OPN-001"}, each.id
