"""Every exception that mockagent raises on purpose. A peer that misbehaves is never one of them: it is data.

MockagentError            what a user can put right; str() is the whole, finished message
├── ScenarioError         a scenario file is wrong; one line a problem, each with file:line:column
├── TraceError            a trace cannot be read
├── NoSuchName            a scenario, message type or requirement that does not exist
└── ServerError           the server cannot start (the port is taken, a folder cannot be written)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_COMPARED = 60
"""Characters of a name that are compared; who writes more has not misspelt one."""


class MockagentError(Exception):
    """The base of all; catch this to catch everything that is the user's to put right."""


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """One thing wrong in a file, with its place (1-based line and column)."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class ScenarioError(MockagentError):
    """A scenario file that cannot be played; `flaws` holds every problem found, in order of the file."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(map(str, self.flaws)))


class TraceError(MockagentError):
    """A trace that cannot be read."""


class NoSuchName(MockagentError):
    """A name that stands for nothing, with the nearest one that does."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"no {kind} named {name!r}{nearest(name, known)}")


class ServerError(MockagentError):
    """The server cannot start."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is closest to this one, in any case; None when none is close."""
    by_lower = {str(each).lower(): str(each) for each in known}
    close = get_close_matches(name[:_COMPARED].lower(), by_lower, n=1, cutoff=0.65)
    return by_lower[close[0]] if close else None


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the closest of the known names, else ""."""
    close = closest(name, known)
    return f"; did you mean {close!r}?" if close else ""
