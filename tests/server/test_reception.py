"""Faults of the handshake: which strike, and what several amount to."""

import pytest

from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.table import FAULTS, Strikes
from mockagent.scenario.model import FaultStrikes, Place
from mockagent.server.reception import Reception, drawn, reception, written

PLACE = Place("f.yaml", 4, 5)
OF_HANDSHAKE = [name for name, each in FAULTS.items() if each.strikes is Strikes.HANDSHAKE]


def received(*flags):
    return reception(drawn(list(map(standing, flags)), lambda: 0.0))


def names(strikes):
    return [each.fault for each in strikes]


def test_without_faults_a_client_is_received_at_once():
    assert received() == Reception()


@pytest.mark.parametrize("name", OF_HANDSHAKE)
def test_every_fault_of_the_handshake_makes_a_difference(name):
    found = received(name)
    assert names(found.faults) == [name]
    assert found != Reception(faults=found.faults)
    if name.startswith("refused_"):
        assert found.refused.status == int(name.removeprefix("refused_"))


def test_only_faults_of_the_handshake_are_drawn_here_each_by_its_chance():
    dice = iter([0.4, 0.6])
    faults = [standing("tcp_reset"), standing("slow_handshake:0.5"), standing("compressed:0.5")]
    assert names(drawn(faults, lambda: next(dice))) == ["slow_handshake"]


def test_of_several_refusals_the_first_one_holds():
    found = received("compressed", "refused_429,retry_after=9 s", "slow_handshake,seconds=3 s", "refused_503")
    assert names(found.faults) == ["compressed", "refused_429", "slow_handshake"]
    assert found.faults[1].values == {"retry_after": 9.0}
    assert (found.refused.status, found.retry_after, found.waits_for) == (429, 9.0, 3.0)


def test_an_attempt_of_a_scenario_names_its_own():
    step = FaultStrikes(fault="slow_handshake", values={"seconds": 1.5}, place=PLACE)
    found = reception(written([step]))
    assert (names(found.faults), found.waits_for, found.faults[0].place) == (["slow_handshake"], 1.5, PLACE)
