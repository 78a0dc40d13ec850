"""The small words of the core."""

import pytest

from mockagent.protocol.events import Side, Tolerance


def test_each_side_has_another():
    assert Side.CLIENT.other is Side.SERVER
    assert Side.SERVER.other is Side.CLIENT


@pytest.mark.parametrize("level", Tolerance)
def test_a_tolerance_is_found_by_its_label(level):
    assert level.label == level.name.lower()
    assert Tolerance.named(level.label) is level
