"""A report has one result for each planned row, in every format; what it amounts to is an exit code."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.conformance.report import CaseRun, Report, Result, Row, one_for_each
from mockagent.conformance.verdicts import Verdict
from mockagent.render import text
from mockagent.render.document import document
from mockagent.render.junit import junit

SCHEMA = Draft202012Validator(read_schema("files/report.json"))
ASKS = ("course", "SET-001", "MSG-001", "close")
ROWS = [Row(case, asks, "A sentence.", "a page") for case in ("lunch", "dinner", "tea#2") for asks in ASKS]
WORDS = st.text(max_size=20)


def report_of(results, planned=ROWS):
    return Report(tuple(planned), one_for_each(planned, results), (CaseRun("lunch", 1.5, 0),), ("true",), 1)


def report_with(*verdicts):
    rows = ROWS[: len(verdicts)]
    return report_of([Result(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)], rows)


results = st.builds(
    Result,
    st.sampled_from(ROWS),
    st.sampled_from(Verdict),
    *[WORDS] * 3,
    st.integers(0, 9),
    WORDS,
    WORDS,
    WORDS,
    WORDS,
)


@given(st.lists(results, max_size=30))
def test_rows_reported_are_rows_planned_whatever_came_of_them(found):
    report = report_of(found)
    assert [result.row for result in report.results] == ROWS
    assert sum(report.totals.values()) == len(ROWS)
    body = document(report, "0")
    assert (body["planned"], len(body["rows"])) == (len(ROWS), len(ROWS))
    root = ElementTree.fromstring(junit(report))
    assert int(root.get("tests")) == len(root.findall("*/testcase")) == len(ROWS)
    for outcome, key in {"failure": "failures", "error": "errors", "skipped": "skipped"}.items():
        told = [int(suite.get(key)) for suite in root]
        assert int(root.get(key)) == sum(told) == len(root.findall(f"*/testcase/{outcome}"))
    assert text.total(report).startswith(f"{len(ROWS)} rows of 3 cases: ")


@given(st.lists(results, max_size=30))
def test_the_document_fits_its_schema(found):
    SCHEMA.validate(json.loads(json.dumps(document(report_of(found), "0"))))


def test_the_schema_knows_every_verdict_and_refuses_what_is_no_report():
    assert read_schema("files/report.json")["$defs"]["verdict"]["enum"] == [each.value for each in Verdict]
    body = document(report_with(Verdict.PASS), "0")
    body["rows"][0]["verdict"] = "MAYBE"
    assert not SCHEMA.is_valid(body)


@pytest.mark.parametrize(
    ("verdicts", "exit_code"),
    [
        ((Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE, Verdict.UNIMPLEMENTED), 0),
        ((Verdict.PASS, Verdict.PASS_LENIENT, Verdict.XFAIL), 0),
        ((Verdict.PASS, Verdict.FAIL), 1),
        ((Verdict.PASS, Verdict.HANG), 1),
        ((Verdict.PASS, Verdict.CRASH, Verdict.XPASS), 1),
        ((Verdict.FAIL, Verdict.HARNESS_ERROR), 3),
        ((), 4),
        ((Verdict.NOT_APPLICABLE, Verdict.SKIPPED, Verdict.UNIMPLEMENTED), 4),
        ((Verdict.PASS, Verdict.XPASS), 5),
        ((Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE), 6),
        ((Verdict.INCONCLUSIVE, Verdict.PASS), 6),
        ((Verdict.PASS, Verdict.INCONCLUSIVE), 0),
    ],
)
def test_the_whole_amounts_to_an_exit_code(verdicts, exit_code):
    assert report_with(*verdicts).exit_code == exit_code


def test_a_row_that_nobody_reported_is_an_error_of_the_kit():
    report = report_of([Result(row, Verdict.PASS) for row in ROWS[1:]])
    assert report.results[0].verdict is Verdict.HARNESS_ERROR
    assert report.exit_code == 3


def test_a_failure_is_told_with_all_that_is_known_of_it():
    result = Result(
        ROWS[1], Verdict.FAIL, "much", "little", "3 times", 7, "client audio", "f.yaml:3", "/type", "enough"
    )
    report = Report(
        (ROWS[1],), (result,), (CaseRun("lunch", 1.0, 1, output="oops\n"),), replay={"lunch": "again"}
    )
    assert list(text.lines(report)) == [
        "FAIL  lunch/SET-001  A sentence.",
        "      at:       f.yaml:3 /type",
        "      frame:    7, client audio",
        "      expected: much",
        "      got:      little",
        "      nearest:  enough",
        "      because:  3 times",
        "      source:   a page",
        "      printed: oops",
        "      replay:   again",
        "",
        "1 rows of 1 cases: FAIL 1",
    ]


def test_every_verdict_is_explained():
    assert all(verdict.explanation.endswith(".") for verdict in Verdict)
