"""Makes a failing sending smaller, as long as it goes on failing: steps dropped, payloads shrunk, waits shortened.

The search is pure: it proposes, and whoever asked says whether it still fails. Each proposal is simpler than what it
is made of, so that the search ends; large parts are tried first.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from mockagent.fuzz.near_miss import Opcode, Payload, Wire
from mockagent.fuzz.sending import Say, Sending

_ASKED_AGAIN = 2
"""How often the smallest must fail again."""
_SMALL = 4_096
"""Bytes from which on a payload is made smaller only by its size."""
_FEW = 24
"""Characters up to which each single one of a string is tried."""

_PLAIN = ("x", "é")
"""What takes the place of a character: a letter, or one beyond ASCII where it must be such."""


async def shrunk(
    sending: Sending,
    still_fails: Callable[[Sending], Awaitable[bool]],
    is_enough: Callable[[int], bool] = lambda tries: False,
) -> tuple[Sending, int]:
    """The smallest that surely fails, and in how many tries it was found; `is_enough` of their number ends the search.

    What fails only now and then is not kept: the smallest fails again each time it is asked at the end, or a larger
    one is taken, at last the whole.
    """
    failing, tries = await _search(sending, still_fails, is_enough)
    while len(failing) > 1 and not await _is_sure(failing[-1], still_fails):
        del failing[len(failing) // 2 :]
    return failing[-1], tries


async def _search(
    sending: Sending,
    still_fails: Callable[[Sending], Awaitable[bool]],
    is_enough: Callable[[int], bool],
) -> tuple[list[Sending], int]:
    """All that failed, each smaller than the one before, and the number of tries."""
    failing, known, tries = [sending], {sending.id}, 0
    while True:
        for candidate in candidates(failing[-1]):
            if candidate.id in known:
                continue
            if is_enough(tries):
                return failing, tries
            known.add(candidate.id)
            tries += 1
            if await still_fails(candidate):
                failing.append(candidate)
                break
        else:
            return failing, tries


async def _is_sure(sending: Sending, still_fails: Callable[[Sending], Awaitable[bool]]) -> bool:
    for _ in range(_ASKED_AGAIN):
        if not await still_fails(sending):
            return False
    return True


def candidates(sending: Sending) -> Iterator[Sending]:
    """Every simpler sending that is one change away, the largest changes first."""
    for steps in _shorter(sending.steps):
        if steps:
            yield replace(sending, steps=tuple(steps))
    for seconds in _sooner(sending.silent_for):
        yield replace(sending, silent_for=seconds)
    for index, step in enumerate(sending.steps):
        if isinstance(step, Say):
            for wire in _simpler(step.wire):
                steps = (*sending.steps[:index], Say(wire), *sending.steps[index + 1 :])
                yield replace(sending, steps=steps)


def _shorter(parts: Any) -> Iterator[Any]:
    """The parts without a half of them, a quarter, down to each single one."""
    size = len(parts) // 2 or len(parts)
    while size:
        for at in range(0, len(parts), size):
            yield parts[:at] + parts[at + size :]
        size //= 2


def _sooner(seconds: float) -> Iterator[float]:
    if seconds:
        yield 0.0
        if seconds > 0.1:
            yield round(seconds / 2, 3)


def _simpler(wire: Wire) -> Iterator[Wire]:
    for seconds in _sooner(wire.after):
        yield replace(wire, after=seconds)
    payload = wire.payload
    if payload.times:
        for times in (0, payload.times // 2, payload.times - payload.times // 8, payload.times - 1):
            if times < payload.times:
                yield replace(wire, payload=replace(payload, times=times))
        if payload.size > _SMALL:
            return
    for data in _smaller(payload.data, wire.opcode):
        yield replace(wire, payload=Payload(data))


def _smaller(data: bytes, opcode: Opcode) -> Iterator[bytes]:
    value = _parsed(data) if opcode is Opcode.TEXT else None
    if isinstance(value, dict | list):
        for each in _plainer(value):
            yield json.dumps(each, separators=(",", ":")).encode()
        return
    if opcode is Opcode.TEXT:
        text = data.decode("utf-8", "surrogateescape")
        yield from (each.encode("utf-8", "surrogateescape") for each in _shorter_text(text))
        return
    yield from _shorter(data) if len(data) <= _SMALL else (data[: len(data) // 2], data[len(data) // 2 :])


def _parsed(data: bytes) -> Any:
    """The value of JSON; None for what is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _plainer(value: Any) -> Iterator[Any]:
    """Every value that is simpler by one change, whole parts first."""
    match value:
        case dict():
            names = list(value)
            for kept in _shorter(names):
                yield {name: value[name] for name in kept}
            for name in names:
                for part in _plainer(value[name]) if name != "type" else ():
                    yield {**value, name: part}
        case list():
            yield from _shorter(value)
            for index, item in enumerate(value):
                for part in _plainer(item):
                    yield [*value[:index], part, *value[index + 1 :]]
        case str():
            yield from _shorter_text(value)
        case bool():
            if value:
                yield False
        case int() | float():
            yield from _nearer_zero(value)


def _shorter_text(text: str) -> Iterator[str]:
    if not text:
        return
    yield ""
    size = len(text) // 2
    while size:
        if size > 1 or len(text) <= _FEW:
            for at in range(0, len(text), size):
                if len(text) > size:
                    yield text[:at] + text[at + size :]
        size //= 2
    if len(text) <= _FEW:
        for index, each in enumerate(text):
            for plainer in _PLAIN[: _PLAIN.index(each)] if each in _PLAIN else _PLAIN:
                yield text[:index] + plainer + text[index + 1 :]


def _nearer_zero(value: float) -> Iterator[float]:
    if value != value or value in (float("inf"), float("-inf")):
        return
    for each in (0, 1, -1, int(value), int(value / 2) if abs(value) < 1e300 else 0, int(value) - 1):
        if abs(each) < abs(value) or (each == value and isinstance(value, float) and isinstance(each, int)):
            yield each
