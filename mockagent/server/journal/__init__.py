"""The living journal: what every session has come to, asked for over HTTP while it goes on and after.

`kept` and `book` take down what happens; `gate`, `routes` and `views` are pure and say who may ask, what was asked
and what the answer is; `desk` is the shell that answers, at once or later. The last four are loaded by the first
question.
"""

PREFIX = "/__mockagent"
"""Where the journal is. The live service has nothing there."""


def is_asked(target: str) -> bool:
    """Whether a request for `target` (path and query) is for the journal."""
    path = target.partition("?")[0]
    return path == PREFIX or path.startswith(f"{PREFIX}/")
