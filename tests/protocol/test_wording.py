"""Words for what a schema wants and for what came."""

import pytest

from mockagent.protocol import wording


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "a string"),
        ({"type": ["object", "array"]}, "an object or an array"),
        ({"type": ["boolean", "null"]}, "true or false or null"),
        ({"type": "number", "minimum": 0, "maximum": 2}, "a number from 0 to 2"),
        ({"type": "integer", "maximum": 5}, "a whole number up to 5"),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 9}, "a whole number above 0 below 9"),
        ({"type": "string", "minLength": 1}, "a string of at least 1 characters"),
        ({"type": "string", "pattern": "^a"}, "a string that matches ^a"),
        ({"type": "number", "multipleOf": 0.5}, "a number in steps of 0.5"),
        ({"type": "number", "minimum": 1, "multipleOf": 2}, "a number from 1 in steps of 2"),
        ({"const": "v1"}, "'v1'"),
        ({"enum": ["a", 1, None, True]}, "one of 'a', 1, null, true"),
        ({}, "a value"),
        (True, "a value"),
        (False, "nothing"),
    ],
)
def test_what_a_schema_wants(schema, words):
    assert wording.wanted(schema) == words


@pytest.mark.parametrize(
    ("value", "words", "by_kind"),
    [
        ("a", "'a'", "the string 'a'"),
        (3, "3", "the number 3"),
        (0.5, "0.5", "the number 0.5"),
        (True, "true", "true"),
        (None, "null", "null"),
        ({}, "an empty object", "an empty object"),
        ({"a": 1}, "an object with 1 field", "an object with 1 field"),
        ({"a": 1, "b": 2}, "an object with 2 fields", "an object with 2 fields"),
        ([], "an empty array", "an empty array"),
        ([1, 2], "an array of 2", "an array of 2"),
        (10**4000, "a huge number", "a huge number"),
    ],
)
def test_what_came(value, words, by_kind):
    assert wording.found(value) == words
    assert wording.found(value, named_by_kind=True) == by_kind


def test_words_stay_on_one_line():
    assert "\n" not in wording.found("a\nb" * 100)


@pytest.mark.parametrize(
    ("name", "near"),
    [("openai", "open_ai"), ("OPEN_AI", "open_ai"), ("weather", None), (5, None), ("open_ai" * 1000, None)],
)
def test_the_nearest_name(name, near):
    assert wording.nearest(name, ["open_ai", "groq"]) == near
    assert wording.suggestion(name, ["open_ai"]) == (f" (did you mean {near!r}?)" if near else "")


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("minLength", "of at least 3 characters"),
        ("maxLength", "of at most 3 characters"),
        ("minItems", "of at least 3 items"),
        ("maxItems", "of at most 3 items"),
    ],
)
def test_how_long_something_is_to_be_is_said(keyword, words):
    assert wording._length({keyword: 3}) == words


def test_a_number_of_more_than_200_bits_is_huge():
    assert wording.quoted(2**200 - 1) == str(2**200 - 1)
    assert wording.quoted(2**200) == wording.quoted(-(2**200)) == "a huge number"


def test_a_scalar_is_quoted_as_json_has_it_and_cut_at_60_characters():
    assert [wording.quoted(value) for value in (True, False, None)] == ["true", "false", "null"]
    assert wording.quoted("a" * 60) == f"'{'a' * 60}'"
    assert wording.quoted("a" * 61) == f"'{'a' * 60}'…"
