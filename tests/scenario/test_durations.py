"""Lengths of time: what is read, what is refused, and that written lengths can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent.scenario.durations import seconds, written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5 s", 1.5),
        ("200 ms", 0.2),
        ("2 min", 120.0),
        ("1 h", 3600.0),
        ("0 s", 0.0),
        ("3s", 3.0),
        ("24 h", 86400.0),
    ],
)
def test_a_number_with_a_unit_is_read(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "s", "1", "1.5", "-1 s", "1  s", " 1 s", "1 S", "1e3 s", "1 day", ".5 s", "1 s 2 ms"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="expected a length such as"):
        seconds(text)


@pytest.mark.parametrize("value", [None, True, [], {}])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValueError, match="expected a length such as"):
        seconds(value)


def test_a_bare_number_is_refused_with_a_hint():
    with pytest.raises(ValueError, match="got the number 2; write '2 s'"):
        seconds(2)


def test_more_than_a_day_is_refused():
    with pytest.raises(ValueError, match="at most 24 h"):
        seconds("25 h")


@pytest.mark.parametrize(
    ("length", "text"),
    [(0.0, "0 s"), (0.02, "20 ms"), (1.5, "1.5 s"), (60.0, "1 min"), (90.0, "90 s"), (7200.0, "2 h")],
)
def test_lengths_are_written_in_the_fitting_unit(length, text):
    assert written(length) == text


@given(st.integers(min_value=1, max_value=86_400_000))
def test_what_is_written_is_read_back(milliseconds):
    assert seconds(written(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)
