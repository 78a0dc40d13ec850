"""Every near-miss of a client, through real sockets, against mockagent's own server."""

import asyncio
import gc

import pytest
from expected import answer, answers
from own_server import AT_ANY_TIME, near_misses, play_for, sent

from mockagent.fuzz.near_miss import Kind

SPEED = 10


@pytest.mark.parametrize("play", ["", "reply", "call", "error"])
def test_every_near_miss_is_answered_as_the_requirements_say(play, caplog, capfd):
    chosen = [each for each in near_misses(*AT_ANY_TIME) if play_for(each) == play]
    assert chosen
    outcomes, failures, left, guests = asyncio.run(sent(chosen, play))
    wrong = {
        each.id: (answer(outcomes[each.id]), sorted(answers(each)))
        for each in chosen
        if answer(outcomes[each.id]) not in answers(each)
    }
    assert wrong == {}
    assert (failures, left, guests) == ([], [], {})
    assert [record for record in caplog.records if record.exc_info] == []
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("play", ["", "call", "error"])
def test_what_comes_too_late_or_never_is_answered_as_the_requirements_say(play):
    """At ten times the speed, and in a server of its own: there a busy machine can do nothing to the others."""
    chosen = [each for each in near_misses(Kind.TIME) if play_for(each) == play]
    outcomes, failures, left, _ = asyncio.run(sent(chosen, play, SPEED))
    wrong = {
        each.id: answer(outcomes[each.id])
        for each in chosen
        if answer(outcomes[each.id]) not in answers(each)
    }
    assert (wrong, failures, left) == ({}, [], [])


def test_nothing_of_a_session_stays_in_memory():
    """Each round in a loop of its own: one keeps timers that are cancelled until it has a hundred of them."""
    some = [each for each in near_misses(Kind.SCHEMA) if not play_for(each)][::20]

    def objects_after_a_round():
        asyncio.run(sent(some))
        gc.collect()
        return len(gc.get_objects())

    before = objects_after_a_round()
    assert objects_after_a_round() - before < len(some)
