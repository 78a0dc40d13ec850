"""What becomes of an injection: the whole table, cell by cell."""

import pytest

from mockagent.protocol.injection import Behavior, Outcome, behavior_of, outcome
from mockagent.protocol.transitions import Turn

TABLE = {
    (Behavior.DEFAULT, Turn.SILENCE): Outcome.SPEAK,
    (Behavior.DEFAULT, Turn.USER): Outcome.REFUSE,
    (Behavior.DEFAULT, Turn.THINKING): Outcome.REFUSE,
    (Behavior.DEFAULT, Turn.REPLYING): Outcome.REFUSE,
    (Behavior.DEFAULT, Turn.SPEAKING): Outcome.REFUSE,
    (Behavior.QUEUE, Turn.SILENCE): Outcome.SPEAK,
    (Behavior.QUEUE, Turn.USER): Outcome.REFUSE,
    (Behavior.QUEUE, Turn.THINKING): Outcome.WAIT,
    (Behavior.QUEUE, Turn.REPLYING): Outcome.WAIT,
    (Behavior.QUEUE, Turn.SPEAKING): Outcome.WAIT,
    (Behavior.INTERRUPT, Turn.SILENCE): Outcome.SPEAK,
    (Behavior.INTERRUPT, Turn.USER): Outcome.SPEAK,
    (Behavior.INTERRUPT, Turn.THINKING): Outcome.REPLACE,
    (Behavior.INTERRUPT, Turn.REPLYING): Outcome.REPLACE,
    (Behavior.INTERRUPT, Turn.SPEAKING): Outcome.REPLACE,
}


def test_each_behavior_in_each_turn():
    assert {(b, turn): outcome(b, turn) for b in Behavior for turn in Turn} == TABLE


@pytest.mark.parametrize("behavior", Behavior)
def test_a_known_behavior_is_taken(behavior):
    assert behavior_of({"behavior": behavior.value}) is behavior


@pytest.mark.parametrize("body", [{}, *({"behavior": odd} for odd in (None, "INTERRUPT", 5, [], {}, True))])
def test_everything_else_is_the_default(body):
    assert behavior_of(body) is Behavior.DEFAULT
