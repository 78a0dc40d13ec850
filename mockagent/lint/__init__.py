"""The checking shell: files in, what is wrong with them out. It reads files, and leaves every judgement to the core.

`check_file` tells scenarios, traces and messages apart; `check_messages` takes a text to hold messages.
"""

from mockagent.lint.files import check_file, check_messages, files_of, read
from mockagent.lint.items import Asked, Breach, Departure, Item, Kind, as_json
from mockagent.lint.messages import places

__all__ = [
    "Asked",
    "Breach",
    "Departure",
    "Item",
    "Kind",
    "as_json",
    "check_file",
    "check_messages",
    "files_of",
    "places",
    "read",
]
