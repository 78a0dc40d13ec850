"""Plain words for what a schema wants and for what came instead, each short enough for one line.

Nothing here decides anything: it is told which keyword failed, and says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mockagent.errors import closest

_LONGEST = 60
_HUGE = "a huge number"

_KINDS = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def wanted(schema: Any) -> str:
    """What an instance of this schema is, in words: "a number from 0 to 2"."""
    if not isinstance(schema, Mapping):
        return "a value" if schema is not False else "nothing"
    if "const" in schema:
        return quoted(schema["const"])
    if "enum" in schema:
        return choices(schema["enum"])
    kind = _kind(schema.get("type"))
    return " ".join(part for part in (kind, _range(schema), _length(schema), _pattern(schema)) if part)


def choices(names: Iterable[Any]) -> str:
    """A list to choose from: "one of 'a', 'b'"."""
    every = [quoted(name) for name in names]
    return every[0] if len(every) == 1 else "one of " + ", ".join(every)


def suggestion(name: Any, names: Iterable[str]) -> str:
    """Like " (did you mean 'x'?)" when one of the names is close to this one, else nothing."""
    near = nearest(name, names)
    return f" (did you mean {near!r}?)" if near else ""


def nearest(name: Any, names: Iterable[str]) -> str | None:
    """The name that is closest to this one, in any case, or None when none is close."""
    if not isinstance(name, str):
        return None
    return closest(name, names)


def found(value: Any, named_by_kind: bool = False) -> str:
    """What came: "'hello'", "3", "an array of 2"; with named_by_kind "the number 3"."""
    if isinstance(value, Mapping):
        return _counted("an object with", len(value), "field") if value else "an empty object"
    if isinstance(value, list):
        return f"an array of {len(value)}" if value else "an empty array"
    shown = quoted(value)
    if not named_by_kind or value is None or isinstance(value, bool) or shown == _HUGE:
        return shown
    return f"the {'string' if isinstance(value, str) else 'number'} {shown}"


def quoted(value: Any) -> str:
    """A scalar as JSON writes it, with single quotes round a string, cut at 60 characters."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!r}…"
    if isinstance(value, int) and value.bit_length() > 200:
        return _HUGE
    return repr(value) if isinstance(value, int | float) else found(value)


def _kind(types: Any) -> str:
    if types is None:
        return "a value"
    names = [types] if isinstance(types, str) else types
    return " or ".join(_KINDS[name] for name in names)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    parts = [
        f"from {low}" if low is not None else "",
        f"above {above}" if above is not None else "",
        f"to {high}" if high is not None and low is not None else "",
        f"up to {high}" if high is not None and low is None else "",
        f"below {below}" if below is not None else "",
    ]
    step = schema.get("multipleOf")
    return " ".join([*filter(None, parts), *([f"in steps of {step}"] if step is not None else [])])


def _length(schema: Mapping[str, Any]) -> str:
    for keyword, words in (
        ("minLength", "of at least {} characters"),
        ("maxLength", "of at most {} characters"),
        ("minItems", "of at least {} items"),
        ("maxItems", "of at most {} items"),
    ):
        if keyword in schema:
            return words.format(schema[keyword])
    return ""


def _pattern(schema: Mapping[str, Any]) -> str:
    return f"that matches {schema['pattern']}" if "pattern" in schema else ""


def _counted(before: str, count: int, noun: str) -> str:
    return f"{before} {count} {noun}{'' if count == 1 else 's'}"
