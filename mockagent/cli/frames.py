"""A frame on a line, as `mockagent fuzz` prints it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockagent.fuzz.near_miss import Wire
    from mockagent.fuzz.sending import Sending

_SHOWN = 2_000
_MOST_STEPS = 20
_REPEATED = re.compile(r"(.)\1{39,}")
"""So many of the same character that they are only counted."""


def written(wire: "Wire") -> str:
    """A frame on one line: text as it is, other bytes as Python writes them, both up to a limit."""
    size = wire.payload.size
    data = wire.data[:_SHOWN] if size > _SHOWN else wire.data
    flags = [
        f"after {wire.after:g} s" if wire.after else "",
        wire.opcode.name.lower(),
        "" if wire.fin else "not the last",
        "rsv1" if wire.rsv1 else "",
        "wrongly masked" if wire.flipped_mask else "",
        f"{size} bytes",
    ]
    more = " …" if size > _SHOWN else ""
    return f"{', '.join(flag for flag in flags if flag)}: {_readable(data)}{more}"


def _counted(text: str) -> str:
    """The text with one character over and over only counted, where its end is known."""
    return _REPEATED.sub(
        lambda found: f"{found[1] * 3}…" + ("" if text.endswith(" …") else f" ({len(found[0])} times)"), text
    )


def _readable(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return repr(data)
    return text if text.isprintable() else repr(data)


def steps_written(sending: "Sending") -> Iterator[str]:
    """What is sent and waited for, a line for each step, with the middle of a long one left out."""
    from mockagent.fuzz.sending import Await

    side, other = ("client", "server") if sending.side == "client" else ("server", "client")
    lines = [
        f"the {other} sends {step.type}"
        if isinstance(step, Await)
        else f"the {side} sends {_counted(written(step.wire))}"
        for step in sending.steps
    ]
    if sending.silent_for:
        lines.append(f"the {side} is silent for {sending.silent_for:g} s")
    if len(lines) > _MOST_STEPS:
        left_out = len(lines) - _MOST_STEPS
        lines[_MOST_STEPS // 2 : -_MOST_STEPS // 2] = [f"… {left_out} more …"]
    yield from lines
