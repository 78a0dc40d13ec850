"""Every single departure from a shape: for each part of it one small function, which yields each way to depart.

A departure leaves all else as it is: the document around it is the plainest that is valid, and every field that the
departure does not need is left out. What an open schema takes as well is a departure too, with the reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mockagent.fuzz.bases import base_in, base_of, parts
from mockagent.fuzz.shapes import (
    KINDS,
    Anything,
    Array,
    Choice,
    Number,
    Object,
    Plain,
    Shape,
    Text,
    Variant,
    kinds_of,
    usual,
)
from mockagent.fuzz.words import PATTERNS, fits
from mockagent.protocol.codec import kind_of
from mockagent.protocol.events import Tolerance

UNKNOWN = "mockagent_unknown"
_SAMPLES = {"object": {}, "array": [], "string": "mockagent", "number": 7, "boolean": True, "null": None}
_HUGE_NUMBER = 1e308
_BEYOND_64_BITS = 2**64


@dataclass(frozen=True, slots=True)
class Departure:
    """One way to depart: at which place (`key` names branches, `pointer` does not), in what, with which document."""

    key: str
    pointer: str
    keyword: str
    detail: str
    document: Any
    refused_from: Tolerance | None = Tolerance.LENIENT
    legal: str = ""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in a document: `put` gives the whole document with something else in this place."""

    key: str
    pointer: str
    path: tuple[str, ...]
    put: Callable[[Any], Any]
    branch: str = ""
    shallow: bool = False

    def inside(self, step: str, put: Callable[[Any], Any]) -> "_Spot":
        escaped = step.replace("~", "~0").replace("/", "~1")
        key, pointer = f"{self.key}{self.branch}/{escaped}", f"{self.pointer}/{escaped}"
        return _Spot(key, pointer, (*self.path, step), put, shallow=self.shallow)

    def of(self, variant: Variant) -> "_Spot":
        """The place, named by the branch that the variant is of."""
        return replace(self, branch=f"({variant.label})") if variant.label else self

    def for_field(self, name: str) -> "_Spot":
        """The place without a name of the branch for the field by which branches are told apart."""
        return replace(self, branch="") if name == "type" else self

    def departs(self, keyword: str, detail: str, value: Any, at: str = "", **more: Any) -> Departure:
        return Departure(
            self.key + self.branch + at, self.pointer + at, keyword, detail, self.put(value), **more
        )

    def allows(self, keyword: str, detail: str, value: Any, reason: str, at: str = "") -> Departure:
        return self.departs(keyword, detail, value, at, refused_from=None, legal=reason)


_Departures: TypeAlias = Iterator[Departure]


def departures(shape: Shape) -> _Departures:
    """Every departure from the shape of a message, each once: the first of a place, a keyword and a detail counts."""
    seen: set[tuple[str, str, str]] = set()
    for each in _of_root(shape, _Spot("", "", (), lambda value: value)):
        name = (each.key, each.keyword, each.detail)
        if name not in seen:
            seen.add(name)
            yield each


def _of_root(shape: Shape, spot: _Spot) -> _Departures:
    """That a message is an object at all is a matter of JSON text, not of its schema."""
    for variant in _plainest_first(shape, spot):
        yield from _of_variant(variant, spot, shape)


def _of_shape(shape: Shape, spot: _Spot) -> _Departures:
    if any(not each.unusual for each in shape):
        yield from _wrong_kinds(shape, spot)
    has_object = any(isinstance(each.shape, Object) for each in shape)
    for variant in _plainest_first(shape, spot):
        is_repeated = has_object and isinstance(variant.shape, Array)
        yield from _of_variant(variant, replace(spot, shallow=True) if is_repeated else spot, shape)


def _plainest_first(shape: Shape, spot: _Spot) -> list[Variant]:
    """Among equals the last, which is of no condition: there a wrong value leads to no other branch."""
    ranked = [
        (not each.is_usual, parts(base_of(each, spot.path)), -place) for place, each in enumerate(shape)
    ]
    return [shape[-place] for _, _, place in sorted(ranked)]


def _of_variant(variant: Variant, spot: _Spot, shape: Shape) -> _Departures:
    if variant.unusual:
        yield from _unusual(variant, spot)
    elif isinstance(variant.shape, Object):
        yield from _of_object(variant.shape, spot.of(variant), shape)
    else:
        yield from _of_plain(variant.shape, spot)


def _unusual(variant: Variant, spot: _Spot) -> _Departures:
    values = variant.shape.values if isinstance(variant.shape, Choice) else (base_of(variant, spot.path),)
    for value in values:
        detail = repr(value) if isinstance(variant.shape, Choice) else _detail_of(value)
        yield spot.departs("departure", detail, value, refused_from=Tolerance.STRICT)


def _detail_of(value: Any) -> str:
    """By a number itself, so that two ranges are told apart; else by its kind."""
    return f"{value:g}" if kind_of(value) == "number" else kind_of(value)


def _wrong_kinds(shape: Shape, spot: _Spot) -> _Departures:
    """Each kind of JSON value that has no place here."""
    kinds = frozenset[str]().union(*(kinds_of(each.shape) for each in shape))
    choices = [each.shape for each in shape if isinstance(each.shape, Choice)]
    is_closed = len(choices) == len(shape) and all(each.allowed is not None for each in choices)
    keyword = choices[0].keyword if is_closed else "type"
    is_lenient = any(isinstance(each.shape, Number) and each.shape.lenient for each in shape)
    for kind in KINDS:
        if kind not in kinds:
            yield spot.departs(keyword, kind, _SAMPLES[kind])
    if is_lenient:
        yield spot.departs("type", "numeric-string", "0.7", refused_from=Tolerance.FAITHFUL)


def _of_plain(shape: Plain, spot: _Spot) -> _Departures:
    match shape:
        case Array():
            yield from _of_array(shape, spot)
        case Choice():
            yield from _other_values(shape, spot)
        case Number():
            yield from _other_numbers(shape, spot)
        case Text():
            yield from _other_texts(shape, spot)
        case Anything():
            yield spot.allows("type", "null", None, "the schema takes any value here")


def _of_object(shape: Object, spot: _Spot, branches: Shape) -> _Departures:
    plain = _base_object(shape, spot)
    others = [each.shape for each in branches if isinstance(each.shape, Object)]
    for name, field in shape.fields.items():
        lacking = {key: value for key, value in plain.items() if key != name}
        if field.required and not any(
            _is_of(other, lacking) for other in others if not _requires(other, name)
        ):
            yield spot.for_field(name).departs("required", "", lacking, f"/{name}")
        elif field.expected:
            yield spot.departs("expected", "", lacking, f"/{name}", refused_from=Tolerance.STRICT)
    yield from _unknown_fields(shape, spot, plain)
    if spot.shallow:
        return
    yield from _foreign_fields(shape, spot, others)
    for name, field in shape.fields.items():
        inside = spot.for_field(name).inside(name, _putting(spot, plain, name))
        yield from _of_shape(field.shape, inside)


def _requires(branch: Object, name: str) -> bool:
    return name in branch.fields and branch.fields[name].required


def _is_of(branch: Object, document: dict[str, Any]) -> bool:
    """Whether a document is one of that branch, right or wrong: what decides the branch is as it asks for."""
    decisive = {name for name, field in branch.fields.items() if field.decides}
    return decisive <= document.keys() <= branch.fields.keys() and all(
        _may_be(branch.fields[name].shape, value) for name, value in document.items()
    )


def _may_be(shape: Shape, value: Any) -> bool:
    return any(_may_be_of(each.shape, value) for each in shape)


def _may_be_of(shape: Plain, value: Any) -> bool:
    match shape:
        case Choice(values=values):
            return value in values
        case Object() if isinstance(value, dict):
            return _is_of(shape, value)
        case Text(patterns=patterns, avoids=avoids, barred=barred) if isinstance(value, str):
            return value not in barred and fits(value, patterns, avoids)
    return True


def _base_object(shape: Object, spot: _Spot) -> dict[str, Any]:
    made: dict[str, Any] = base_of(Variant(shape), spot.path)
    return made


def _putting(spot: _Spot, plain: dict[str, Any], name: str) -> Callable[[Any], Any]:
    return lambda value: spot.put({**plain, name: value})


def _unknown_fields(shape: Object, spot: _Spot, plain: dict[str, Any]) -> _Departures:
    if shape.rest is not None:
        yield from _open_fields(shape.rest, spot, plain)
        return
    more = {**plain, UNKNOWN: "x"}
    yield spot.departs("unknown-field", "", more, f"/{UNKNOWN}", refused_from=Tolerance.STRICT)
    for name in sorted(shape.refused - shape.fields.keys()):
        yield spot.departs("unknown-field", "refused", {**plain, name: "x"}, f"/{name}")


def _open_fields(rest: Shape, spot: _Spot, plain: dict[str, Any]) -> _Departures:
    at, reason = f"/{UNKNOWN}", "the schema takes any further field here"
    yield spot.allows("unknown-field", "", {**plain, UNKNOWN: base_in(rest, spot.path)}, reason, at)
    yield from _of_shape(rest, spot.inside(UNKNOWN, _putting(spot, plain, UNKNOWN)))


def _foreign_fields(shape: Object, spot: _Spot, others: list[Object]) -> _Departures:
    """Fields that another branch has and this one does not, but for those that decide on the branch."""
    decisive = {name for each in others for name, field in each.fields.items() if field.decides}
    plain = _base_object(shape, spot)
    for other in others if shape.rest is None else ():
        for name, field in other.fields.items():
            wanted = tuple(usual(field.shape))
            if name not in shape.fields and name not in shape.refused | decisive and wanted:
                more = {**plain, name: base_in(wanted, (*spot.path, name))}
                yield spot.departs("unknown-field", "", more, f"/{name}", refused_from=Tolerance.STRICT)


def _of_array(shape: Array, spot: _Spot) -> _Departures:
    if shape.least:
        yield spot.departs("minItems", "none", [])
    else:
        yield spot.allows("minItems", "none", [], "the schema asks for no number of items")
    if any(usual(shape.item)):
        yield from _of_shape(shape.item, spot.inside("0", lambda value: spot.put([value])))


def _other_values(shape: Choice, spot: _Spot) -> _Departures:
    text = next((each for each in shape.values if isinstance(each, str)), None)
    if text is None:
        yield from _other_constants(shape, spot)
        return
    others = {
        "unknown": UNKNOWN,
        "case": text.swapcase(),
        "space": f"{text} ",
        "prefix": text[:-1],
        "empty": "",
    }
    for detail, other in others.items():
        if shape.allowed is not None and other not in shape.allowed:
            yield spot.departs(shape.keyword, detail, other)


def _other_constants(shape: Choice, spot: _Spot) -> _Departures:
    for value in (True, False):
        if isinstance(shape.values[0], bool) and value not in (shape.allowed or (True, False)):
            yield spot.departs(shape.keyword, str(value).lower(), value)


def _other_numbers(shape: Number, spot: _Spot) -> _Departures:
    step = 1 if shape.whole else 0.001
    if shape.minimum is not None:
        yield spot.departs("minimum", "", round(shape.minimum - step, 6))
    if shape.maximum is not None:
        yield spot.departs("maximum", "", round(shape.maximum + step, 6))
    if shape.high is None:
        huge = _BEYOND_64_BITS if shape.whole else _HUGE_NUMBER
        yield spot.allows("maximum", "huge", huge, "the schema sets no upper limit")
    if shape.whole:
        yield spot.departs("type", "fraction", base_of(Variant(shape)) + 0.5)
        whole = float(base_of(Variant(shape)))
        yield spot.allows("type", "point-zero", whole, "JSON Schema takes 1.0 for a whole number")


def _other_texts(shape: Text, spot: _Spot) -> _Departures:
    for pattern in shape.asserted:
        for detail, word in PATTERNS[pattern].wrong.items():
            yield spot.departs("pattern", detail, word)
    if shape.holds_json:
        for detail, word in (("empty", ""), ("cut", '{"location": '), ("quotes", "{'location': 'x'}")):
            yield spot.departs("json-text", detail, word)
    elif shape.least:
        yield spot.departs("minLength", "empty", "")
    elif not shape.patterns and "" not in shape.barred:
        yield spot.allows("minLength", "empty", "", "the schema asks for no length")
