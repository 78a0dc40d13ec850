"""Files to items: what is in a file is told by its name and its first characters, never by a flag alone."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mockagent import catalogue
from mockagent.errors import MockagentError, ScenarioError, nearest
from mockagent.lint.documents import documents
from mockagent.lint.items import Asked, Item, Kind
from mockagent.lint.messages import check_message
from mockagent.lint.traces import check_trace

STANDARD_INPUT = "-"
MOST_BYTES = 200_000_000
_SUFFIXES = frozenset({".yaml", ".yml"})
_MESSAGES = frozenset({".json", ".jsonl"})
_HEADER = re.compile(r'\{\s*"trace"\s*:')
_BOM = b"\xef\xbb\xbf"


class Unreadable(MockagentError):
    """A file that cannot be read, or that holds nothing that can be checked."""


def read(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-"; Unreadable says why not."""
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise Unreadable(f"{name}: cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise Unreadable(f"{name}: expected a file of at most {MOST_BYTES} bytes, got more")
    return data.removeprefix(_BOM)


def files_of(name: str, is_message: bool = False) -> list[str]:
    """The file of that name, or all in the folder of that name that can be checked; Unreadable if none can."""
    if name == STANDARD_INPUT or not os.path.isdir(name):  # noqa: PTH112  (says no, where Path raises)
        return [name]
    suffixes = _MESSAGES if is_message else _SUFFIXES | _MESSAGES
    found = sorted(
        path for path in Path(name).rglob("*") if path.suffix.lower() in suffixes and path.is_file()
    )
    if not found:
        expected = ", ".join(f"*{suffix}" for suffix in sorted(suffixes))
        raise Unreadable(f"{name}: expected files to check in the folder ({expected}), got none")
    return list(map(str, found))


def check_file(name: str, asked: Asked) -> Iterator[Item]:
    """What is wrong with whatever the file holds; Unreadable for a file that holds none of the three kinds."""
    if _is_scenario(name):
        yield _check_scenario(_scenario_path(name), name)
        return
    text = _text(read(name))
    if _kind(text, name) is Kind.TRACE:
        yield check_trace(text, name, asked)
    else:
        yield from _messages(text, name, asked)


def check_messages(name: str, asked: Asked) -> Iterator[Item]:
    """What is wrong with each message of a file, taking it to hold nothing else."""
    yield from _messages(_text(read(name)), name, asked)


def _messages(text: str, name: str, asked: Asked) -> Iterator[Item]:
    is_empty = True
    for document in documents(text):
        is_empty = False
        yield check_message(document, name, asked)
    if is_empty:
        raise Unreadable(f"{name}: expected JSON messages, got an empty text")


def _text(data: bytes) -> str:
    """As text in which a byte that is not UTF-8 is kept, for the codec to find it."""
    return data.decode("utf-8", "surrogateescape")


def _is_scenario(name: str) -> bool:
    """Whether the file is one by its suffix, or no file but the name of a bundled scenario."""
    if name == STANDARD_INPUT:
        return False
    try:
        return Path(name).suffix.lower() in _SUFFIXES or not (Path(name).exists() or _has_suffix(name))
    except (OSError, ValueError):
        return False


def _has_suffix(name: str) -> bool:
    return re.fullmatch(r"\.\w+", Path(name).suffix) is not None


def _scenario_path(name: str) -> Path:
    try:
        exists = Path(name).exists()
        return Path(name) if exists else catalogue.find_scenario(name)
    except OSError:
        return Path(name)
    except MockagentError:
        known = [path.stem for path in catalogue.bundled_scenarios()]
        raise Unreadable(f"no file or bundled scenario named {name!r}{nearest(name, known)}") from None


def _check_scenario(path: Path, name: str) -> Item:
    try:
        if path.is_dir():
            raise Unreadable(f"{name}: expected a file, got a folder")
        with path.open("rb"):
            scenario = catalogue.proved_scenario(path)
    except OSError as error:
        raise Unreadable(f"{name}: cannot be read: {error.strerror or error}") from None
    except ScenarioError as error:
        return Item(name, 1, Kind.SCENARIO, findings=error.flaws)
    return Item(name, 1, Kind.SCENARIO, scenario.name, scenario.summary, scenario.dialect)


def _kind(text: str, name: str) -> Kind:
    """Trace or messages, by the first line; Unreadable when it is neither."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        found = "an empty file" if not start else "something else"
        raise Unreadable(f"{name}: expected a scenario (*.yaml), a trace or JSON messages, got {found}")
    if _HEADER.match(start):
        return Kind.TRACE
    try:
        first = json.loads(start.split("\n", 1)[0])
    except (ValueError, RecursionError):
        return Kind.MESSAGE
    if isinstance(first, dict) and "type" not in first and first.keys() >= {"n", "at", "from"}:
        return Kind.TRACE
    return Kind.MESSAGE
