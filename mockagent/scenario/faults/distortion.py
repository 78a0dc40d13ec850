"""What faults make of the agent's speech: its frames in, and out what leaves in each frame's time. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, cycle, repeat
from math import ceil
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.protocol.events import Frame
from mockagent.protocol.formats import AudioFormat

Batch: TypeAlias = tuple[Frame, ...]
"""What leaves at one time: nothing, one frame, or several."""
_Frames: TypeAlias = Iterable[bytes | None]
_Batches: TypeAlias = Iterator[Batch | None]

_NOISE = bytes((number * 197 + 91) % 256 for number in range(251))
"""Bytes without a pattern that an ear would know; their number is odd, so that each sample meets others."""


def format_spoken(fault: str, declared: AudioFormat) -> AudioFormat:
    """In which format the speech is made: in the declared one, unless that is the fault."""
    if fault != "misencoded_audio":
        return declared
    return replace(declared, encoding="mulaw" if declared.encoding == "linear16" else "linear16")


def distorted(fault: str, frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    """The speech as this fault has it go out; `frame_for` is the seconds between two frames.

    Where the frames say None, since the next one is to come, so do the batches.
    """
    return _DISTORTIONS[fault](frames, frame_for, values)


def _odd(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    """One byte of each second frame goes with the one after it; a last one without a partner loses it."""
    moved: bytes | None = None
    for data in frames:
        if data is None:
            yield None
        elif moved is None:
            yield (Frame(data[:-1], binary=True),)
            moved = data[-1:]
        else:
            yield (Frame(moved + data, binary=True),)
            moved = None


def _with_an_empty_one(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    more: Batch = (Frame(b"", binary=True),)
    for batch in _plain(frames):
        yield None if batch is None else batch + more
        more = more if batch is None else ()


def _late(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    return chain(repeat((), ceil(values["seconds"] / frame_for)), _plain(frames))


def _in_bursts(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    """Each burst leaves in the time of its last frame."""
    size = max(1, round(values["seconds"] / frame_for))
    burst: Batch = ()
    for data in frames:
        if data is None:
            yield None
            continue
        if burst:
            yield ()
        burst = (*burst, Frame(data, binary=True))
        if len(burst) == size:
            yield burst
            burst = ()
    if burst:
        yield burst


def _noise(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    noise = cycle(_NOISE)
    return _plain(data and bytes(byte ^ next(noise) for byte in data) for data in frames)


def _first_as_text(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    is_first = True
    for data in frames:
        yield None if data is None else (Frame(data, binary=not is_first),)
        is_first = is_first and data is None


def _as_they_are(frames: _Frames, frame_for: float, values: Mapping[str, Any]) -> _Batches:
    return _plain(frames)


def _plain(frames: _Frames) -> _Batches:
    return (None if data is None else (Frame(data, binary=True),) for data in frames)


_DISTORTIONS: Mapping[str, Callable[[_Frames, float, Mapping[str, Any]], _Batches]] = MappingProxyType(
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
