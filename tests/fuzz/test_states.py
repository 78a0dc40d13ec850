"""The ways into states: each leads where it says."""

import pytest

from mockagent.fuzz.states import STATES, place_of, walked
from mockagent.protocol.events import Dialect
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.transitions import Phase, Turn


def example(dialect, side, type):
    from mockagent import catalogue

    return catalogue.schemas().document(dialect, side, type)["examples"][0]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("name", STATES)
def test_the_steps_lead_to_the_state(dialect, name):
    steps, phase, turn = STATES[name]
    way, session = walked(dialect, steps, example)
    assert len(way) == len(steps)
    assert (session.phase, session.turn) == (phase, turn)


def test_every_state_before_the_close_is_there():
    assert {phase for _, phase, _ in STATES.values()} == set(Phase) - {Phase.CLOSED}
    assert {turn for _, _, turn in STATES.values()} == set(Turn)


@pytest.mark.parametrize(
    ("dialect", "side", "type"), [(*key, type) for key, types in TYPES.items() for type in types]
)
def test_what_is_said_in_its_place_is_allowed_there(dialect, side, type):
    _, session = walked(dialect, place_of(side, type), example)
    name = "ConversationText of the user" if type == "ConversationText" else type
    assert session.allows(side, name)
