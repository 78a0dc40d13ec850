"""A text is cut into documents wherever each begins and ends, and a bad one hides no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent.lint.documents import Document, documents


def cut(text):
    return [(each.line, each.text) for each in documents(text)]


def test_a_line_each():
    assert cut('{"a":1}\n{"b":2}\n') == [(1, '{"a":1}'), (2, '{"b":2}')]


def test_pretty_printed_ones_follow_each_other():
    text = '{\n  "a": 1\n}\n{\n  "b": 2\n}\n'
    assert cut(text) == [(1, '{\n  "a": 1\n}'), (4, '{\n  "b": 2\n}')]


def test_several_in_one_line():
    assert cut('{"a":1} {"b":2}{"c":3}') == [(1, '{"a":1}'), (1, '{"b":2}'), (1, '{"c":3}')]


def test_the_items_of_an_array_are_documents():
    assert cut('\n[{"a":1},\n\n {"b":[2]}]') == [(2, '{"a":1}'), (4, '{"b":[2]}')]


def test_an_empty_array_is_one_that_is_no_message():
    assert cut(" [ ] ") == [(1, "[ ]")]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t"])
def test_space_holds_none(text):
    assert cut(text) == []


def test_a_bad_line_hides_no_other():
    assert cut('{"a":1}\n{"b":\n{"c":3}') == [(1, '{"a":1}'), (2, '{"b":\n'), (3, '{"c":3}')]


def test_a_bad_item_hides_no_other():
    assert cut('[\n{"a":1},\n{"b"},\n{"c":3}\n]') == [(2, '{"a":1}'), (3, '{"b"},\n'), (4, '{"c":3}')]


def test_an_array_that_does_not_end_is_said_to_be_wrong_as_a_whole():
    assert cut('[{"a":1}') == [(1, '{"a":1}'), (1, '[{"a":1}')]


def test_a_bad_last_item_is_one_document():
    assert cut('[{"a" 1}]') == [(1, '{"a" 1}]')]


def test_the_line_of_the_error_is_where_the_json_ends():
    assert Document(3, '{\n "a": 1,\n "b" 2\n}').line_of_error == 5


@pytest.mark.parametrize("text", ['{"a":1}', "[" * 100_000, '{"a":' + "9" * 5_000 + "}"])
def test_the_line_of_the_error_is_the_first_where_none_is_known(text):
    assert Document(3, text).line_of_error == 3


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 100_000, "\x00", "]", ",", "nul"])
def test_what_nobody_can_read_is_one_document(text):
    assert [line for line, _ in cut(text)] == [1]


@given(st.text(alphabet='{}[],:"a1 \n\\'))
def test_whatever_comes_it_is_cut_in_order_and_to_the_end(text):
    found = cut(text)
    assert all(part for _, part in found)
    assert [line for line, _ in found] == sorted(line for line, _ in found) or "[" in text


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text() | st.none()), min_size=1), st.booleans())
def test_what_was_written_one_after_the_other_is_read_so(bodies, in_lines):
    text = "\n".join(map(json.dumps, bodies)) if in_lines else json.dumps(bodies, indent=1)
    assert [json.loads(part) for _, part in cut(text)] == bodies
