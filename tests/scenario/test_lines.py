"""The tree of steps as straight plays: every branch is in one of them, and nothing follows the end."""

import pytest

from mockagent.scenario import model
from mockagent.scenario.lines import plays_of
from mockagent.scenario.model import Scenario


def says(text):
    return model.UserTurn(text=text, lasts=1.0)


def sends(type):
    return model.ClientSends(pattern={"type": type})


def told(*steps, reactions=()):
    """Each play as the texts of its lines."""
    plays = plays_of(Scenario(name="n", summary="s", steps=steps, reactions=reactions))
    return [[_word(line.step) for line in play] for play in plays]


def _word(step):
    return (
        step.text
        if isinstance(step, model.UserTurn)
        else step.pattern["type"]
        if hasattr(step, "pattern")
        else "."
    )


A, B, C, D, E = map(says, "abcde")
CLOSES = model.ClientCloses()


@pytest.mark.parametrize(
    ("steps", "plays"),
    [
        ((A, B), [["a", "b"]]),
        ((A, model.Either(branches=((B,), (C, D))), E), [["a", "b", "e"], ["a", "c", "d", "e"]]),
        (
            (model.Either(branches=((A,), (B,))), model.Either(branches=((C,), (D,), (E,)))),
            [["a", "c"], ["b", "d"], ["b", "e"]],
        ),
        ((model.AnyOrder(parts=((A, B), (C,))), D), [["a", "b", "c", "d"]]),
        ((model.Repeat(times=3, steps=(A, B)),), [["a", "b"] * 3]),
        (
            (model.Either(branches=((model.Either(branches=((A,), (B,))),), (C,))), D),
            [["a", "d"], ["b", "d"], ["c", "d"]],
        ),
        ((model.Either(branches=((A, CLOSES), (B,))), C), [["b", "c"], ["a", "."]]),
        ((model.Either(branches=((A, CLOSES), (B, CLOSES))),), [["a", "."], ["b", "."]]),
    ],
)
def test_plays(steps, plays):
    assert told(*steps) == plays


def test_each_reaction_is_a_play_of_its_own_that_begins_with_its_message():
    reaction = model.Reaction(pattern={"type": "UpdatePrompt"}, steps=(B,))
    assert told(A, reactions=(reaction,)) == [["a"], ["UpdatePrompt", "b"]]


def test_every_line_has_a_path_of_its_own():
    scenario = Scenario(
        name="n",
        summary="s",
        steps=(A, model.Repeat(times=2, steps=(model.Either(branches=((B,), (C,))),)), D),
        reactions=(model.Reaction(pattern={"type": "UpdatePrompt"}, steps=(E,)),),
    )
    for play in plays_of(scenario):
        assert len({line.path for line in play}) == len(play)
    assert [line.path for line in plays_of(scenario)[0]] == [(0,), (1, 0, 0, 0, 0), (1, 1, 0, 0, 0), (2,)]
    assert [line.path for line in plays_of(scenario)[-1]] == [(3, 0), (3, 1)]
