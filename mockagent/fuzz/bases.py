"""The plainest value of a shape: what a near-miss is the least change of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mockagent.fuzz.shapes import (
    Anything,
    Array,
    Choice,
    Null,
    Number,
    Object,
    Plain,
    Shape,
    Text,
    Truth,
    Variant,
    usual,
)
from mockagent.fuzz.words import fits, matching, models

_BLOCKS = ("listen", "think", "speak")
_SAID: Mapping[str, str] = MappingProxyType(
    {
        "content": "It is sunny in Fremont.",
        "message": "One moment, please.",
        "prompt": "Be brief.",
        "instructions": "Be brief.",
        "greeting": "Hello!",
        "description": "What happened, in words.",
        "id": "call_1",
        "function_call_id": "call_1",
        "name": "get_weather",
        "function_name": "get_weather",
        "language": "en",
        "language_code": "en",
        "method": "post",
        "key": "authorization",
        "listen_model": "nova-2",
        "think_model": "gpt-4o-mini",
        "speak_model": "aura-asteria-en",
    }
)


def base(shape: Shape, path: tuple[str, ...] = ()) -> Any:
    """The plainest usual value of a shape: of its alternatives that with the fewest parts, the first among equals."""
    found = [_plainest(each.shape, path) for each in usual(shape)]
    return min(found, key=parts)


def base_of(variant: Variant, path: tuple[str, ...] = ()) -> Any:
    """The plainest value of one alternative, which may be an unusual one."""
    return _plainest(variant.shape, path)


def parts(value: Any) -> int:
    """Of how many values a value is made."""
    if isinstance(value, dict):
        return 1 + sum(map(parts, value.values()))
    return 1 + sum(map(parts, value)) if isinstance(value, list) else 1


def _plainest(shape: Plain, path: tuple[str, ...]) -> Any:
    match shape:
        case Choice(values=values):
            return values[0]
        case Text():
            return _text(shape, path, "")
        case Number():
            return number(shape)
        case Truth():
            return True
        case Array(item=item, least=least):
            return [base(item, path) for _ in range(least)]
        case Object():
            return _object(shape, path)
        case Null() | Anything():
            return None


def number(shape: Number) -> float | int:
    """The number nearest to zero that a shape allows, well inside its limits where they do not allow zero itself."""
    low, high = shape.low, shape.high
    if low is None and high is None:
        return 0
    if low is not None and high is not None:
        middle = (low + high) / 2
        return int(middle) if shape.whole or middle.is_integer() else middle
    edge, step = (low, 1) if low is not None else (high or 0, -1)
    if not (shape.above_low or shape.below_high):
        return int(edge) if float(edge).is_integer() else edge
    return int(edge) + step if shape.whole or float(edge).is_integer() else edge + step


def _object(shape: Object, path: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, field in shape.fields.items():
        if field.needed or field.expected:
            wanted = tuple(usual(field.shape)) or field.shape
            texts = [each.shape for each in wanted if isinstance(each.shape, Text)]
            inside = (*path, name)
            is_text = texts and len(wanted) == len(texts)
            made[name] = (
                _text(texts[0], inside, str(made.get("type", ""))) if is_text else base_in(wanted, inside)
            )
    return made


def base_in(wanted: tuple[Variant, ...], path: tuple[str, ...]) -> Any:
    """The plainest value of these alternatives, usual or not."""
    return min((_plainest(each.shape, path) for each in wanted), key=parts)


def _text(shape: Text, path: tuple[str, ...], provider: str) -> str:
    name = path[-1] if path else ""
    if shape.holds_json:
        return '{"location": "Fremont"}'
    if name == "model":
        block = next((each for each in reversed(path) if each in _BLOCKS), "speak")
        found = [
            each for each in models(block, provider or "deepgram") if fits(each, shape.patterns, shape.avoids)
        ]
        if found:
            return found[0]
    if shape.patterns:
        return matching(shape.patterns, shape.avoids)[0]
    return _SAID.get(name, "x")
