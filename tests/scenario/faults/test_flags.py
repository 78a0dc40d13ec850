"""A fault as a flag writes it, and the dice it throws."""

import random

import pytest

from mockagent.errors import NoSuchName
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.table import FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_named_alone(name):
    found = standing(name)
    assert (found.fault, found.values, found.chance) == (FAULTS[name], FAULTS[name].values(), 1.0)
    assert found.text == name


@pytest.mark.parametrize(
    ("text", "values", "chance"),
    [
        ("delayed:0.25", {"seconds": 1.0, "type": None}, 0.25),
        ("delayed,seconds=200 ms:0.5", {"seconds": 0.2, "type": None}, 0.5),
        ("delayed, seconds=2s, type=History", {"seconds": 2.0, "type": "History"}, 1.0),
        ("close,code=1011", {"code": 1011}, 1.0),
        ("ping_flood,count=5:1", {"count": 5}, 1.0),
        ("refused_401,retry_after=none", {"retry_after": None}, 1.0),
        ("close,code=none", {"code": None}, 1.0),
        ("missing_field,field=any,type=any:0.5", {"field": None, "type": None}, 0.5),
    ],
)
def test_parameters_and_chances(text, values, chance):
    found = standing(text)
    assert (found.values, found.chance) == (values, chance)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp_rest", "no fault named 'tcp_rest'; did you mean 'tcp_reset'?"),
        ("", "no fault named ''"),
        ("delayed:2", "expected a probability from 0 to 1 after the colon, got '2'"),
        ("delayed:", "expected a probability from 0 to 1 after the colon, got ''"),
        ("delayed:nan", "expected a probability from 0 to 1 after the colon, got 'nan'"),
        ("delayed,2s", "expected PARAMETER=VALUE after the comma, got '2s'"),
        ("delayed,second=2s", "the fault delayed has no parameter 'second'; did you mean 'seconds'?"),
        ("delayed,seconds=2", "seconds of delayed: expected a length such as"),
        (
            "delayed,type=Histroy",
            "type of delayed: no server message named 'Histroy'; did you mean 'History'?",
        ),
        ("delayed,seconds=none", "seconds of delayed: expected a length such as"),
        (
            "stall,seconds=5s,seconds=6s",
            "seconds of stall: expected it once, got it again as 'seconds=6s'",
        ),
        ("stall,type=any,type=History", "type of stall: expected it once, got it again as 'type=History'"),
        ("close,code=1005", "code of close: expected a code that a close frame may carry"),
    ],
)
def test_what_is_wrong_is_told_with_the_nearest(text, expected):
    with pytest.raises((NoSuchName, ValueError)) as refused:
        standing(text)
    assert str(refused.value).startswith(expected)


def test_the_dice_decide_by_the_chance_and_are_thrown_in_any_case():
    thrown = iter([0.0, 0.49, 0.5, 0.99])
    fault = standing("delayed:0.5")
    assert [fault.strikes(lambda: next(thrown)) for _ in range(4)] == [True, True, False, False]
    dice = random.Random(7).random
    assert not any(standing("delayed:0").strikes(dice) for _ in range(100))
    assert all(standing("delayed:1").strikes(dice) for _ in range(100))
