"""Writes one session to a file as it happens: each line is flushed, so that whatever ends the process leaves it whole.

A disk that is full, or a folder that cannot be written, is said once; the session goes on unrecorded.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import IO, Any

from mockagent.limits import MOST_AUDIO_KEPT
from mockagent.protocol import trace
from mockagent.protocol.events import Audio, Event, Side
from mockagent.protocol.formats import AudioFormat
from mockagent.protocol.judge import Violation
from mockagent.server.secret import Secret

_FRAME_TAKES = 48
"""Bytes of memory that a frame takes beside its content, about: a client can send nothing, over and over."""


class FileRecorder:
    """One trace file, and with `keeps_audio` the audio of both sides beside it, as WAV where it can be decoded.

    Where `path` is taken, by a session that a seed gave the same id, it is the next that is free: one.2.jsonl.
    `path` is None if there is no file that this recorder wrote.
    """

    wants_audio = True

    def __init__(
        self,
        path: Path,
        header: trace.Header,
        *,
        secret: str,
        trouble: Callable[[str], None],
        keeps_audio: bool = False,
    ) -> None:
        self.path: Path | None = None
        self._wanted = path
        self._trouble = trouble
        self._secret = Secret(secret)
        self._keeps_audio = keeps_audio
        self._sounds: dict[Side, list[bytes]] = {side: [] for side in Side}
        self._room = dict.fromkeys(Side, MOST_AUDIO_KEPT)
        self._kept = dict.fromkeys(Side, 0)
        self._number = 0
        self._violations: Counter[str] = Counter()
        self._lasted = 0.0
        self._file: IO[str] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _opened(path)
        except OSError as error:
            self._give_up(error)
        self._write(trace.header_line(header))

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None:
        """Write the line of one event."""
        self._number += 1
        self._lasted = event.at
        self._violations.update(violation.requirement.id for violation in violations)
        if self._keeps_audio and isinstance(event.content, Audio) and not event.content.json:
            self._keep(event.sender, event.content.data)
        self._write(trace.event_line(event, self._number, violations, breaks))

    def _keep(self, side: Side, data: bytes) -> None:
        if self._room[side] < 0:
            return
        self._room[side] -= len(data) + _FRAME_TAKES
        if self._room[side] >= 0:
            self._sounds[side].append(data)
            self._kept[side] += len(data)
        else:
            self._trouble(
                f"the audio of the {side} is too long to be kept: its file ends after {self._kept[side]} bytes"
            )

    def cast(self, scenario: str | None, switches: Mapping[str, Any]) -> None:
        """Write which scenario Settings chose, where the header could not say it."""
        self._write(trace.cast_line(scenario, switches))

    def close(self, outcome: str, formats: dict[Side, AudioFormat]) -> None:
        """Write the footer, and the audio if it was to be kept."""
        self._write(
            trace.footer_line(trace.Footer(self._number, self._lasted, outcome, dict(self._violations)))
        )
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self._give_up(error)
            self._file = None
        if self._keeps_audio and self.path is not None:
            self._write_audio(self.path, formats)

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(self._secret.hidden(line))
        except OSError as error:
            self._file = None
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._trouble(
            f"the trace {self.path or self._wanted} cannot be written: {error.strerror or error}; the session goes on"
        )

    def _write_audio(self, path: Path, formats: dict[Side, AudioFormat]) -> None:
        from mockagent.audio.keeping import kept  # loads numpy, which only this needs here

        for side, messages in self._sounds.items():
            if not messages or side not in formats:
                continue
            suffix, data = kept(messages, formats[side])
            try:
                path.with_suffix(f".{side}.{suffix}").write_bytes(data)
            except OSError as error:
                self._give_up(error)


def _opened(path: Path) -> tuple[Path, IO[str]]:
    """The first file of that name, or of its numbered ones, that is not there yet; open to be written."""
    for number in count(1):
        free = path if number == 1 else path.with_suffix(f".{number}{path.suffix}")
        with contextlib.suppress(FileExistsError):
            return free, free.open("x", encoding="utf-8", buffering=1, newline="\n")
    raise AssertionError("there is always a next number")
