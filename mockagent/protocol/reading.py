"""How to read JSON for whose shape nobody vouches: what is not there, or is something else, is empty."""

from collections.abc import Mapping
from typing import Any


def text(value: Any) -> str:
    """The value if it is text, else "": what else a peer may send there is for its schema to tell."""
    return value if isinstance(value, str) else ""


def at(value: Any, *path: str) -> Any:
    """What stands under these keys, one in the other; None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in an array; none where it is no array."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts in an array; none where it is no array."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
