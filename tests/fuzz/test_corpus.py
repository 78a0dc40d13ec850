"""The corpus as a whole: how much there is of it, and that every near-miss has an id of its own and a summary."""

import re
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.errors import NoSuchName
from mockagent.fuzz.near_miss import Kind, Opcode
from mockagent.protocol.events import Dialect, Side, Tolerance
from mockagent.scenario.faults.table import FAULTS


def test_there_are_enough_of_each_kind():
    counted = catalogue.corpus().counted(Dialect.V1)
    assert sum(counted.values()) >= 1_800
    assert set(counted) == set(Kind)
    assert sum(catalogue.corpus().counted(Dialect.EARLY_ACCESS).values()) >= 900


def test_every_id_is_its_own_and_fits_into_a_shell_and_a_table(near_misses):
    ids = [each.id for each in near_misses()]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not re.fullmatch(r"[!-~]+#[!-~]+", id) and "#departure:" not in id] == []
    for each in near_misses():
        assert each.id.startswith(f"{each.dialect}/{each.side}/{each.type}")


def test_every_one_is_the_same_each_time(near_misses):
    for each in near_misses()[::199]:
        assert catalogue.corpus().get(each.id) == each


def test_every_one_does_something_and_says_what(near_misses):
    for each in near_misses():
        assert each.wires or each.silent_for > 0, each.id
        assert each.summary and "\n" not in each.summary and each.summary[-1] != ".", each.id
        assert not (each.legal and each.refused_from is not None), each.id
        assert len(each.frames()) == len(each.wires)


def test_the_names_of_faults_are_those_of_the_table(near_misses):
    named = {each.fault for each in near_misses() if each.fault}
    assert named <= set(FAULTS)
    assert {"truncated_json", "invalid_utf8", "odd_audio", "missing_field", "unasked_compression"} <= named


def test_near_misses_are_picked_by_side_type_and_kind():
    corpus = catalogue.corpus()
    picked = list(corpus.near_misses(Dialect.V1, Side.SERVER, "Welcome"))
    assert {(each.side, each.type) for each in picked} == {(Side.SERVER, "Welcome")}
    assert {Kind.SCHEMA, Kind.TEXT, Kind.ORDER, Kind.TIME} == {each.kind for each in picked}
    assert {each.kind for each in corpus.near_misses(Dialect.V1, kind=Kind.TIME)} == {Kind.TIME}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("v1/client/Settings/agent/listen#type:strng", "v1/client/Settings/agent/listen#type:string"),
        ("v1/server/Welcome#order:opened", "v1/server/Welcome#order:closed"),
    ],
)
def test_an_unknown_id_is_told_the_nearest(wrong, right):
    with pytest.raises(NoSuchName, match=re.escape(right)):
        catalogue.corpus().get(wrong)


@pytest.mark.parametrize(
    "id", ["", "#", "x", "v1", "v1/client", "v1/nobody/Settings#type", "v2/client/x#order:open"]
)
def test_what_is_no_id_at_all_is_unknown(id):
    with pytest.raises(NoSuchName):
        catalogue.corpus().get(id)


def test_the_example_of_the_readme_runs_and_says_the_truth(capsys):
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = [
        block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "near_misses(" in block
    ]
    names = {}
    exec(example, names)
    assert len(capsys.readouterr().out.splitlines()) > 100
    near_miss = names["near_miss"]
    assert near_miss.frames() == [(Opcode.TEXT, b'{"type":"UpdatePrompt","prompt":null}', True)]
    assert (near_miss.pointer, near_miss.refused_from) == ("/prompt", Tolerance.LENIENT)


def test_the_readme_says_how_many_there_are():
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (number,) = re.findall(r"^V1 has ([\d,]+) of them", text, re.MULTILINE)
    assert int(number.replace(",", "")) == sum(catalogue.corpus().counted(Dialect.V1).values())
