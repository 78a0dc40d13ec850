"""A document as a tree of values that know their places: what the parser reads, whatever the format was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One plain value; line and column are 1-based."""

    value: Scalar
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes; `value` is the same list as plain Python."""

    items: "tuple[Node, ...]"
    value: list[Any]
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping: its keys (text, each once) with their own places, and the nodes they lead to."""

    entries: "Mapping[str, Node]"
    keys: Mapping[str, ScalarNode]
    value: dict[str, Any]
    line: int = 0
    column: int = 0


Node: TypeAlias = ScalarNode | ListNode | MappingNode
