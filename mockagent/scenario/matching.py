"""Patterns over JSON values: to match is to have no difference, so every no says what it expected and got.

| pattern | fits |
| --- | --- |
| an object | an object in which every key of the pattern fits; other keys are free |
| a list | a list of the same length whose items fit one by one |
| a number, true, false, null | the same value |
| "*" | any value that is there |
| "~part" | a text that contains the part, whatever the case |
| "/pattern/" | a text in which the regular expression is found |
| "=text" | exactly the text after the sign, whatever it begins with |
| any other text | exactly that text |

Whoever wrote a pattern need not mean well: a search has a time limit (the package regex has one, and reads what `re`
does), and a pattern that has once run out of it is not searched for again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mockagent.limits import LONGEST_PATTERN, PATTERN_WITHIN

if TYPE_CHECKING:
    import regex

ANYTHING = "*"
_ABSENT = object()
_SHOWN = 80
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a value does not fit: a JSON pointer ("" is the whole of it), expected and got in words."""

    pointer: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: expected {self.expected}, got {self.got}"


def difference(pattern: Any, value: Any) -> Difference | None:
    """Where `value` departs from `pattern` first, in the pattern's order; None when it fits."""
    return next(_differences(pattern, value, ""), None)


def matches(pattern: Any, value: Any) -> bool:
    """Does `value` fit `pattern`?"""
    return difference(pattern, value) is None


def closeness(pattern: Any, value: Any) -> float:
    """How near `value` comes to `pattern`, from 0.0 to 1.0 (it fits); for naming the nearest of several."""
    if isinstance(pattern, Mapping) and isinstance(value, Mapping) and pattern:
        return sum(closeness(part, value.get(key, _ABSENT)) for key, part in pattern.items()) / len(pattern)
    if _is_list(pattern) and _is_list(value) and pattern:
        together = sum(closeness(part, item) for part, item in zip(pattern, value, strict=False))
        return float(together) / max(len(pattern), len(value))
    if matches(pattern, value):
        return 1.0
    if isinstance(pattern, str) and isinstance(value, str):
        return SequenceMatcher(None, pattern[:_COMPARED], value[:_COMPARED]).ratio() / 2
    return 0.0


def flaws_in(pattern: Any) -> Iterator[str]:
    """What is wrong with the regular expressions of a pattern, one line each."""
    if isinstance(pattern, Mapping):
        for part in pattern.values():
            yield from flaws_in(part)
    elif _is_list(pattern):
        for part in pattern:
            yield from flaws_in(part)
    elif isinstance(pattern, str) and _is_regex(pattern):
        if len(pattern) > LONGEST_PATTERN:
            yield f"expected a regular expression of at most {LONGEST_PATTERN} characters, got {len(pattern)}"
        elif (problem := _problem(pattern)) is not None:
            yield f"expected a regular expression between slashes, got {pattern!r}: {problem}"


def one_line(value: Any) -> str:
    """A JSON value in few words: short values as compact JSON, longer ones cut with "…"."""
    if value is _ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _differences(pattern: Any, value: Any, pointer: str) -> Iterator[Difference]:
    if isinstance(pattern, Mapping):
        yield from _of_objects(pattern, value, pointer)
    elif _is_list(pattern):
        yield from _of_lists(pattern, value, pointer)
    elif isinstance(pattern, str):
        if not _text_fits(pattern, value):
            yield Difference(pointer, _in_words(pattern), one_line(value))
    elif type(pattern) is bool or pattern is None or type(value) is bool:
        if pattern is not value:
            yield Difference(pointer, one_line(pattern), one_line(value))
    elif pattern != value:
        yield Difference(pointer, one_line(pattern), one_line(value))


def _of_objects(pattern: Mapping[str, Any], value: Any, pointer: str) -> Iterator[Difference]:
    if not isinstance(value, Mapping):
        yield Difference(pointer, "an object", one_line(value))
        return
    for key, part in pattern.items():
        name = key.replace("~", "~0").replace("/", "~1")
        yield from _differences(part, value.get(key, _ABSENT), f"{pointer}/{name}")


def _of_lists(pattern: Sequence[Any], value: Any, pointer: str) -> Iterator[Difference]:
    if not _is_list(value) or len(value) != len(pattern):
        yield Difference(pointer, f"a list of {len(pattern)}", one_line(value))
        return
    for index, part in enumerate(pattern):
        yield from _differences(part, value[index], f"{pointer}/{index}")


def _text_fits(pattern: str, value: Any) -> bool:
    if pattern == ANYTHING:
        return value is not _ABSENT
    if not isinstance(value, str):
        return False
    if pattern.startswith("~"):
        return pattern[1:].casefold() in value.casefold()
    if _is_regex(pattern):
        return _search(pattern).finds(value)
    return value == pattern.removeprefix("=")


def _in_words(pattern: str) -> str:
    if pattern == ANYTHING:
        return "any value"
    if pattern.startswith("~"):
        return f"a text containing {one_line(pattern[1:])}"
    if _is_regex(pattern):
        late = f", for which {PATTERN_WITHIN:g} s were not enough" if _search(pattern).is_hopeless else ""
        return f"a text in which {pattern} is found{late}"
    return one_line(pattern.removeprefix("="))


def _is_regex(pattern: str) -> bool:
    return len(pattern) > 2 and pattern[0] == pattern[-1] == "/"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


class _Search:
    """A regular expression, and whether a search for it has run out of time."""

    def __init__(self, pattern: str) -> None:
        self.is_hopeless = False
        self._compiled = _compiled(pattern)

    def finds(self, text: str) -> bool:
        if self.is_hopeless:
            return False
        try:
            return self._compiled.search(text, timeout=PATTERN_WITHIN) is not None
        except TimeoutError:
            self.is_hopeless = True
            return False


@lru_cache(maxsize=1024)
def _search(pattern: str) -> _Search:
    return _Search(pattern)


def _problem(pattern: str) -> str | None:
    """Why that is no regular expression; None when it is one."""
    import regex

    try:
        _compiled(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        return str(error) or type(error).__name__
    return None


def _compiled(pattern: str) -> "regex.Pattern[str]":
    import regex  # loaded by the first scenario that has a pattern

    return regex.compile(pattern[1:-1], cache_pattern=False)
