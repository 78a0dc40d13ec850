"""Calls a Python callable with one text frame after the other: `python -m mockagent.fuzzing.worker MODULE:FUNCTION`.

Each line that is read is a JSON string, the frame; each is answered with one line: `ok`, `refused WHY`, or
`crashed WHERE<tab>WHAT`. That is all the contract there is for parsers in other languages too. What the callable
prints goes to stderr.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from mockagent.errors import nearest

_LONGEST = 300


def main(target: str, refusals: list[str]) -> None:
    """Until stdin ends; exit status 3 and one line on stderr when there is no such callable."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, "")
    parse = _loaded(target)
    refused = (ValueError, *map(_loaded, refusals))
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(answer(parse, json.loads(line), refused), file=answers, flush=True)


def _loaded(target: str) -> Any:
    try:
        return found(target)
    except AttributeError as error:
        known = dir(error.obj) if error.obj is not None else []
        print(f"cannot load {target}: {error}{nearest(error.name or '', known)}", file=sys.stderr)
    except (ImportError, ValueError) as error:
        print(f"cannot load {target}: {type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(3)


def found(target: str) -> Any:
    """What module:name stands for; the name may have dots."""
    module, colon, name = target.partition(":")
    if not colon:
        raise ValueError("expected MODULE:FUNCTION")
    value: Any = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def answer(parse: Callable[[str], Any], frame: str, refused: tuple[type[BaseException], ...]) -> str:
    """What came of one frame, on one line. UnicodeEncodeError is a ValueError, but says nothing about the frame."""
    try:
        result = parse(frame)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except refused as error:
        if not isinstance(error, UnicodeEncodeError):
            return f"refused {_line(error)}"
        return f"crashed {_place(error)}\t{_line(error)}"
    except BaseException as error:
        return f"crashed {_place(error)}\t{_line(error)}"
    return "ok"


def _line(error: BaseException) -> str:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode()[:_LONGEST]


def _place(error: BaseException) -> str:
    """The exception and where it came from; for too deep a recursion the exception alone, for its depth varies."""
    name = type(error).__name__
    if isinstance(error, RecursionError):
        return name
    trail = traceback.extract_tb(error.__traceback__)
    if not trail:
        return name
    last = trail[-1]
    return f"{name} in {last.name} ({os.path.basename(last.filename)}:{last.lineno})"  # noqa: PTH119


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
