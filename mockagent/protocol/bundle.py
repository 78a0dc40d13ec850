"""All messages of a dialect as one JSON Schema document that needs no other file.

A plain 2020-12 validator knows nothing of tolerances: it refuses what a strict server refuses of fields and values,
and takes no notice of documented forms that are merely unusual. Keywords that such a validator may not know
(`x-…`, `format`) are left out; what they add here is said in `mockagent.protocol.schemas`.
"""

from collections.abc import Callable, Iterable, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.message_types import TYPES, path_of

_LEFT_OUT = frozenset({"$schema", "examples", "format"})
_DATA = frozenset({"const", "enum", "default", "required"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})


def bundled(
    read: Callable[[str], Mapping[str, Any]], dialect: Dialect, senders: Iterable[Side] = tuple(Side)
) -> JsonObject:
    """The document. `read` returns the parsed file at a path below schemas/."""
    paths: dict[str, list[str]] = {}
    for sender in senders:
        for type in TYPES[dialect, sender]:
            paths.setdefault(type, []).append(path_of(dialect, sender, type))
    definitions: dict[str, Any] = {}
    waiting = [path for each in paths.values() for path in each]
    while waiting:
        path = waiting.pop(0)
        if _name(path) not in definitions:
            definitions[_name(path)] = _rewritten(read(path), path, waiting)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Voice Agent messages, {dialect}",
        "description": "One message of either side." if len(set(senders)) > 1 else "One message of one side.",
        "type": "object",
        "properties": {"type": {"enum": list(paths)}},
        "required": ["type"],
        "allOf": [_case(type, each) for type, each in paths.items()],
        "$defs": dict(sorted(definitions.items())),
    }


def _case(type: str, paths: list[str]) -> JsonObject:
    branches = [{"$ref": _pointer(path)} for path in paths]
    return {
        "if": {"properties": {"type": {"const": type}}, "required": ["type"]},
        "then": branches[0] if len(branches) == 1 else {"anyOf": branches},
    }


def _name(path: str) -> str:
    """ "v1/client/Settings.json" is "v1.client.Settings" in the document, which no pointer must escape."""
    return path.removesuffix(".json").replace("/", ".")


def _pointer(path: str) -> str:
    return f"#/$defs/{_name(path)}"


def _rewritten(schema: Any, path: str, waiting: list[str]) -> Any:
    """The schema with its references into this document; files that it refers to are added to `waiting`."""
    if isinstance(schema, list):
        return [_rewritten(each, path, waiting) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        keyword: _value(keyword, value, path, waiting)
        for keyword, value in schema.items()
        if keyword not in _LEFT_OUT and not keyword.startswith("x-")
    }


def _value(keyword: str, value: Any, path: str, waiting: list[str]) -> Any:
    if keyword in _DATA:
        return value
    if keyword == "$ref":
        return _reference(value, path, waiting)
    if keyword in _NAMED:
        return {name: _rewritten(each, path, waiting) for name, each in value.items()}
    return _rewritten(value, path, waiting)


def _reference(reference: str, path: str, waiting: list[str]) -> str:
    file, _, inside = reference.partition("#")
    target = normpath(join(dirname(path), file)) if file else path
    waiting.append(target)
    return _pointer(target) + inside
