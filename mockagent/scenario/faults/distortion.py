"""What faults make of the agent's speech: its frames in, and out what leaves in each frame's time. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from math import ceil
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.protocol.events import Frame
from mockagent.protocol.formats import AudioFormat

Batch: TypeAlias = tuple[Frame, ...]
"""What leaves at one time: nothing, one frame, or several."""
_Frames: TypeAlias = Sequence[bytes]

_NOISE = bytes((number * 197 + 91) % 256 for number in range(251))
"""Bytes without a pattern that an ear would know; their number is odd, so that each sample meets others."""


def format_spoken(fault: str, declared: AudioFormat) -> AudioFormat:
    """In which format the speech is made: in the declared one, unless that is the fault."""
    if fault != "misencoded_audio":
        return declared
    return replace(declared, encoding="mulaw" if declared.encoding == "linear16" else "linear16")


def distorted(fault: str, frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    """The speech as this fault has it go out; `frame_for` is the seconds between two frames."""
    return _DISTORTIONS[fault](frames, frame_for, values)


def _odd(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    """One byte of each second frame goes with the one after it; a last one without a partner loses it."""
    batches: list[Batch] = []
    for index in range(0, len(frames), 2):
        both = b"".join(frames[index : index + 2])
        cut = len(frames[index]) - 1
        batches += [(Frame(part, binary=True),) for part in (both[:cut], both[cut:])[: len(frames) - index]]
    return batches


def _with_an_empty_one(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    first, *rest = _plain(frames)
    return [(*first, Frame(b"", binary=True)), *rest]


def _late(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    waits: list[Batch] = [()] * ceil(values["seconds"] / frame_for)
    return waits + _plain(frames)


def _in_bursts(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    size = max(1, round(values["seconds"] / frame_for))
    batches: list[Batch] = []
    for index in range(0, len(frames), size):
        burst = tuple(Frame(data, binary=True) for data in frames[index : index + size])
        batches += [()] * (len(burst) - 1) + [burst]
    return batches


def _noise(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    noise = cycle(_NOISE)
    return _plain([bytes(byte ^ next(noise) for byte in data) for data in frames])


def _first_as_text(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    _, *rest = _plain(frames)
    return [(Frame(frames[0], binary=False),), *rest]


def _as_they_are(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> list[Batch]:
    return _plain(frames)


def _plain(frames: _Frames) -> list[Batch]:
    return [(Frame(data, binary=True),) for data in frames]


_DISTORTIONS: Mapping[str, Callable[[_Frames, float, Mapping[str, Any]], list[Batch]]] = MappingProxyType(
    {
        "odd_audio": _odd,
        "empty_audio": _with_an_empty_one,
        "late_audio": _late,
        "bursty_audio": _in_bursts,
        "corrupted_audio": _noise,
        "misencoded_audio": _as_they_are,
        "binary_as_text": _first_as_text,
    }
)
