"""The shapes that a JSON Schema allows: plain values without conditions or references, which `compiling` makes of it.

Whoever draws valid messages and whoever departs from them reads the same shapes. What a shape *allows* as a whole is
told apart from what holds of it *here*, in one branch of a condition: a provider of type groq is one shape, but any
of seven types is allowed at its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockagent.protocol.codec import kind_of

KINDS = ("object", "array", "string", "number", "boolean", "null")
"""The kinds of JSON value."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class Null:
    """null."""


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, which it may not itself be where `above_low` or `below_high`.

    `minimum` and `maximum` are what the schema asserts, in whatever branch; None: no limit. With `lenient` a lenient
    server takes a numeric string for it.
    """

    low: float | None = None
    high: float | None = None
    above_low: bool = False
    below_high: bool = False
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A string. `patterns` it matches, all of them, and none of `avoids`; it is none of those `barred`.

    `asserted` are the patterns that hold in whatever branch.
    """

    patterns: tuple[str, ...] = ()
    asserted: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    least: int = 0
    holds_json: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values; `allowed` are all that the schema allows at this place, in whatever branch.

    `allowed` is None where only a condition asks for these values, and anything of the `kinds` will do elsewhere.
    """

    values: tuple[Any, ...]
    allowed: tuple[Any, ...] | None
    keyword: str = "enum"
    kinds: frozenset[str] = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Array:
    """At least so many items of one shape."""

    item: "Shape"
    least: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: `needed` here; `required` by the schema; `expected`, so that only a strict server minds.

    With `decides` its presence is part of the condition that leads to this branch.
    """

    shape: "Shape"
    needed: bool = False
    required: bool = False
    expected: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object: its fields, the shape of all others (None: there may be none), and which of those live refuses."""

    fields: Mapping[str, Field]
    rest: "Shape | None" = None
    refused: frozenset[str] = frozenset()


Plain: TypeAlias = Anything | Null | Truth | Number | Text | Choice | Array | Object


@dataclass(frozen=True, slots=True)
class Variant:
    """One alternative: `label` tells by which of its fields it is known, such as "type=groq"; "" by none.

    `unusual` says why it is a documented form that only a strict server refuses; "" for the usual ones.
    """

    shape: Plain
    label: str = ""
    unusual: str = ""

    @property
    def is_usual(self) -> bool:
        """Whether it can be had without any unusual part."""
        if self.unusual:
            return False
        match self.shape:
            case Object(fields=fields):
                return all(any(usual(each.shape)) for each in fields.values() if each.needed or each.expected)
            case Array(item=item, least=least):
                return not least or any(usual(item))
        return True


Shape: TypeAlias = tuple[Variant, ...]
"""The alternatives for one place; at least one."""


def usual(shape: Shape) -> Iterator[Variant]:
    """The alternatives that no server refuses."""
    return (each for each in shape if each.is_usual)


def kinds_of(shape: Plain) -> frozenset[str]:
    """The kinds of JSON value that a shape allows."""
    match shape:
        case Null():
            return frozenset({"null"})
        case Truth():
            return frozenset({"boolean"})
        case Number():
            return frozenset({"number"})
        case Text():
            return frozenset({"string"})
        case Array():
            return frozenset({"array"})
        case Object():
            return frozenset({"object"})
        case Choice(allowed=allowed, kinds=kinds):
            return kinds if allowed is None else frozenset(map(kind_of, allowed))
    return frozenset(KINDS)
