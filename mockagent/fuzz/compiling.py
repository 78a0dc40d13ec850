"""From a JSON Schema to its shapes: references are resolved before, conditions become alternatives here.

The rule: a keyword that is not known is refused, so that nothing drawn or departed from is ever half right. An `if`
is its condition and `then`, or the condition's opposite and `else`; an opposite is one of the opposites of its parts.
What comes of a condition only holds here; what comes of the rest is asserted (see `shapes`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.fuzz.opposites import AVOIDED, BARRED, Schema, UnknownKeyword, opposites
from mockagent.fuzz.shapes import (
    KINDS,
    Anything,
    Array,
    Choice,
    Field,
    Null,
    Number,
    Object,
    Plain,
    Shape,
    Text,
    Truth,
    Variant,
)
from mockagent.fuzz.words import fits
from mockagent.protocol.codec import kind_of


def compiled(schema: Schema) -> Shape:
    """The alternatives that a schema allows, objects first; UnknownKeyword for what is not understood."""
    return _alternatives((_Part(schema),))


@dataclass(frozen=True, slots=True)
class _Part:
    """A schema that holds: asserted, or `assumed` because it is (part of) a condition."""

    schema: Schema
    assumed: bool = False


_Parts: TypeAlias = tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Limit:
    at: float
    itself: bool
    assumed: bool


@dataclass(frozen=True)
class _Draft:
    """What is known of one alternative so far."""

    kinds: frozenset[str] = frozenset(KINDS)
    whole: bool = False
    values: tuple[Any, ...] | None = None
    allowed: tuple[Any, ...] | None = None
    keyword: str = "enum"
    barred: tuple[Any, ...] = ()
    lows: tuple[_Limit, ...] = ()
    highs: tuple[_Limit, ...] = ()
    patterns: tuple[str, ...] = ()
    asserted: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    least: int = 0
    holds_json: bool = False
    lenient: bool = False
    items: _Parts = ()
    least_items: int = 0
    fields: Mapping[str, _Parts] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    deciding: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    rest: _Parts = ()
    closures: tuple[frozenset[str], ...] = ()
    closed: bool = False
    unusual: str = ""
    label: tuple[str, ...] = ()


def _alternatives(parts: _Parts) -> Shape:
    found: list[Variant] = []
    for draft in _drafts(parts, _Draft()):
        for shape in _finished(draft):
            variant = Variant(shape, ",".join(dict.fromkeys(draft.label)), draft.unusual)
            if variant not in found:
                found.append(variant)
    return tuple(sorted(found, key=lambda each: not isinstance(each.shape, Object)))


def _drafts(parts: _Parts, draft: _Draft) -> Iterator[_Draft]:
    """Every way in which all the parts can hold."""
    if _is_impossible(draft):
        return
    if not parts:
        yield draft
        return
    part, *others = parts
    later = tuple(others)
    if isinstance(part.schema, bool):
        if part.schema:
            yield from _drafts(later, draft)
        return
    grown = _grown(draft, part)
    inner = tuple(_Part(each, part.assumed) for each in part.schema.get("allOf", ()))
    waiting = (*inner, *later)
    if "not" in part.schema:
        denied = _Part({key: value for key, value in part.schema.items() if key == "if"} or True)
        for opposite in opposites(part.schema["not"]):
            yield from _drafts((_Part(opposite, part.assumed), denied, *waiting), grown)
    elif "if" in part.schema:
        yield from _branches(part, waiting, grown)
    else:
        yield from _drafts(waiting, grown)


def _branches(part: _Part, waiting: _Parts, draft: _Draft) -> Iterator[_Draft]:
    condition = part.schema["if"]
    then = _Part(part.schema.get("then", True), part.assumed)
    otherwise = _Part(part.schema.get("else", True), part.assumed)
    named = replace(draft, label=(*draft.label, *_labels(condition)))
    yield from _drafts((_Part(condition, assumed=True), then, *waiting), named)
    yield from _drafts((_Part({"not": condition}, assumed=True), otherwise, *waiting), draft)


def _labels(condition: Schema) -> Iterator[str]:
    """By which type a condition tells an object: "type=groq". Other conditions are not worth a name."""
    part = condition.get("properties", {}).get("type", {}) if isinstance(condition, Mapping) else {}
    if isinstance(part, Mapping) and "const" in part:
        yield f"type={part['const']}"


# Keywords: each gives the draft that knows it too.


def _grown(draft: _Draft, part: _Part) -> _Draft:
    for keyword, value in part.schema.items():
        if keyword in _ELSEWHERE:
            continue
        if keyword not in _KEYWORDS:
            raise UnknownKeyword(keyword, "of a schema")
        draft = _KEYWORDS[keyword](draft, value, part)
    return draft


def _type(draft: _Draft, types: Any, part: _Part) -> _Draft:
    given = [types] if isinstance(types, str) else types
    kinds = {"number" if each == "integer" else each for each in given}
    whole = draft.whole or ("integer" in given and "number" not in given)
    return replace(draft, kinds=draft.kinds & kinds, whole=whole)


def _values(keyword: str) -> Callable[[_Draft, Any, _Part], _Draft]:
    def grown(draft: _Draft, given: Any, part: _Part) -> _Draft:
        values = given if keyword == "enum" else [given]
        held = tuple(each for each in values if draft.values is None or _is_in(each, draft.values))
        if part.assumed:
            return replace(draft, values=held)
        allowed = tuple(each for each in values if draft.allowed is None or _is_in(each, draft.allowed))
        return replace(draft, values=held, allowed=allowed, keyword=keyword)

    return grown


def _low(itself: bool) -> Callable[[_Draft, Any, _Part], _Draft]:
    return lambda draft, at, part: replace(draft, lows=(*draft.lows, _Limit(at, itself, part.assumed)))


def _high(itself: bool) -> Callable[[_Draft, Any, _Part], _Draft]:
    return lambda draft, at, part: replace(draft, highs=(*draft.highs, _Limit(at, itself, part.assumed)))


def _pattern(draft: _Draft, pattern: str, part: _Part) -> _Draft:
    asserted = draft.asserted if part.assumed else (*draft.asserted, pattern)
    return replace(draft, patterns=(*draft.patterns, pattern), asserted=asserted)


def _properties(draft: _Draft, properties: Mapping[str, Schema], part: _Part) -> _Draft:
    fields = dict(draft.fields)
    for name, schema in properties.items():
        fields[name] = (*fields.get(name, ()), _Part(schema, part.assumed))
    known = draft.known if part.assumed else draft.known | properties.keys()
    return replace(draft, fields=fields, known=known)


def _required(draft: _Draft, names: list[str], part: _Part) -> _Draft:
    needed = draft.needed.union(names)
    if part.assumed:
        return replace(draft, needed=needed, deciding=draft.deciding.union(names))
    return replace(draft, needed=needed, required=draft.required.union(names))


def _additional(draft: _Draft, allowed: Schema, part: _Part) -> _Draft:
    if allowed is not False:
        return replace(draft, rest=(*draft.rest, _Part(allowed)))
    return replace(draft, closures=(*draft.closures, frozenset(part.schema.get("properties", ()))))


def _unevaluated(draft: _Draft, allowed: Schema, part: _Part) -> _Draft:
    if allowed is not False:
        raise UnknownKeyword("unevaluatedProperties", "with anything but false")
    return replace(draft, closed=True)


def _media_type(draft: _Draft, media_type: str, part: _Part) -> _Draft:
    if media_type != "application/json":
        raise UnknownKeyword("contentMediaType", f"with {media_type!r}")
    return replace(draft, holds_json=True)


_KEYWORDS: Mapping[str, Callable[[_Draft, Any, _Part], _Draft]] = MappingProxyType(
    {
        "type": _type,
        "const": _values("const"),
        "enum": _values("enum"),
        BARRED: lambda draft, values, part: replace(draft, barred=(*draft.barred, *values)),
        "minimum": _low(True),
        "exclusiveMinimum": _low(False),
        "maximum": _high(True),
        "exclusiveMaximum": _high(False),
        "pattern": _pattern,
        AVOIDED: lambda draft, pattern, part: replace(draft, avoids=(*draft.avoids, pattern)),
        "minLength": lambda draft, least, part: replace(draft, least=max(draft.least, least)),
        "contentMediaType": _media_type,
        "items": lambda draft, schema, part: replace(draft, items=(*draft.items, _Part(schema))),
        "minItems": lambda draft, least, part: replace(draft, least_items=max(draft.least_items, least)),
        "properties": _properties,
        "required": _required,
        "additionalProperties": _additional,
        "unevaluatedProperties": _unevaluated,
        "x-expected": lambda draft, names, part: replace(draft, expected=draft.expected.union(names)),
        "x-refused": lambda draft, names, part: replace(draft, refused=draft.refused.union(names)),
        "x-departure": lambda draft, reason, part: replace(draft, unusual=reason),
        "x-lenient": lambda draft, schema, part: replace(draft, lenient=True),
    }
)
_ELSEWHERE = frozenset({"allOf", "if", "then", "else", "not", "format"})


# From a draft to shapes.


def _is_impossible(draft: _Draft) -> bool:
    if not draft.kinds or draft.values == ():
        return True
    return any(_is_never(draft.fields.get(name, ())) for name in draft.needed)


def _is_never(parts: _Parts) -> bool:
    """Whether no value can be all of this, as far as can be seen at a glance."""
    seen = _Draft()
    for part in parts:
        if part.schema is False:
            return True
        if part.schema is not True:
            plain = {key: part.schema[key] for key in ("const", "enum") if key in part.schema}
            seen = _grown(seen, _Part(plain))
    return seen.values == ()


def _finished(draft: _Draft) -> Iterator[Plain]:
    if draft.values is not None:
        held = tuple(each for each in draft.values if _is_held(draft, each))
        if held:
            yield Choice(held, draft.allowed, draft.keyword, draft.kinds)
        return
    if draft.kinds == frozenset(KINDS) and draft == replace(
        _Draft(), unusual=draft.unusual, label=draft.label
    ):
        yield Anything()
        return
    for kind in KINDS:
        shape = _OF_KIND[kind](draft) if kind in draft.kinds else None
        if shape is not None:
            yield shape


def _is_held(draft: _Draft, value: Any) -> bool:
    if kind_of(value) not in draft.kinds or _is_in(value, draft.barred):
        return False
    return not isinstance(value, str) or fits(value, draft.patterns, draft.avoids)


def _is_in(value: Any, values: tuple[Any, ...]) -> bool:
    return any(each == value and isinstance(each, bool) == isinstance(value, bool) for each in values)


def _number(draft: _Draft) -> Number | None:
    low = max(draft.lows, key=lambda limit: (limit.at, not limit.itself), default=None)
    high = min(draft.highs, key=lambda limit: (limit.at, limit.itself), default=None)
    if low and high and (low.at > high.at or (low.at == high.at and not (low.itself and high.itself))):
        return None
    return Number(
        low.at if low else None,
        high.at if high else None,
        bool(low and not low.itself),
        bool(high and not high.itself),
        draft.whole,
        max((limit.at for limit in draft.lows if not limit.assumed), default=None),
        min((limit.at for limit in draft.highs if not limit.assumed), default=None),
        draft.lenient,
    )


def _text(draft: _Draft) -> Text:
    barred = tuple(each for each in draft.barred if isinstance(each, str))
    return Text(draft.patterns, draft.asserted, draft.avoids, barred, draft.least, draft.holds_json)


def _array(draft: _Draft) -> Array | None:
    item = _alternatives(draft.items)
    return Array(item, draft.least_items) if item or not draft.least_items else None


def _object(draft: _Draft) -> Object | None:
    is_closed = draft.closed or bool(draft.closures)
    fields: dict[str, Field] = {}
    for name in dict.fromkeys((*draft.fields, *sorted(draft.needed))):
        is_barred = any(name not in names for names in draft.closures)
        is_known = name in draft.known or not is_closed
        shape = _alternatives(draft.fields.get(name, ())) if is_known and not is_barred else ()
        needed = name in draft.needed
        if shape:
            expected, decides = name in draft.expected, name in draft.deciding
            fields[name] = Field(shape, needed, name in draft.required, expected, decides)
        elif needed:
            return None
    return Object(fields, None if is_closed else _alternatives(draft.rest), draft.refused)


_OF_KIND: Mapping[str, Callable[[_Draft], Plain | None]] = MappingProxyType(
    {
        "object": _object,
        "array": _array,
        "string": _text,
        "number": _number,
        "boolean": lambda draft: Truth(),
        "null": lambda draft: Null(),
    }
)
