"""From schemas to shapes: what each keyword comes to, and that no other is passed over."""

import pytest

from mockagent import catalogue
from mockagent.fuzz.bases import base
from mockagent.fuzz.compiling import UnknownKeyword, compiled
from mockagent.fuzz.shapes import Anything, Array, Choice, Number, Object, Text, Truth
from mockagent.protocol.message_types import TYPES

EVERY_TYPE = [(dialect, side, type) for (dialect, side), types in TYPES.items() for type in types]


def only(schema):
    (variant,) = compiled(schema)
    return variant.shape


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"oneOf": [{}]}, "oneOf"),
        ({"anyOf": [{}]}, "anyOf"),
        ({"type": "string", "maxLength": 3}, "maxLength"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "object", "patternProperties": {}}, "patternProperties"),
        ({"properties": {"deep": {"items": {"multipleOf": 2}}}}, "multipleOf"),
        ({"x-new": 1}, "x-new"),
        ({"if": {"minItems": 1}, "then": {}}, "minItems"),
        ({"not": {"type": "integer"}}, "type: integer"),
        ({"unevaluatedProperties": {}}, "unevaluatedProperties"),
        ({"contentMediaType": "text/html"}, "contentMediaType"),
    ],
)
def test_a_keyword_that_is_not_known_is_refused(schema, keyword):
    with pytest.raises(UnknownKeyword) as refused:
        compiled(schema)
    assert refused.value.keyword == keyword


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({}, Anything()),
        (True, Anything()),
        ({"type": "boolean"}, Truth()),
        ({"type": "integer", "minimum": 1}, Number(low=1, whole=True, minimum=1)),
        ({"type": "number", "exclusiveMaximum": 1}, Number(high=1, below_high=True, maximum=1)),
        ({"type": "string", "minLength": 1}, Text(least=1)),
        ({"const": 7}, Choice((7,), (7,), "const")),
        ({"enum": ["a", "b"], "not": {"const": "b"}}, Choice(("a",), ("a", "b"))),
        (
            {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
            Array(compiled({"type": "boolean"}), 2),
        ),
    ],
)
def test_the_shape_of_a_keyword(schema, shape):
    assert only(schema) == shape


def test_a_schema_that_nothing_fits_has_no_alternative():
    assert compiled(False) == ()
    assert compiled({"type": "string", "allOf": [{"type": "number"}]}) == ()
    assert compiled({"properties": {"a": False}, "required": ["a"], "type": "object"}) == ()


def test_a_condition_becomes_alternatives_with_what_each_asks_for():
    schema = {
        "type": "object",
        "properties": {"type": {"enum": ["a", "b"]}},
        "required": ["type"],
        "if": {"properties": {"type": {"const": "a"}}, "required": ["type"]},
        "then": {"properties": {"only_a": {"type": "string"}}, "required": ["only_a"]},
        "else": {"properties": {"only_b": {"type": "number"}}},
        "unevaluatedProperties": False,
    }
    of_a, of_b = compiled(schema)
    assert (of_a.label, of_b.label) == ("type=a", "")
    assert isinstance(of_a.shape, Object) and isinstance(of_b.shape, Object)
    assert set(of_a.shape.fields) == {"type", "only_a"}
    assert set(of_b.shape.fields) == {"type", "only_b"}
    assert of_a.shape.fields["only_a"].required
    (kind,) = of_b.shape.fields["type"].shape
    assert kind.shape == Choice(("b",), ("a", "b"))


def test_what_only_a_condition_asks_for_is_not_asserted():
    (long, short) = compiled(
        {"type": "number", "maximum": 9, "if": {"minimum": 5}, "then": {"x-departure": "less than 5"}}
    )
    assert (long.shape, long.unusual) == (Number(5, 9, maximum=9), "less than 5")
    assert short.shape == Number(high=5, below_high=True, maximum=9)


@pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: "/".join(of))
def test_every_message_compiles_and_its_plainest_form_is_valid(of):
    dialect, side, type = of
    body = base(compiled(catalogue.schemas().resolved(dialect, side, type)))
    assert body["type"] == type
    assert catalogue.schemas().problems(dialect, side, body) == ()
