"""JSON values as YAML on one line: the same to a reader of YAML, and pleasant to people. Pure."""

import json
import re
from typing import Any

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 takes for something else than a text."""


def quoted(text: str) -> str:
    """A text in quotes: single ones where nothing has to be escaped."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in escaped)


def flow(value: Any) -> str:
    """A JSON value in flow style."""
    match value:
        case dict():
            return f"{{{', '.join(f'{word(key)}: {flow(each)}' for key, each in value.items())}}}"
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case str():
            return word(value)
        case _:
            return json.dumps(value)


def word(text: str) -> str:
    """A text, without quotes where it is a plain word, as keys are."""
    is_plain = _KEY.fullmatch(text) is not None and text.lower() not in _WORDS
    return text if is_plain else quoted(text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
