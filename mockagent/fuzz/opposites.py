"""The opposite of a condition: what holds where an `if` does not, as schemas of which one or another does."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.fuzz.shapes import KINDS

Schema: TypeAlias = Any
"""A JSON Schema without references: a mapping, or True or False."""

BARRED = "(none of)"
"""A keyword that only opposites have: the value is none of these."""
AVOIDED = "(no match of)"
"""A keyword that only opposites have: the string does not match this."""


class UnknownKeyword(ValueError):
    """A schema uses a keyword, or a form of one, that the compiler does not know."""

    def __init__(self, keyword: str, where: str) -> None:
        self.keyword = keyword
        super().__init__(
            f"the keyword {keyword!r} {where} is not known; it needs a line in mockagent.fuzz.compiling"
        )


def opposites(condition: Schema) -> Iterator[Schema]:
    """The schemas of which one holds wherever the condition does not; UnknownKeyword for what is not understood."""
    if isinstance(condition, bool):
        yield not condition
        return
    for keyword, value in condition.items():
        if keyword not in _OPPOSITES:
            raise UnknownKeyword(keyword, "in a condition")
        yield from _OPPOSITES[keyword](value)


def _not_of_type(types: Any) -> Iterator[Schema]:
    given = [types] if isinstance(types, str) else types
    if "integer" in given:
        raise UnknownKeyword("type: integer", "in a condition")
    yield {"type": [kind for kind in KINDS if kind not in given]}


def _without_some(names: list[str]) -> Iterator[Schema]:
    return ({"type": "object", "properties": {name: False}} for name in names)


def _with_another(properties: Mapping[str, Schema]) -> Iterator[Schema]:
    for name, part in properties.items():
        yield {"type": "object", "required": [name], "properties": {name: {"not": part}}}


_OPPOSITES: Mapping[str, Callable[[Any], Iterator[Schema]]] = MappingProxyType(
    {
        "type": _not_of_type,
        "const": lambda value: iter(({BARRED: [value]},)),
        "enum": lambda values: iter(({BARRED: values},)),
        "pattern": lambda pattern: iter(({"type": "string", AVOIDED: pattern},)),
        "minimum": lambda limit: iter(({"type": "number", "exclusiveMaximum": limit},)),
        "maximum": lambda limit: iter(({"type": "number", "exclusiveMinimum": limit},)),
        "exclusiveMinimum": lambda limit: iter(({"type": "number", "maximum": limit},)),
        "exclusiveMaximum": lambda limit: iter(({"type": "number", "minimum": limit},)),
        "required": _without_some,
        "properties": _with_another,
        "not": lambda condition: iter((condition,)),
    }
)
