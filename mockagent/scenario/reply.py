"""Something that the agent says: what, why, and how far it has come."""

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Reply:
    """Something the agent says, in one or several statements. `asked_at` is the end of the user's turn, if any.

    `behavior` is the conversational_behavior that its statements show.
    """

    texts: tuple[str, ...]
    wav: bytes | None = None
    asked_at: float | None = None
    breaks: frozenset[str] = frozenset()
    behavior: str | None = None
    began_at: float | None = None
    is_over: bool = False
    was_cut: bool = False
    said: int = 0
