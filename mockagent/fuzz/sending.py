"""What is sent to a peer to see whether it lives on: frames to say, and messages of the peer's to wait for.

A sending is the whole of it, from the open connection on: the same value is the same bytes, in this version and the
next, and its id is the hash of them.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from mockagent.fuzz.near_miss import Kind, NearMiss, Opcode, Payload, Wire, binary, message
from mockagent.protocol import transitions
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.wire_frames import is_utf_8

_READABLE = 2_000
_ID_SIZE = 12


@dataclass(frozen=True, slots=True)
class Say:
    """One frame that goes out."""

    wire: Wire


@dataclass(frozen=True, slots=True)
class Await:
    """The peer's next message of this type; "audio" is any binary one."""

    type: str


Step: TypeAlias = Say | Await


@dataclass(frozen=True)
class Sending:
    """What a side says and waits for, in order; then it is silent for so many seconds."""

    dialect: Dialect
    side: Side
    steps: tuple[Step, ...] = ()
    silent_for: float = 0.0

    @cached_property
    def id(self) -> str:
        """The hash of all that is sent."""
        text = json.dumps(document(self, readable=False), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_SIZE]

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The frames, in order."""
        return tuple(step.wire for step in self.steps if isinstance(step, Say))

    @property
    def size(self) -> int:
        """Bytes of all payloads."""
        return sum(wire.payload.size for wire in self.wires)


@dataclass(frozen=True, slots=True)
class Fault:
    """A sending with where it comes from: the id of a near-miss, or what drew it.

    `family` is what it has in common with its like, `must_be_taken` why the peer may not refuse it, "" where it may.
    """

    origin: str
    family: str
    summary: str
    sending: Sending
    must_be_taken: str = ""


_ANY_SIZE = ("#text:8-mb", "#frame:many-megabytes", "#audio:over-a-mebibyte", "#frame:ping-flood")
"""What is legal, but a receiver may draw the line."""
_OF_BYTES = (Kind.AUDIO, Kind.TIME)
"""Kinds of which what is legal may be refused all the same: audio of another encoding, and waiting too long."""


def fault_of(near_miss: NearMiss) -> Fault:
    """A near-miss after the lines that lead to it."""
    may_refuse = near_miss.kind in _OF_BYTES or near_miss.id.endswith(_ANY_SIZE) or _asks_much(near_miss)
    family = f"{near_miss.kind}:{near_miss.keyword}" if near_miss.keyword else near_miss.kind.value
    return Fault(
        near_miss.id,
        family,
        near_miss.summary,
        sending_of(near_miss),
        "" if may_refuse else near_miss.legal,
    )


def as_text(fault: Fault) -> Fault | None:
    """The fault as a parser meets it: its text alone, without the way; None where it is anything but one text."""
    last = fault.sending.steps[-1:]
    said = [step.wire for step in last if isinstance(step, Say)]
    if not said or said[0].opcode is not Opcode.TEXT or not is_utf_8(said[0].data):
        return None
    return replace(fault, sending=replace(fault.sending, steps=last, silent_for=0.0))


def _asks_much(near_miss: NearMiss) -> bool:
    """Whether a server may be unable to do what is asked in the right form."""
    return near_miss.side is Side.CLIENT and near_miss.kind is Kind.SCHEMA


def sending_of(near_miss: NearMiss) -> Sending:
    """The way there, and the frames that commit it."""
    steps = (*_walked(near_miss), *map(Say, near_miss.wires))
    return Sending(near_miss.dialect, near_miss.side, steps, near_miss.silent_for)


def _walked(near_miss: NearMiss) -> Iterator[Step]:
    for line in near_miss.way:
        is_audio = isinstance(line.said, bytes)
        if line.sender is not near_miss.side:
            yield Await(transitions.AUDIO if is_audio else str(line.said["type"]))  # type: ignore[call-overload]
        else:
            yield Say(binary(line.said) if isinstance(line.said, bytes) else message(line.said))


def joined(sendings: Iterable[Sending]) -> Sending:
    """Several sendings as one, for what only happens after all of them; ValueError for none."""
    first, *rest = sendings
    steps = sum((each.steps for each in rest), first.steps)
    return Sending(first.dialect, first.side, steps, rest[-1].silent_for if rest else first.silent_for)


def document(sending: Sending, *, readable: bool = True) -> dict[str, Any]:
    """The sending as JSON, exact; with `readable` text beside the bytes."""
    steps = [_step(step, readable) for step in sending.steps]
    silent = {"silent_for": sending.silent_for} if sending.silent_for else {}
    return {"dialect": sending.dialect.value, "side": sending.side.value, "steps": steps, **silent}


def sending_from(document: Mapping[str, Any]) -> Sending:
    """The sending of such a document; KeyError, ValueError or TypeError for what is none."""
    return Sending(
        Dialect(document["dialect"]),
        Side(document["side"]),
        tuple(map(_read_step, document["steps"])),
        float(document.get("silent_for", 0.0)),
    )


def _step(step: Step, readable: bool) -> dict[str, Any]:
    if isinstance(step, Await):
        return {"await": step.type}
    wire, payload = step.wire, step.wire.payload
    flags = {
        name: value
        for name, value in (
            ("more", not wire.fin),
            ("compressed", wire.rsv1),
            ("flipped_mask", wire.flipped_mask),
        )
        if value
    }
    filled = (
        {"fill": _coded(payload.fill), "times": payload.times, "tail": _coded(payload.tail)}
        if payload.times
        else {}
    )
    text = {"text": _text(payload)} if readable and wire.opcode is Opcode.TEXT else {}
    head = payload.head if payload.times else payload.data
    return {
        "say": wire.opcode.name.lower(),
        **text,
        "base64": _coded(head),
        **filled,
        **flags,
        **({"after": wire.after} if wire.after else {}),
    }


def _text(payload: Payload) -> str:
    data = payload.data[: _READABLE + 1]
    text = data[:_READABLE].decode("utf-8", "backslashreplace")
    return text + (" …" if len(data) > _READABLE else "")


def _read_step(step: Mapping[str, Any]) -> Step:
    if "await" in step:
        return Await(str(step["await"]))
    payload = Payload(
        b64decode(step["base64"], validate=True),
        b64decode(step.get("fill", ""), validate=True),
        int(step.get("times", 0)),
        b64decode(step.get("tail", ""), validate=True),
    )
    return Say(
        Wire(
            Opcode[str(step["say"]).upper()],
            payload,
            fin=not step.get("more", False),
            rsv1=bool(step.get("compressed", False)),
            flipped_mask=bool(step.get("flipped_mask", False)),
            after=float(step.get("after", 0.0)),
        )
    )


def _coded(data: bytes) -> str:
    return b64encode(data).decode()
