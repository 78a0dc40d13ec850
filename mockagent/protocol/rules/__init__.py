"""One function a requirement, in files by area. Importing the package enters them all in the book, in this order:

what a message is comes before when it may come, so that a text nobody can read is never said to be too early.
"""

from mockagent.protocol.rules import (  # noqa: F401
    messages,
    opening,
    settings,
    audio,
    turns,
    functions,
    history,
    updates,
    injection,
    liveness,
    closing,
)
