"""YAML text to nodes with places: the one module that knows PyYAML.

It reads YAML's event stream and builds the tree itself, with the scalars of the YAML 1.2 core schema (`on`,
`yes` and `no` are texts). What could make a small file do much is refused as it is met: tags, a second
document, deep nesting, and aliases that would unfold to more than MOST_NODES.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from mockagent.errors import Flaw, ScenarioError
from mockagent.scenario.nodes import ListNode, MappingNode, Node, Scalar, ScalarNode

MOST_NODES = 10_000
MOST_DEPTH = 100
MOST_CHARACTERS = 1_000_000
_MOST_DIGITS = 300

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def load(text: str, file: str) -> Node:
    """The one document of a YAML text; ScenarioError with the one place where it is not what is read here."""
    if len(text) > MOST_CHARACTERS:
        _refuse(file, 1, 1, f"expected at most {MOST_CHARACTERS} characters, got {len(text)}")
    try:
        return _Builder(file).built(_events(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        _refuse(file, line, column, _syntax_problem(text, line, column, error))
    except (yaml.YAMLError, UnicodeError) as error:
        _refuse(file, 1, 1, f"not YAML: {' '.join(str(error).split())}")


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _syntax_problem(text: str, line: int, column: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.split("\n")
    before = lines[line - 1][:column] if line <= len(lines) else ""
    if before.endswith("\t"):
        return "not YAML: a tab, where YAML wants spaces"
    parts = [part for part in (error.context, error.problem) if part]
    return f"not YAML: {', '.join(parts)}"


def _refuse(file: str, line: int, column: int, text: str) -> NoReturn:
    raise ScenarioError([Flaw(file, line, column, text)]) from None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been met: its children so far, and its anchor."""

    mapping: bool
    anchor: str | None
    line: int
    column: int
    children: list[Node] = field(default_factory=list)
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    key: ScalarNode | None = None
    size: int = 1


class _Builder:
    """Builds one tree from the events of one file, without recursion."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0
        self._size = 0
        self._root: Node | None = None

    def built(self, events: Iterator[Any]) -> Node:
        for event in events:
            self._take(event)
        if self._root is None or (isinstance(self._root, ScalarNode) and self._root.value is None):
            _refuse(self._file, 1, 1, "expected a YAML document, the file is empty")
        return self._root

    def _take(self, event: Any) -> None:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if getattr(event, "tag", None) is not None:
            _refuse(self._file, line, column, f"expected a plain value, got the tag {event.tag!r}")
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    _refuse(self._file, line, column, "expected one YAML document, got a second one")
            case yaml.AliasEvent():
                node, size = self._known(event.anchor, line, column)
                self._add(node, size, line, column)
            case yaml.ScalarEvent():
                scalar = ScalarNode(self._scalar(event, line, column), line, column)
                self._add(scalar, 1, line, column, event.anchor)
            case yaml.CollectionStartEvent():
                if len(self._stack) >= MOST_DEPTH:
                    _refuse(
                        self._file, line, column, f"expected at most {MOST_DEPTH} levels of nesting, got more"
                    )
                mapping = isinstance(event, yaml.MappingStartEvent)
                self._stack.append(_Open(mapping, event.anchor, line, column))
            case yaml.CollectionEndEvent():
                self._close(self._stack.pop())

    def _known(self, anchor: str | None, line: int, column: int) -> tuple[Node, int]:
        if anchor is None or anchor not in self._anchors:
            problem = f"expected an alias of a finished value, got *{anchor}, which is not one"
            _refuse(self._file, line, column, problem)
        return self._anchors[anchor]

    def _close(self, ended: _Open) -> None:
        node: Node
        if ended.mapping:
            entries = dict(zip(ended.keys, ended.children, strict=True))
            value = {key: child.value for key, child in entries.items()}
            node = MappingNode(entries, ended.keys, value, ended.line, ended.column)
        else:
            items = tuple(ended.children)
            node = ListNode(items, [child.value for child in items], ended.line, ended.column)
        self._add(node, ended.size, ended.line, ended.column, ended.anchor)

    def _add(self, node: Node, size: int, line: int, column: int, anchor: str | None = None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        parent.size += size
        if parent.size > MOST_NODES:
            problem = (
                f"expected at most {MOST_NODES} values, got more (aliases count as often as they are used)"
            )
            _refuse(self._file, line, column, problem)
        if not parent.mapping:
            parent.children.append(node)
        elif parent.key is None:
            parent.key = self._as_key(node, parent, line, column)
        else:
            parent.children.append(node)
            parent.keys[str(parent.key.value)] = parent.key
            parent.key = None

    def _as_key(self, node: Node, parent: _Open, line: int, column: int) -> ScalarNode:
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            found = "a list" if isinstance(node, ListNode) else "a mapping"
            if isinstance(node, ScalarNode):
                found = f"{node.value!r}; put it in quotes"
            _refuse(self._file, line, column, f"expected a text as key, got {found}")
        if node.value in parent.keys:
            first = parent.keys[node.value].line
            _refuse(self._file, line, column, f"the key {node.value!r} is already there in line {first}")
        return ScalarNode(node.value, line, column)

    def _scalar(self, event: Any, line: int, column: int) -> Scalar:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
            return _TRUE.fullmatch(text) is not None
        number = self._number(text)
        if _ENDLESS.fullmatch(text) or (isinstance(number, float) and abs(number) == float("inf")):
            _refuse(self._file, line, column, f"expected a finite number, got {text[:40]}")
        return text if number is None else number

    def _number(self, text: str) -> int | float | None:
        if _BASED.fullmatch(text) or _WHOLE.fullmatch(text):
            base = {"0x": 16, "0o": 8}.get(text[:2], 10)
            return int(text, base) if len(text) <= _MOST_DIGITS else float("inf")
        return float(text) if _FLOAT.fullmatch(text) else None
