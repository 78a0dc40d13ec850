"""The small words of the core."""

import pytest

from mockagent.protocol.events import Problem, Side, Tolerance


def test_each_side_has_another():
    assert Side.CLIENT.other is Side.SERVER
    assert Side.SERVER.other is Side.CLIENT


@pytest.mark.parametrize("level", Tolerance)
def test_a_tolerance_is_found_by_its_label(level):
    assert level.label == level.name.lower()
    assert Tolerance.named(level.label) is level


def test_a_problem_is_told_in_one_line():
    assert str(Problem("/a", "type", "a string", "7")) == "/a: expected a string, got 7"
    assert str(Problem("", "type", "an object", "7")) == "/: expected an object, got 7"
