"""Two reports side by side: what differs, and whether it is worse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.conformance.comparison import Kind, differences, is_worse
from mockagent.conformance.report import Report, Result, Row
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.render.difference import document, lines

SCHEMA = Draft202012Validator(read_schema("files/report_diff.json"))
CALL = "fc_737dc9a0-996b-494f-a208-4e987c29e9e0"


def report(**verdicts):
    results = [
        each if isinstance(each, Result) else Result(Row(name, "course", "S."), each)
        for name, each in verdicts.items()
    ]
    return Report(tuple(each.row for each in results), tuple(results))


def failing(expected="", got="", reason=""):
    return Result(Row("a", "course", "S."), Verdict.FAIL, expected, got, reason)


@pytest.mark.parametrize(
    ("old", "new", "kind", "worse"),
    [
        (Verdict.PASS, Verdict.FAIL, "newly failing", True),
        (Verdict.XFAIL, Verdict.CRASH, "newly failing", True),
        (Verdict.PASS, Verdict.WARN, "worse", True),
        (Verdict.PASS, Verdict.NOT_APPLICABLE, "worse", True),
        (Verdict.FAIL, Verdict.CRASH, "worse", True),
        (Verdict.FAIL, Verdict.PASS, "newly passing", False),
        (Verdict.FAIL, Verdict.XFAIL, "newly passing", False),
        (Verdict.FAIL, Verdict.INCONCLUSIVE, "better", False),
        (Verdict.HANG, Verdict.FAIL, "better", False),
        (Verdict.WARN, Verdict.PASS, "better", False),
    ],
)
def test_a_row_of_another_verdict_is_better_or_worse(old, new, kind, worse):
    found = differences(report(a=old), report(a=new))
    assert [(each.id, each.kind) for each in found] == [("a/course", kind)]
    assert is_worse(found) is worse


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (failing("much", "little"), failing("much", "nothing"), True),
        (failing("24000", "8000"), failing("24000", "16000"), True),
        (failing(reason="exited with 1"), failing(reason="a signal"), True),
        (failing(reason="after 3.2 s"), failing(reason="after 12 s"), False),
        (failing(f"an answer to '{CALL}'"), failing(f"an answer to '{CALL[::-1].replace('_cf', '')}'"), True),
        (failing(f"an answer to '{CALL}'"), failing(f"an answer to '{CALL.replace('7', '0')}'"), False),
    ],
)
def test_a_row_that_fails_in_another_way_is_told_and_is_no_worse(old, new, differs):
    found = differences(report(a=old), report(a=new))
    assert [each.kind for each in found] == ([Kind.CHANGED] if differs else [])
    assert not is_worse(found)


def test_rows_that_come_and_go_are_told():
    found = differences(report(a=Verdict.PASS, gone=Verdict.FAIL), report(new=Verdict.PASS, a=Verdict.PASS))
    assert [(each.id, each.kind) for each in found] == [("new/course", "added"), ("gone/course", "removed")]
    assert not is_worse(found)
    (added,) = differences(report(), report(new=Verdict.HANG))
    assert (added.kind, added.kind.is_worse) == ("added, failing", True)


verdicts = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(Verdict))


@given(verdicts, verdicts)
def test_every_row_is_told_once_and_no_report_differs_from_itself(old, new):
    assert differences(report(**old), report(**old)) == []
    found = differences(report(**old), report(**new))
    assert [each.id for each in found].count("") == 0
    expected = {name for name in {*old, *new} if old.get(name) is not new.get(name)}
    assert sorted(each.id for each in found) == sorted(f"{name}/course" for name in expected)
    SCHEMA.validate(json.loads(json.dumps(document(found))))
    assert list(lines(found))[-1].startswith(("worse: ", "no worse: ", "no difference"))


@given(verdicts, verdicts)
def test_a_row_that_fails_now_and_did_not_is_always_worse(old, new):
    bad = {Weight.BAD, Weight.OURS, Weight.STALE}
    if any(
        each.weight in bad and (name not in old or old[name].weight not in bad) for name, each in new.items()
    ):
        assert is_worse(differences(report(**old), report(**new)))


def test_two_rows_of_one_name_are_compared_in_their_order():
    twice = Report((), (failing("one"), failing("two")))
    assert differences(twice, twice) == []
    assert [each.kind for each in differences(twice, Report((), (failing("one"),)))] == [Kind.REMOVED]


def test_the_text_says_what_was_and_what_is():
    old = report(a=failing("much", "little"), b=Verdict.PASS)
    new = report(a=failing("much", "none"), b=Verdict.SKIPPED)
    assert list(lines(differences(old, new))) == [
        "worse: b/course  PASS -> SKIPPED",
        "fails in another way: a/course  FAIL",
        "      before: expected much, got little",
        "      now:    expected much, got none",
        "worse: 1 worse, 1 fails in another way",
    ]
