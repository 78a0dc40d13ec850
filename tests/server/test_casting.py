"""Which scenario a session plays: by key, wish and tag, else in turn; a name that is none is told with the nearest."""

from dataclasses import replace

import pytest

from mockagent.errors import NoSuchName, ServerError
from mockagent.protocol.events import Dialect
from mockagent.scenario.model import AgentTurn, Attempt, FaultStrikes, Scenario
from mockagent.server.casting import Casting
from mockagent.server.door import Admitted


def scenario(name, dialect=Dialect.V1):
    return Scenario(name=name, summary="s", steps=(), dialect=dialect)


LUNCH, TEA, OLD = scenario("lunch"), scenario("tea"), scenario("old", Dialect.EARLY_ACCESS)
ALL = Casting([LUNCH, TEA, OLD])


def client(dialect=Dialect.V1, **more):
    return Admitted(dialect, **{"credential": "KEY", **more})


def test_without_scenarios_the_house_plays_both_dialects():
    house = Casting([])
    for dialect in Dialect:
        assert house.plays(dialect)
        assert house.at_the_door(client(dialect)) is None
        assert house.at_settings((), dialect) is None


def test_a_dialect_without_a_scenario_is_not_played():
    casting = Casting([LUNCH])
    assert casting.plays(Dialect.V1)
    assert not casting.plays(Dialect.EARLY_ACCESS)


def test_the_only_scenario_of_a_dialect_is_known_at_the_door():
    assert ALL.at_the_door(client(Dialect.EARLY_ACCESS)) is OLD
    assert ALL.at_the_door(client()) is None


def test_several_are_played_in_turn():
    casting = Casting([LUNCH, TEA, OLD])
    assert [casting.at_settings((), Dialect.V1) for _ in range(3)] == [LUNCH, TEA, LUNCH]


@pytest.mark.parametrize("asks", [{"wish": "tea"}, {"credential": "tea"}])
def test_a_client_asks_at_the_door(asks):
    assert ALL.at_the_door(client(**asks)) is TEA


def test_a_tag_asks_in_settings_and_has_the_last_word():
    tags = ("friday", "scenario:tea", "scenario:lunch")
    assert ALL.at_settings(tags, Dialect.V1) is TEA
    assert ALL.at_settings(tags, Dialect.V1, given=LUNCH) is TEA
    assert ALL.at_settings(("friday",), Dialect.V1, given=LUNCH) is LUNCH


def test_a_key_that_names_nothing_is_just_a_key():
    assert ALL.at_the_door(client(credential="dinner")) is None
    assert ALL.knows("tea")
    assert not ALL.knows("dinner")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ALL.at_the_door(client(wish="lunhc")),
        lambda: ALL.at_settings(("scenario:lunhc",), Dialect.V1),
        lambda: Casting([LUNCH]).at_settings(("scenario:lunhc",), Dialect.V1, given=LUNCH),
    ],
)
def test_a_name_that_is_none_is_told_with_the_nearest(ask):
    with pytest.raises(NoSuchName, match=r"no v1 scenario named 'lunhc'; did you mean 'lunch'\?"):
        ask()


def test_a_scenario_of_the_other_dialect_is_none():
    with pytest.raises(NoSuchName, match="no early-access scenario named 'tea'"):
        ALL.at_the_door(client(Dialect.EARLY_ACCESS, wish="tea"))
    with pytest.raises(NoSuchName, match="no v1 scenario named 'old'"):
        ALL.at_the_door(client(credential="old"))


def test_with_the_house_alone_nothing_can_be_asked_for():
    with pytest.raises(NoSuchName):
        Casting([]).at_the_door(client(wish="lunch"))


def test_two_of_one_name_are_refused_for_neither_could_be_asked_for():
    with pytest.raises(ServerError, match="two scenarios are named 'lunch'"):
        Casting([LUNCH, TEA, scenario("lunch")])


REFUSED = FaultStrikes(fault="refused_503")


def differing():
    attempts = (Attempt(faults=(REFUSED,)), Attempt(steps=(AgentTurn(texts=("Second.",)),)))
    return replace(scenario("differing"), steps=(AgentTurn(texts=("Last.",)),), attempts=attempts)


def told(found):
    """What a connection meets at the door, and hears first."""
    return [each.fault for each in found.at_the_door], found.steps[0].texts[0] if found.steps else ""


def test_each_scenario_counts_the_connections_that_play_it():
    casting = Casting([differing(), TEA])
    asked = ["differing", "tea", "differing", "differing", "differing"]
    assert [told(casting.at_the_door(client(wish=name))) for name in asked] == [
        (["refused_503"], "Last."),
        ([], ""),
        ([], "Second."),
        ([], "Last."),
        ([], "Last."),
    ]


def test_a_scenario_that_settings_confirm_is_one_attempt():
    casting = Casting([differing()])
    given = casting.at_the_door(client())
    assert casting.at_settings(["scenario:differing"], Dialect.V1, given) is given
    assert casting.at_settings([], Dialect.V1, given) is given
    assert told(casting.at_settings(["scenario:differing"], Dialect.V1)) == ([], "Second.")
