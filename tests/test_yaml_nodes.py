"""YAML to nodes: places, the core schema's scalars, and everything that is refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockagent.errors import ScenarioError
from mockagent.scenario.nodes import ListNode, MappingNode
from mockagent.yaml_nodes import MOST_CHARACTERS, MOST_NODES, load


def refusal(text):
    with pytest.raises(ScenarioError) as raised:
        load(text, "f.yaml")
    assert len(raised.value.flaws) == 1
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("no", "no"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-11-21", "2026-11-21"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
        ("'true'", "true"),
        ("''", ""),
        ("~formal", "~formal"),
        ("/a b/", "/a b/"),
        ("${greeting}", "${greeting}"),
        ("1.5 s", "1.5 s"),
        ("[null, ~, Null]", [None, None, None]),
        ("{a: , b: 1}", {"a": None, "b": 1}),
        ("<<: x", {"<<": "x"}),
    ],
)
def test_scalars_are_those_of_the_core_schema(text, value):
    loaded = load(text, "f.yaml").value
    assert loaded == value
    assert type(loaded) is type(value)


def test_every_value_knows_its_place():
    root = load("a: 1\nb:\n  - x\n  - c: y\n", "f.yaml")
    assert isinstance(root, MappingNode)
    assert (root.line, root.column) == (1, 1)
    assert (root.keys["b"].line, root.keys["b"].column) == (2, 1)
    items = root.entries["b"]
    assert isinstance(items, ListNode)
    assert (items.items[1].line, items.items[1].column) == (4, 5)
    assert (items.items[1].entries["c"].line, items.items[1].entries["c"].column) == (4, 8)


def test_an_alias_is_the_value_it_names():
    assert load("a: &x {b: [1]}\nc: *x\n", "f.yaml").value == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.yaml:1:1: expected a YAML document, the file is empty"),
        ("# only a comment\n", "f.yaml:1:1: expected a YAML document, the file is empty"),
        ("---\n...\n", "f.yaml:1:1: expected a YAML document, the file is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: expected one YAML document, got a second one"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key 'a' is already there in line 1"),
        ("1: a\n", "f.yaml:1:1: expected a text as key, got 1; put it in quotes"),
        ("true: a\n", "f.yaml:1:1: expected a text as key, got True; put it in quotes"),
        ("? [a]\n: b\n", "f.yaml:1:3: expected a text as key, got a list"),
        ("? {a: b}\n: b\n", "f.yaml:1:3: expected a text as key, got a mapping"),
        ("a: !!str b\n", "f.yaml:1:4: expected a plain value, got the tag 'tag:yaml.org,2002:str'"),
        ("a: !mine {b: c}\n", "f.yaml:1:4: expected a plain value, got the tag '!mine'"),
        ("a: *b\n", "f.yaml:1:4: expected an alias of a finished value, got *b, which is not one"),
        ("&a [*a]\n", "f.yaml:1:5: expected an alias of a finished value, got *a, which is not one"),
        ("a: .inf\n", "f.yaml:1:4: expected a finite number, got .inf"),
        ("a: .nan\n", "f.yaml:1:4: expected a finite number, got .nan"),
        ("a: 1e999\n", "f.yaml:1:4: expected a finite number, got 1e999"),
        ("a:\n\t- b\n", "f.yaml:2:1: not YAML: a tab, where YAML wants spaces"),
    ],
)
def test_what_is_refused_says_where_and_why(text, message):
    assert refusal(text) == message


def test_a_huge_number_is_refused():
    assert "expected a finite number" in refusal("a: " + "9" * 5000)
    assert "expected a finite number" in refusal("a: 0x" + "f" * 5000)


def test_deep_nesting_is_refused_at_its_place():
    assert refusal("[" * 100_000) == "f.yaml:1:101: expected at most 100 levels of nesting, got more"


def test_aliases_that_unfold_are_refused_where_they_become_too_many():
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12)]
    message = refusal("\n".join(lines))
    assert message.startswith("f.yaml:4:")
    assert f"expected at most {MOST_NODES} values" in message


def test_many_values_are_refused_without_aliases_too():
    assert f"expected at most {MOST_NODES} values" in refusal("- x\n" * (MOST_NODES + 1))


def test_a_large_text_is_refused_unread():
    assert "expected at most" in refusal("x" * (MOST_CHARACTERS + 1))


def test_what_yaml_itself_refuses_is_one_line_with_its_place():
    message = refusal("a: [1\nb: 2\n")
    assert message.startswith("f.yaml:2:")
    assert "not YAML" in message
    assert "\n" not in message


YAML_ISH = st.text(alphabet="ab01 \n\t:-[]{}&*!|>'\"#%,?~$./\u00e9\x00\ud800<", max_size=60)


@given(YAML_ISH | st.text(max_size=40))
@example("\ufeffa: 1")
@example("%YAML 9.9\n---\na")
@example("%TAG ! tag:x,2000:\n--- !a b")
@example("&a a: *a")
@example("\x00")
@example("\ud800")
@example("? ")
def test_no_text_raises_anything_else(text):
    try:
        load(text, "f.yaml")
    except ScenarioError as error:
        assert len(error.flaws) == 1
        assert error.flaws[0].line >= 1
        assert "\n" not in error.flaws[0].text
