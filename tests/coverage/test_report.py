"""Rows against what was exercised: missing, excused, and excused without need."""

from mockagent.coverage.report import WALK, Excuse, Status, Why, reported
from mockagent.coverage.rows import Kind, Row
from mockagent.protocol.events import Dialect

A = Row(Kind.CODE, Dialect.V1, "Error", "A")
B = Row(Kind.CODE, Dialect.V1, "Error", "B")
C = Row(Kind.CELL, Dialect.V1, "closed/silence", "audio")
D = Row(Kind.CELL, Dialect.V1, "active/silence", "audio")
CLOSED = Excuse(Kind.CELL, Why.UNREACHABLE, "nothing arrives", groups=("closed/*",))
LATER = Excuse(Kind.CODE, Why.PENDING, "not yet", names=("B",))


def statuses(report):
    return {entry.row: entry.status for entry in report.entries}


def test_a_row_is_exercised_excused_or_missing():
    report = reported((A, B, C, D), {"one": frozenset({A})}, (CLOSED, LATER))
    assert statuses(report) == {A: Status.EXERCISED, B: Status.EXCUSED, C: Status.EXCUSED, D: Status.MISSING}
    assert not report.is_complete


def test_all_exercised_or_excused_is_complete():
    report = reported((A, B, C, D), {"one": frozenset({A}), WALK: frozenset({D})}, (CLOSED, LATER))
    assert report.is_complete
    assert [entry.by for entry in report.entries] == [("one",), (), (), (WALK,)]


def test_an_excuse_for_what_is_exercised_is_out_of_date_unless_it_is_a_standing_one():
    seen = {"one": frozenset({A, B, D})}
    report = reported((A, B, C, D), seen, (CLOSED, LATER))
    assert [entry.row for entry in report.of(Status.STALE)] == [B]
    assert not report.is_complete
    report = reported((A, B, C, D), seen, (CLOSED,), (LATER,))
    assert statuses(report)[B] is Status.EXERCISED
    assert report.is_complete


def test_a_standing_excuse_covers_what_is_not_exercised():
    report = reported((A, B), {"one": frozenset({A})}, (), (LATER,))
    assert statuses(report) == {A: Status.EXERCISED, B: Status.EXCUSED}
    assert report.is_complete


def test_an_excuse_without_a_row_is_out_of_date_unless_it_is_a_standing_one():
    report = reported((A,), {"one": frozenset({A})}, (LATER,))
    assert report.idle == (LATER,)
    assert not report.is_complete
    assert reported((A,), {"one": frozenset({A})}, (), (LATER,)).is_complete


def test_an_excuse_covers_what_all_of_it_fits():
    assert not Excuse(Kind.CODE, Why.PENDING, "x").covers(C)
    assert not Excuse(Kind.CELL, Why.PENDING, "x", dialects=(Dialect.EARLY_ACCESS,)).covers(C)
    assert not Excuse(Kind.CELL, Why.PENDING, "x", groups=("active/*",)).covers(C)
    assert not Excuse(Kind.CELL, Why.PENDING, "x", names=("close",)).covers(C)
    assert Excuse(Kind.CELL, Why.PENDING, "x", (Dialect.V1,), ("closed/*",), ("a*",)).covers(C)


def test_the_tallies_leave_out_what_nothing_can_exercise():
    report = reported((A, B, C, D), {"one": frozenset({A}), WALK: frozenset({D})}, (CLOSED, LATER))
    codes, cells = report.tallies()
    assert (codes.title, codes.exercised, codes.total, codes.unreachable) == ("codes v1 Error", 1, 2, 0)
    assert (cells.title, cells.exercised, cells.total, cells.unreachable) == ("cells v1", 1, 1, 1)
    assert (codes.without_walk, cells.without_walk) == (1, 0)
