"""JSON as YAML: whatever it is, a reader of YAML gets the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent.fuzz.yaml_text import flow, quoted, word
from mockagent.yaml_nodes import load

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


def read(text):
    return load(f"it: {text}\n", "f.yaml").value["it"]


@given(TEXTS)
def test_a_text_stays_what_it_is(text):
    assert read(quoted(text)) == text
    assert read(word(text)) == text


@given(VALUES)
def test_a_value_stays_what_it_is(value):
    assert read(flow(value)) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("get_weather", "get_weather"),
        ("it's", "'it''s'"),
        ("no", "'no'"),
        ("12", "'12'"),
        ("a\nb", '"a\\nb"'),
        ("\u2028\ufeff\U000e0001", '"\\u2028\\ufeff\\U000e0001"'),
    ],
)
def test_it_is_written_as_people_would(text, written):
    assert word(text) == written
