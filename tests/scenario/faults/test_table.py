"""The table against the rehearsal: each row breaks what it says and nothing else, and a wrong row is found."""

from dataclasses import replace

import pytest

from mockagent.catalogue import load_scenario, problems, requirements
from mockagent.scenario.faults import table
from mockagent.scenario.faults.table import FAULTS, Kind, Level, Parameter, Per, Strikes
from mockagent.scenario.prove import proved
from mockagent.scenario.unfold import unfolded

PLAYABLE = [each for each in FAULTS.values() if each.strikes is not Strikes.HANDSHAKE]


SETTINGS = {"v1": "Settings", "early-access": "SettingsConfiguration"}


def written(fault, folder, dialect="v1"):
    """A scenario in which the fault can strike."""
    at_the_top = fault.strikes is Strikes.OPENING
    lines = [
        f"- client: {SETTINGS[dialect]}",
        "- agent: Hello.",
        "- user: Hi",
        "- agent: Good bye.",
        "- client: {closes: true}",
    ]
    lines.insert(0 if at_the_top else 2, f"- fault: {fault.name}")
    path = folder / "f.yaml"
    text = "".join(f"  {line}\n" for line in (lines[:3] if fault.ends else lines))
    path.write_text(f"summary: s\ndialect: {dialect}\nsteps:\n{text}", "utf-8")
    return path


def disagreements(fault, folder, dialect="v1"):
    """What the judge, and the proof, have to say against the row of a fault."""
    scenario = load_scenario(written(fault, folder, dialect))
    (play,) = unfolded(scenario, requirements(), problems)
    broken = {id for _, id in play.broken_by_faults}
    found = [f"does not break {id}" for id in sorted(fault.breaks - broken)]
    if not fault.varies:
        found += [f"breaks {id}, too" for id in sorted(broken - fault.breaks)]
    return found + [flaw.text for flaw in proved(scenario, requirements(), problems)]


@pytest.mark.parametrize("dialect", SETTINGS)
@pytest.mark.parametrize("fault", PLAYABLE, ids=lambda each: each.name)
def test_a_row_says_what_the_judge_says(fault, dialect, tmp_path):
    assert disagreements(fault, tmp_path, dialect) == []


def change(monkeypatch, name, **values):
    row = replace(FAULTS[name], **values)
    changed = {**FAULTS, name: row}
    for module in ("table", "inflicting"):
        monkeypatch.setattr(f"mockagent.scenario.faults.{module}.FAULTS", changed)
    for module in ("parse_steps", "checks", "player", "opening"):
        monkeypatch.setattr(f"mockagent.scenario.{module}.FAULTS", changed)
    return row


@pytest.mark.parametrize("name", [each.name for each in PLAYABLE])
def test_a_row_that_says_too_much_is_found(name, monkeypatch, tmp_path):
    row = change(monkeypatch, name, breaks=FAULTS[name].breaks | {"INJ-001"})
    found = disagreements(row, tmp_path)
    assert found[0] == "does not break INJ-001"
    assert "says `breaks: INJ-001` but does not break it" in found[1]


@pytest.mark.parametrize("name", [each.name for each in PLAYABLE if each.breaks and not each.varies])
def test_a_row_that_says_too_little_is_found(name, monkeypatch, tmp_path):
    row = change(monkeypatch, name, breaks=frozenset())
    assert disagreements(row, tmp_path) == [f"breaks {id}, too" for id in sorted(FAULTS[name].breaks)]


def test_every_row_is_complete():
    assert list(FAULTS) == [each.name for each in FAULTS.values()]
    assert {each.level for each in FAULTS.values()} == set(Level)
    assert {each.strikes for each in FAULTS.values()} == set(Strikes)
    assert {each.per for each in FAULTS.values()} == set(Per)
    for fault in FAULTS.values():
        assert fault.summary.endswith(".")
        assert fault.breaks <= requirements().keys()
        assert fault.values() == {each.name: each.default for each in fault.parameters}


@pytest.mark.parametrize("fault", PLAYABLE, ids=lambda each: each.name)
def test_every_default_is_a_value_that_one_may_write(fault):
    for each in fault.parameters:
        if each.default is not None:
            assert each.read(each.usual) == each.default


LENGTH = Parameter("seconds", "s", Kind.LENGTH, 1.0, 0.5, 2.0)
WHOLE = Parameter("count", "s", Kind.WHOLE, 3, 2, 9)


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (LENGTH, "500 ms", 0.5),
        (LENGTH, "2s", 2.0),
        (WHOLE, 9, 9),
        (WHOLE, "2", 2),
        (Parameter("code", "s", Kind.CODE), 3000, 3000),
        (Parameter("code", "s", Kind.CODE), "1011", 1011),
        (Parameter("field", "s", Kind.TEXT), "role", "role"),
    ],
)
def test_what_a_parameter_may_be(parameter, value, expected):
    assert parameter.read(value) == expected


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (LENGTH, "400 ms", "expected a length from 500 ms to 2 s, got '400 ms'"),
        (LENGTH, "3 s", "expected a length from 500 ms to 2 s, got '3 s'"),
        (LENGTH, 1, "expected a length with its unit, got the number 1; write '1 s'"),
        (WHOLE, 10, "expected a whole number from 2 to 9, got 10"),
        (WHOLE, True, "expected a whole number from 2 to 9, got True"),
        (WHOLE, "-2", "expected a whole number from 2 to 9, got '-2'"),
        (WHOLE, 2.5, "expected a whole number from 2 to 9, got 2.5"),
        (Parameter("code", "s", Kind.CODE), 1005, "expected a code that a close frame may carry"),
        (Parameter("code", "s", Kind.CODE), 2000, "expected a code that a close frame may carry"),
        (Parameter("field", "s", Kind.TEXT), " ", "expected a text, got ' '"),
        (Parameter("type", "s", Kind.TYPE), 7, "expected the type of a server message, got 7"),
    ],
)
def test_what_a_parameter_may_not_be(parameter, value, expected):
    with pytest.raises(ValueError, match="expected") as refused:
        parameter.read(value)
    assert str(refused.value).startswith(expected)


def test_a_parameter_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"the fault stall has no parameter 'second'; did you mean 'seconds'\?"
    ):
        table.FAULTS["stall"].parameter("second")
    with pytest.raises(ValueError, match="the fault tcp_reset has no parameter 'x'; it has none"):
        table.FAULTS["tcp_reset"].parameter("x")
