"""A failure that is known is none of the run's, until it is gone; an entry for many rows goes with the last of them."""

import pytest

from mockagent.conformance.baseline import Known, by_baseline
from mockagent.conformance.report import Result, Row
from mockagent.conformance.verdicts import Verdict

PASS, FAIL, XPASS, XFAIL = Verdict.PASS, Verdict.FAIL, Verdict.XPASS, Verdict.XFAIL


@pytest.mark.parametrize(
    ("message", "came", "made_of_it"),
    [
        ("", (FAIL, PASS), [XFAIL, PASS]),
        ("", (PASS, PASS), [XPASS, XPASS]),
        ("little", (FAIL, PASS), [XFAIL, PASS]),
        ("nothing of the kind", (FAIL, PASS), [FAIL, XPASS]),
    ],
)
def test_an_entry_for_many_rows_is_gone_when_none_of_them_fails(message, came, made_of_it):
    rows = [Row("lunch", asks, "A sentence.") for asks in ("course", "close")]
    results = [Result(row, verdict, "much", "little") for row, verdict in zip(rows, came, strict=True)]
    known = [Known("lunch/*", "Not yet.", message)]
    assert [each.verdict for each in by_baseline(results, known, "2026-11-21")] == made_of_it
