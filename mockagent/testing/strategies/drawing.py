"""From the shapes of a schema to strategies: what they draw is valid by construction, and nothing is filtered.

Shrinking leads to the first alternative, no optional fields, short words and numbers near the lower limit.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockagent.fuzz.bases import base_of, parts
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
    usual,
)
from mockagent.fuzz.words import fits, matching, models

Drawn: TypeAlias = SearchStrategy[Any]

_BLOCKS = ("listen", "think", "speak")
_ARGUMENTS = ("{}", '{"location": "Fremont"}', '{"n": [1, 2.5, null, true], "s": "\\u00e9"}')


@dataclass(frozen=True)
class Scale:
    """How big things get: words, JSON values where any will do, numbers without a limit, and how many items more."""

    words: Drawn
    anything: Drawn
    whole: Drawn
    real: Drawn
    items: int


_MANY = 4
"""Optional fields of an object: with so many, half of what is drawn has none of them, which keeps the whole small."""

_LEAVES: Drawn = st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5)
_SMALL_OBJECT: Drawn = st.dictionaries(st.text(max_size=5), _LEAVES, max_size=2)
USUAL = Scale(
    words=st.text(max_size=10),
    anything=_LEAVES | st.lists(_LEAVES, max_size=2) | _SMALL_OBJECT,
    whole=st.integers(0, 60_000),
    real=st.floats(0, 1e6),
    items=2,
)


def drawn(shape: Shape, scale: Scale = USUAL) -> Drawn:
    """Values of a shape, by its usual alternatives."""
    return _Drawing(scale).of(shape, ())


class _Drawing:
    """Makes the strategies of one scale, each of equal shapes once."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def of(self, shape: Shape, path: tuple[str, ...], provider: str = "") -> Drawn:
        found = [self._of_plain(each, path, provider) for each in _distinct(shape)]
        return found[0] if len(found) == 1 else st.one_of(found)

    def _of_plain(self, shape: Plain, path: tuple[str, ...], provider: str) -> Drawn:
        match shape:
            case Choice(values=values):
                return st.sampled_from(values) if len(values) > 1 else st.just(values[0])
            case Text():
                return self._text(shape, path, provider)
            case Number():
                return self._number(shape, path)
            case Truth():
                return st.booleans()
            case Null():
                return st.none()
            case Anything():
                return self.scale.anything
            case Array(item=item, least=least):
                return st.lists(self.of(item, path), min_size=least, max_size=least + self.scale.items)
            case Object():
                return self._object(shape, path)

    def _object(self, shape: Object, path: tuple[str, ...]) -> Drawn:
        provider = _type_of(shape)
        required: dict[str, Drawn] = {}
        optional: dict[str, Drawn] = {}
        for name, field in shape.fields.items():
            if any(usual(field.shape)):
                where = required if field.needed or field.expected else optional
                where[name] = self.of(field.shape, (*path, name), provider)
        if shape.rest is not None and not shape.fields:
            return st.dictionaries(self.scale.words, self.of(shape.rest, path), max_size=self.scale.items)
        return _assembled(required, optional)

    def _text(self, shape: Text, path: tuple[str, ...], provider: str) -> Drawn:
        if shape.holds_json:
            return st.sampled_from(_ARGUMENTS)
        if path and path[-1] == "model":
            found = _models(shape, path, provider)
            if found:
                return st.sampled_from(found)
        if shape.patterns:
            return st.sampled_from(matching(shape.patterns, shape.avoids))
        if shape.avoids:
            return st.sampled_from([word for word in ("x", "words") if fits(word, (), shape.avoids)])
        if shape.least or shape.barred:
            return self.scale.words.map(lambda word: word or "x")
        return self.scale.words

    def _number(self, shape: Number, path: tuple[str, ...]) -> Drawn:
        if path and path[-1] == "sample_rate":
            return st.sampled_from(SAMPLE_RATES)
        if shape.low is None and shape.high is None:
            return self.scale.whole if shape.whole else self.scale.real
        if shape.whole:
            high = None if shape.high is None else int(shape.high)
            low = None if shape.low is None else int(shape.low)
            return (
                st.integers(low, high) if high is not None else self.scale.whole.map(lambda n: n + (low or 0))
            )
        if shape.high is None:
            return self.scale.real.map(lambda n: n + (shape.low or 0) + shape.above_low)
        return st.floats(
            shape.low, shape.high, exclude_min=shape.above_low, exclude_max=shape.below_high, allow_nan=False
        )


def _assembled(required: dict[str, Drawn], optional: dict[str, Drawn]) -> Drawn:
    """Objects of these fields. Whether an optional one is there is a number, which shrinks together with the field.

    `fixed_dictionaries` draws the order of the fields too, and shrinks less well.
    """

    @st.composite
    def assembled(draw: st.DrawFn) -> dict[str, Any]:
        made = {name: draw(each) for name, each in required.items()}
        if len(optional) < _MANY or draw(_COIN):
            for name, each in optional.items():
                if draw(_COIN):
                    made[name] = draw(each)
        return made

    return assembled()


_COIN = st.integers(0, 1)
SAMPLE_RATES = (24_000, 8_000, 16_000, 48_000, 44_100, 22_050, 32_000, 12_000)
"""In Hz; others are near-misses of what servers and encodings take."""


def _distinct(shape: Shape) -> list[Plain]:
    """The usual alternatives, the plainest first; those that draw the same, once."""
    kept: list[Plain] = []
    for each in sorted(usual(shape), key=lambda each: parts(base_of(each))):
        if each.shape not in kept:
            kept.append(each.shape)
    return kept


def _type_of(shape: Object) -> str:
    field = shape.fields.get("type")
    first = field.shape[0].shape if field else None
    return str(first.values[0]) if isinstance(first, Choice) and len(first.values) == 1 else ""


def _models(shape: Text, path: tuple[str, ...], provider: str) -> list[str]:
    block = next((each for each in reversed(path) if each in _BLOCKS), "speak")
    return [
        each for each in models(block, provider or "deepgram") if fits(each, shape.patterns, shape.avoids)
    ]
