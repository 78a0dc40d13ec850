"""What an application behind the reference client sees and does, as the lines of level 2. `write` keeps a line."""

from collections.abc import Callable, Mapping
from typing import Any

from mockagent.protocol.events import Audio, Closed, Content, Malformed, Message


class Observer:
    """Plays what it hears, so to speak, until the user speaks up. Audio is told in one line until something else is."""

    def __init__(self, write: Callable[[Mapping[str, Any]], None]) -> None:
        self._write = write
        self._heard = 0

    def see(self, content: Content) -> None:
        """Take in what the server did."""
        if isinstance(content, Audio):
            self._heard += content.size
            return
        if self._heard:
            self._write({"audio": self._heard})
            self._heard = 0
        match content:
            case Message(type=type, body=body):
                self._write({"event": type, "message": dict(body)})
                if type == "UserStartedSpeaking":
                    self._write({"playback": "stopped"})
            case Malformed(found=found):
                self._write({"error": f"expected a message, got {found}"})
            case Closed(code=code):
                self._write({"closed": code})
