"""The fault `frame`: its parameters as one WebSocket frame, exact to the byte. Pure.

Whatever a frame can be can be said, right or wrong; only what contradicts itself is refused.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockagent.protocol.wire_frames import Opcode, Payload, WireFrame

Values: TypeAlias = Mapping[str, Any]

OPCODES = tuple(each.name.lower() for each in Opcode)
LARGEST = 67_108_864
"""Bytes that one step puts on the wire at most, as does the fault `oversized_text`."""


def bytes_of(text: str) -> bytes:
    """The bytes that base64 stands for; ValueError for what is none."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise ValueError(f"expected bytes in base64, got {text!r}") from None


def check(values: Values) -> None:
    """ValueError for parameters that cannot stand beside each other, or in bytes that are none."""
    if values["text"] is not None and values["base64"] is not None:
        raise ValueError("expected either text or base64, got both")
    if (values["fill"] is None) is not (values["times"] is None):
        raise ValueError("expected fill and times together: what is repeated, and how often")
    if values["before"] is not None and values["instead_of"] is not None:
        raise ValueError("expected either before or instead_of, got both")
    size = _payload(values).size * (values["count"] or 1)
    if size > LARGEST:
        raise ValueError(f"expected at most {LARGEST} bytes, got {size}")


def frame_of(values: Values) -> WireFrame:
    """The frame that these parameters describe."""
    return WireFrame(
        Opcode[values["opcode"].upper()],
        _payload(values),
        fin=values["fin"],
        rsv1=values["rsv1"],
        flipped_mask=values["masked"],
    )


def waits_for(values: Values) -> str | None:
    """The type of the message that a fault stands by for; None where it strikes at once."""
    return values.get("before") or values.get("instead_of")


def _payload(values: Values) -> Payload:
    """`fill` and `tail` are written as the head is: as text, or in base64."""
    read: Callable[[str], bytes] = bytes_of if values["base64"] is not None else str.encode
    head, fill, tail = (values[name] or "" for name in ("base64", "fill", "tail"))
    return Payload(read(values["text"] or head), read(fill), values["times"] or 0, read(tail))
