"""What a request asks the desk: its method, path and query as a value, or what is wrong with them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from mockagent.conformance.attaching import PREFIX

LONGEST_NAME = 100
_HIGHEST_STATUS = 255
_PATHS = {"next": "GET", "observe": "POST", "finished": "POST"}


@dataclass(frozen=True, slots=True)
class Next:
    """An agent wants its next case."""

    agent: str


@dataclass(frozen=True, slots=True)
class Observed:
    """A client tells what its application saw in a case; the lines are the body."""

    case: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A client is done with a case, with that exit status."""

    case: str
    status: int = 0


@dataclass(frozen=True, slots=True)
class Preflight:
    """A browser asks whether a page may ask."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that cannot be answered: the HTTP status, and why."""

    status: int
    text: str


Question: TypeAlias = Next | Observed | Finished | Preflight | Wrong


def question(method: str, target: str) -> Question:
    """What a request for `target` (path and query) asks."""
    try:
        url = urlsplit(target)
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
    except ValueError as error:
        return Wrong(400, str(error))
    what = url.path.removeprefix(f"{PREFIX}/") if url.path.startswith(f"{PREFIX}/") else ""
    if what not in _PATHS:
        return Wrong(404, f"expected {', '.join(f'{PREFIX}/{each}' for each in _PATHS)}")
    if method == "OPTIONS":
        return Preflight()
    if method != _PATHS[what]:
        return Wrong(405, f"expected {_PATHS[what]}, got {method}")
    return _next(parameters) if what == "next" else _of_case(what, parameters)


def _next(parameters: Mapping[str, str]) -> Question:
    agent = parameters.get("agent", "")
    if not 0 < len(agent) <= LONGEST_NAME:
        return Wrong(400, f"expected agent=NAME with 1 to {LONGEST_NAME} characters, got {len(agent)}")
    return Next(agent)


def _of_case(what: str, parameters: Mapping[str, str]) -> Question:
    case = parameters.get("case", "")
    if not case:
        return Wrong(400, "expected case=… with the name of the case, its # written as %23")
    if what == "observe":
        return Observed(case)
    status = parameters.get("status", "0")
    if not (status.isascii() and status.isdigit() and int(status[:4]) <= _HIGHEST_STATUS):
        return Wrong(400, f"status: expected a whole number from 0 to {_HIGHEST_STATUS}, got {status[:20]!r}")
    return Finished(case, int(status))
