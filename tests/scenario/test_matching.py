"""Patterns: each kind fits what the table says, and every no says where and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent.scenario.matching import Difference, closeness, difference, flaws_in, matches, one_line

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ({"type": "Settings"}, {"type": "Settings", "agent": {}}),
        ({}, {"anything": 1}),
        ([1, "*"], [1, {"x": 2}]),
        (1, 1.0),
        (True, True),
        (None, None),
        ("*", None),
        ("~Formal", "be more FORMAL, please"),
        ("~straße", "STRASSE"),
        ("/^be .* formal$/", "be more formal"),
        ("=~part", "~part"),
        ("=/x/", "/x/"),
        ("==", "="),
        ("exactly", "exactly"),
        ("/", "/"),
        ("/agent", "/agent"),
        ({"a": [{"b": "~c"}]}, {"a": [{"b": "bcd", "e": 1}]}),
    ],
)
def test_fits(pattern, value):
    assert difference(pattern, value) is None
    assert matches(pattern, value)
    assert closeness(pattern, value) == 1.0


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ({"type": "A"}, {"type": "B"}, Difference("/type", '"A"', '"B"')),
        ({"a": {"b": 1}}, {"a": {}}, Difference("/a/b", "1", "nothing")),
        ({"a": "*"}, {}, Difference("/a", "any value", "nothing")),
        ({"a/b~": 1}, {"a/b~": 2}, Difference("/a~1b~0", "1", "2")),
        ({"a": 1}, [1], Difference("", "an object", "[1]")),
        ([1], [1, 2], Difference("", "a list of 1", "[1, 2]")),
        ([1, 2], [1, 3], Difference("/1", "2", "3")),
        ([1], "1", Difference("", "a list of 1", '"1"')),
        (1, True, Difference("", "1", "true")),
        (True, 1, Difference("", "true", "1")),
        (0, False, Difference("", "0", "false")),
        (None, 0, Difference("", "null", "0")),
        (None, False, Difference("", "null", "false")),
        (1, "1", Difference("", "1", '"1"')),
        ("~formal", "be brief", Difference("", 'a text containing "formal"', '"be brief"')),
        ("~formal", ["formal"], Difference("", 'a text containing "formal"', '["formal"]')),
        ("/^x/", "ax", Difference("", "a text in which /^x/ is found", '"ax"')),
        ("=~a", "a", Difference("", '"~a"', '"a"')),
        ("a", 1, Difference("", '"a"', "1")),
    ],
)
def test_does_not_fit(pattern, value, expected):
    assert difference(pattern, value) == expected
    assert not matches(pattern, value)
    assert closeness(pattern, value) < 1.0


def test_a_difference_is_one_line():
    assert str(difference({"prompt": "~a"}, {"prompt": "b\nc"})) == (
        '/prompt: expected a text containing "a", got "b\\nc"'
    )


def test_the_first_difference_in_the_order_of_the_pattern_is_told():
    assert difference({"b": 1, "a": 1}, {"a": 2, "b": 2}).pointer == "/b"


def test_the_nearest_message_is_the_one_with_the_right_type():
    pattern = {"type": "UpdatePrompt", "prompt": "~formal"}
    near = {"type": "UpdatePrompt", "prompt": "be brief"}
    far = {"type": "KeepAlive"}
    assert closeness(pattern, near) > closeness(pattern, far)


def test_the_nearest_text_is_the_one_that_shares_most():
    assert closeness("What's the weather?", "What is the weather?") > closeness("What's the weather?", "Bye")


def test_bad_regular_expressions_are_found_wherever_they_are():
    found = list(flaws_in({"a": ["/(/", "/ok/"], "b": {"c": "/[/"}}))
    assert len(found) == 2
    assert found[0].startswith("expected a regular expression between slashes, got '/(/'")


def test_a_long_value_is_cut():
    assert one_line("x" * 500) == '"' + "x" * 78 + "…"


def _as_pattern(value):
    """The pattern that means exactly this value."""
    if isinstance(value, str):
        return f"={value}"
    if isinstance(value, list):
        return [_as_pattern(item) for item in value]
    return {key: _as_pattern(part) for key, part in value.items()} if isinstance(value, dict) else value


@given(JSON)
def test_every_value_fits_itself_written_exactly(value):
    assert difference(_as_pattern(value), value) is None


@given(JSON, JSON)
def test_closeness_is_one_exactly_when_it_fits(pattern, value):
    if list(flaws_in(pattern)):
        return
    near = closeness(pattern, value)
    assert 0.0 <= near <= 1.0
    assert (near == 1.0) == matches(pattern, value)
