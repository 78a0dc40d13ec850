"""What in a message is a secret, and copies of messages without them.

A secret is told by the name of its key alone, in any case and at any depth; of values only addresses are
looked at, which may hold a user, a password or a query.
Everything inside `headers` and `credentials` is secret, and in the early access form of headers, a list
of key and value, the values are.
"""

import operator
from collections.abc import Iterable
from typing import Any

from mockagent.protocol.events import JsonObject

REDACTED = "[redacted]"

SECRET_NAMES = frozenset(
    {
        "access_key_id",
        "api-key",
        "api_key",
        "apikey",
        "authorization",
        "password",
        "secret",
        "secret_access_key",
        "session_token",
        "token",
        "x-api-key",
        "xi-api-key",
    }
)
"""A field of one of these names (in lower case) holds a secret."""

ADDRESS = "url"
"""A field of this name holds an address, in which a user, a password or a query may be secret."""

SECRET_FOLDERS = frozenset({"credentials", "headers"})
"""Every value below a field of one of these names is a secret, but for PUBLIC_NAMES."""

PUBLIC_NAMES = frozenset({"type", "region", "key"})
"""Inside credentials and lists of headers these fields say what a secret is for, and may be shown."""


def is_secret(path: Iterable[str | int]) -> bool:
    """Whether the scalar that lies at this path of keys and indexes must not be shown."""
    inside = name = ""
    for step in path:
        name = step.lower() if isinstance(step, str) else ""
        if _names_a_secret(name, inside):
            return True
        inside = _inside(step, name, inside)
    return name in SECRET_FOLDERS or bool(inside and not name)


def _names_a_secret(name: str, inside: str) -> bool:
    if name in SECRET_NAMES:
        return True
    return bool(name) and (inside == "headers" or (bool(inside) and name not in PUBLIC_NAMES))


def _inside(step: str | int, name: str, inside: str) -> str:
    if isinstance(step, int):
        return "list of headers" if inside == "headers" else inside
    return name if name in SECRET_FOLDERS else inside


def public_address(url: Any) -> Any:
    """An address without its user, password and query; the very same when it has none of them."""
    if not isinstance(url, str):
        return url if url is None else REDACTED
    without_query, mark, _ = url.partition("?")
    scheme, slashes, rest = without_query.partition("//")
    authority, slash, path = rest.partition("/")
    _, at, host = authority.rpartition("@")
    if not mark and not at:
        return url
    user = f"{REDACTED}@" if at else ""
    return f"{scheme}{slashes}{user}{host}{slash}{path}" + (f"?{REDACTED}" if mark else "")


def redacted(body: JsonObject) -> JsonObject:
    """The message with "[redacted]" for each secret; the very same object when it holds none.

    Of a message nested too deeply to look through, only the type is left.
    """
    try:
        clean: JsonObject = _clean(body, "")
    except RecursionError:
        return {"type": body.get("type"), "rest": REDACTED}
    return clean


def _clean(value: Any, inside: str) -> Any:
    if isinstance(value, dict):
        changed = {
            key: clean for key, item in value.items() if (clean := _field(key, item, inside)) is not item
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [_item(item, _inside(0, "", inside)) for item in value]
        return value if all(map(operator.is_, items, value)) else items
    return value


def _field(key: str, item: Any, inside: str) -> Any:
    name = key.lower()
    if _names_a_secret(name, inside):
        return REDACTED
    if name == ADDRESS and not isinstance(item, dict):
        return public_address(item)
    if isinstance(item, dict | list):
        return _clean(item, _inside(key, name, inside))
    return REDACTED if name in SECRET_FOLDERS and item is not None else item


def _item(item: Any, inside: str) -> Any:
    if isinstance(item, dict | list):
        return _clean(item, inside)
    return REDACTED if inside else item
