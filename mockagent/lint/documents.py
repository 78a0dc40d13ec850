"""A text of several JSON documents, cut into them: concatenated, a line each, pretty-printed, or in one array.

It only finds where each begins and ends; what it says is read again by the codec. One that cannot be read
ends before the next line that begins with a bracket, so that a bad line hides no other.
"""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t\n\r]*")
_OPENER = re.compile(r"\n(?=[{\[])")
_EXTENT = json.JSONDecoder(parse_int=float)


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one JSON value, or of what is none, and the 1-based line it begins in."""

    line: int
    text: str

    @property
    def line_of_error(self) -> int:
        """The line where it stops being JSON; its first line if it does not."""
        try:
            json.loads(self.text)
        except json.JSONDecodeError as error:
            return self.line + error.lineno - 1
        except (ValueError, RecursionError):
            return self.line
        return self.line


def documents(text: str) -> Iterator[Document]:
    """Every document, in order; the items of an array each count as one. A text of nothing but space has none."""
    line, counted = 1, 0
    for start, end in _spans(text):
        line += text.count("\n", counted, start) if start >= counted else -text.count("\n", start, counted)
        counted = start
        yield Document(line, text[start:end])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = _after_space(text, 0)
    while at < len(text):
        if text[at] == "[":
            at = yield from _items(text, at)
        else:
            end = _end(text, at) or _next_opener(text, at)
            yield at, end
            at = end
        at = _after_space(text, at)


def _items(text: str, opening: int) -> Generator[tuple[int, int], None, int]:
    """The items of the array that begins there; comes back with where the array ends."""
    at = _after_space(text, opening + 1)
    if text.startswith("]", at):
        yield opening, at + 1
        return at + 1
    while at < len(text):
        end = _end(text, at)
        if end is None:
            end = _next_opener(text, at)
            yield at, end
            if end == len(text):
                return end
            at = end
            continue
        yield at, end
        at = _after_space(text, end)
        if text.startswith("]", at):
            return at + 1
        if not text.startswith(",", at):
            break
        at = _after_space(text, at + 1)
    end = _next_opener(text, at)
    yield opening, end
    return end


def _end(text: str, start: int) -> int | None:
    """Where the JSON value that begins there ends; None if there is none."""
    try:
        return _EXTENT.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def _next_opener(text: str, after: int) -> int:
    found = _OPENER.search(text, after)
    return found.end() if found else len(text)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
