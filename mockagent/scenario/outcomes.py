"""What comes of a function that the server calls itself."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Returned:
    """It answered with this text."""

    content: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It gave no answer that can be used; `reason` goes on from "The function f failed: "."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotCalled:
    """It must not, or cannot, be called from here; the user has been told why."""


Outcome: TypeAlias = Returned | Failed | NotCalled
