"""Reads single values out of a document's nodes; every value that is not what it should be is written down.

Nothing here raises or stops: a wrong value is one Flaw, and a harmless one stands in for it, so that one
reading of a file finds all its flaws.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockagent.errors import Flaw, nearest
from mockagent.protocol.events import Dialect, JsonObject, Problem, Side
from mockagent.protocol.wording import found
from mockagent.scenario.durations import seconds
from mockagent.scenario.model import Place, Trigger
from mockagent.scenario.nodes import ListNode, MappingNode, Node, ScalarNode


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV file: its bytes, and how many seconds it lasts."""

    data: bytes
    lasts: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scenario refers to outside its own file.

    `read_wav` raises ValueError for what it refuses; `speaking_time` is in seconds; `problems` are those of
    a message with its schema; `requirement_ids` are the ones that `breaks` may name.
    """

    read_wav: Callable[[str], Recording]
    speaking_time: Callable[[str], float]
    problems: Callable[[Dialect, Side, JsonObject], Sequence[Problem]]
    requirement_ids: Collection[str] = ()


@dataclass(slots=True)
class Reading:
    """One file being read: what is known of the whole of it, and the flaws so far."""

    file: str
    surroundings: Surroundings
    dialect: Dialect = Dialect.V1
    trigger: Trigger = Trigger.AUDIO
    flaws: list[Flaw] = field(default_factory=list)

    def place(self, node: Node) -> Place:
        return Place(self.file, node.line, node.column)

    def flaw(self, where: Node | Place, text: str) -> None:
        """Writes down one thing that is wrong, at the place of a node or step."""
        self.flaws.append(Flaw(self.file, where.line, where.column, text))

    def unexpected(self, node: Node, expected: str) -> None:
        self.flaw(node, f"expected {expected}, got {shown(node)}")

    def text(self, node: Node, what: str = "a text") -> str:
        """A text that is not empty."""
        if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value.strip():
            return node.value
        quoted = "; put it in quotes" if isinstance(node, ScalarNode) and node.value not in (None, "") else ""
        self.flaw(
            node, f"expected {what}, got {shown(node)}{quoted if not isinstance(node.value, str) else ''}"
        )
        return ""

    def length(self, node: Node, *, zero: bool = False) -> float:
        """A length in seconds, above zero unless `zero` is allowed."""
        if isinstance(node, ListNode | MappingNode):
            self.unexpected(node, "a length such as '1.5 s'")
            return 1.0
        try:
            value = seconds(node.value)
        except ValueError as error:
            self.flaw(node, str(error))
            return 1.0
        if value <= 0 and not zero:
            self.unexpected(node, "a length above zero")
            return 1.0
        return value

    def truth(self, node: Node) -> bool:
        if isinstance(node.value, bool):
            return node.value
        self.unexpected(node, "true or false")
        return False

    def always_true(self, node: Node) -> None:
        """Refuses anything but `true`, where a key says all there is to say."""
        if node.value is not True:
            self.unexpected(node, "true")

    def whole(self, node: Node, low: int, high: int) -> int:
        if isinstance(node.value, int) and not isinstance(node.value, bool) and low <= node.value <= high:
            return node.value
        self.unexpected(node, f"a whole number from {low} to {high}")
        return low

    def choice(self, node: Node, names: Sequence[str]) -> str:
        """One of the names."""
        if isinstance(node.value, str) and node.value in names:
            return node.value
        hint = nearest(node.value, names) if isinstance(node.value, str) else ""
        self.unexpected(node, one_of(names))
        if hint:
            last = self.flaws.pop()
            self.flaws.append(Flaw(last.file, last.line, last.column, last.text + hint))
        return names[0]

    def mapping(self, node: Node, keys: Collection[str], what: str = "a mapping") -> Mapping[str, Node]:
        """The entries of a mapping whose keys are all known; the unknown ones are left out."""
        if not isinstance(node, MappingNode):
            self.unexpected(node, f"{what} with {one_of(keys)}")
            return {}
        for key in node.keys.keys() - set(keys):
            self.flaw(node.keys[key], unknown("key", key, keys))
        return {key: child for key, child in node.entries.items() if key in keys}

    def entries(self, node: Node, what: str) -> MappingNode:
        """A mapping with at least one entry and free keys."""
        if isinstance(node, MappingNode) and node.entries:
            return node
        self.unexpected(node, what)
        return MappingNode({}, {}, {}, node.line, node.column)

    def items(self, node: Node, what: str, least: int = 1) -> tuple[Node, ...]:
        """The items of a list that has at least so many."""
        if isinstance(node, ListNode) and len(node.items) >= least:
            return node.items
        self.unexpected(node, what)
        return node.items if isinstance(node, ListNode) else ()

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """One text, or a list of them."""
        if isinstance(node, ListNode):
            return tuple(self.text(item, "a text") for item in self.items(node, what))
        return (self.text(node, what),)


def shown(node: Node) -> str:
    """What a node is, in few words."""
    if isinstance(node, MappingNode):
        return f"a mapping with {', '.join(list(node.entries)[:4])}" if node.entries else "an empty mapping"
    if isinstance(node, ListNode):
        return f"a list of {len(node.items)}" if node.items else "an empty list"
    if node.value is None:
        return "nothing"
    return found(node.value)


def one_of(names: Iterable[str]) -> str:
    """Names to choose from: "a, b or c"."""
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} or {every[-1]}"


def unknown(kind: str, name: Any, known: Collection[str]) -> str:
    """ "unknown key 'x'; did you mean 'y'?", or what there is to choose from when nothing is near."""
    hint = nearest(str(name), known)
    return f"unknown {kind} {name!r}" + (hint or (f"; expected {one_of(known)}" if known else ""))
