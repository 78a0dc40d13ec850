"""`${name}` in texts: what a scenario captured, put into what it says later.

`${name.key.0}` walks into captured JSON, also into JSON that was captured as a text. The result is always a
text: other values are written as compact JSON. `$${` is a plain `${`. A text that would come out longer than a
message may be is not filled in, for a short file could ask for gigabytes.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockagent.limits import LONGEST_FILLED
from mockagent.protocol.configuration import DEFAULT_GREETING, greeting_of

PRESETS = frozenset({"greeting", "settings", "request_id"})

_TEMPLATE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnknownName(KeyError):
    """A `${…}` that stands for nothing, or for too much: no such name, nothing at the end of its path."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(path)

    def __str__(self) -> str:
        return f"${{{self.path}}}: {self.reason}"


def presets(settings: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """The names every session knows: its Settings, the greeting in them (or the usual one) and its id."""
    greeting = greeting_of(settings) or DEFAULT_GREETING
    return {"greeting": greeting, "settings": settings, "request_id": request_id}


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """The JSON value with every `${…}` in its texts replaced; UnknownName when one stands for nothing."""
    if isinstance(value, str):
        return _filled(value, names) if "$" in value else value
    if isinstance(value, Mapping):
        return {key: filled(part, names) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [filled(part, names) for part in value]
    return value


def names_in(value: Any) -> Iterator[str]:
    """Every name that the templates of a JSON value use, without their paths, in order."""
    if isinstance(value, str):
        for found in _TEMPLATE.finditer(value):
            if found[1] is not None:
                yield found[1].split(".")[0]
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from names_in(part)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for part in value:
            yield from names_in(part)


def value_at(body: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; LookupError when nothing is there."""
    value = body
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (ValueError, TypeError):
            raise LookupError(pointer) from None
    return value


def is_name(text: str) -> bool:
    """Can `text` name a capture? Letters, digits and underscores, no digit first."""
    return _NAME.fullmatch(text) is not None


def _filled(text: str, names: Mapping[str, Any]) -> str:
    length = len(text)

    def replaced(found: re.Match[str]) -> str:
        nonlocal length
        replacement = _replacement(found[1], names)
        length += len(replacement)
        if length > LONGEST_FILLED:
            raise UnknownName(found[1] or "", f"with it the text is longer than {LONGEST_FILLED} characters")
        return replacement

    return _TEMPLATE.sub(replaced, text)


def _replacement(path: str | None, names: Mapping[str, Any]) -> str:
    if path is None:
        return "${"
    name, *keys = path.split(".")
    if name not in names:
        raise UnknownName(path, f"nothing is captured as {name!r}")
    value = names[name]
    for key in keys:
        value = _inside(value, key, path)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _inside(value: Any, key: str, path: str) -> Any:
    parsed = _parsed(value) if isinstance(value, str) else value
    if isinstance(parsed, Mapping) and key in parsed:
        return parsed[key]
    if (
        isinstance(parsed, Sequence)
        and not isinstance(parsed, str)
        and key.isdecimal()
        and int(key) < len(parsed)
    ):
        return parsed[int(key)]
    raise UnknownName(path, f"there is no {key!r} in the captured value")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
