"""The file that says where the server is, for scripts that cannot read its output: there while the server is."""

import contextlib
from pathlib import Path

from mockagent.errors import ServerError

_SCHEMES = ("ws://", "wss://")


class ReadyFile:
    """One that is there before the server is up is from an earlier one, and would lead a script astray."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written: str | None = None

    def clear(self) -> None:
        """Take away what an earlier server left; a file of another kind is left alone."""
        if self._path is not None and (_text(self._path) or "").startswith(_SCHEMES):
            _remove(self._path)

    def write(self, url: str) -> None:
        """Say that the server is at this address, in one stroke; ServerError when that cannot be written."""
        if self._path is None:
            return
        self._written = url + "\n"
        try:
            partial = self._path.with_name(self._path.name + ".partial")
            partial.write_text(self._written, "utf-8")
            partial.replace(self._path)
        except OSError as error:
            raise ServerError(f"cannot write {self._path}: {error.strerror or error}") from None

    def remove(self) -> None:
        """Take it away, unless another server has written it since."""
        if self._path is not None and self._written is not None and _text(self._path) == self._written:
            _remove(self._path)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return None


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
