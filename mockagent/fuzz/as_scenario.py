"""A sending of the server's side as a scenario file, which plays the same to a client from then on. Pure.

What comes by itself in every session (Welcome, SettingsApplied, acknowledgements) is not written; what is right is a
step of the script; every other frame is the fault `frame`, exact to the byte. At the end the client is asked to run
a function, as the fuzzer asks it: whoever did not live through the frames does not finish the scenario.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.errors import MockagentError
from mockagent.fuzz.lines import SETTINGS
from mockagent.fuzz.near_miss import Opcode, Payload, Wire
from mockagent.fuzz.sending import Await, Say, Sending, Step
from mockagent.fuzz.stimuli import ID, PROBE, is_closing, is_open_ended, type_of
from mockagent.fuzz.yaml_text import flow, quoted, word
from mockagent.protocol import messages, transitions
from mockagent.protocol.codec import decode, encode
from mockagent.protocol.events import Content, Dialect, Event, Frame, JsonObject, Message, Problem, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.transitions import Phase, Turn
from mockagent.protocol.wire_frames import is_utf_8, must_be_closed_over

Problems: TypeAlias = Callable[[Dialect, Side, JsonObject], Sequence[Problem]]

_STEP_FOR = 0.1
_MANY = 40
_LARGE = 1_048_576
"""Bytes from which on a receiver may draw the line, and close with 1009, as most libraries do."""
_CLOSES_WITHIN = 3
_INJECTION_REFUSED: Mapping[str, str] = MappingProxyType({"InjectAgentMessage": "InjectionRefused"})


class CannotSay(MockagentError):
    """The language of scenarios has no words for what leads to the failure, or for what is waited for after it."""


def as_scenario(
    sending: Sending,
    function: str | None,
    judge: Judge,
    problems: Problems,
    *,
    summary: str,
    remarks: Sequence[str] = (),
) -> str:
    """The YAML of a scenario; CannotSay with the reason where there is none.

    At the end the client is to run this `function` of its Settings, None where they define none. `judge` is a new one,
    of the sending's dialect; `problems` are those of a message with its schema. `remarks` are lines for whoever reads
    the file.
    """
    closes = is_closing(sending.wires)
    if sending.side is not Side.SERVER:
        raise CannotSay("a scenario is played to clients, and these frames are a client's")
    if not closes and is_open_ended(sending.wires):
        raise CannotSay("the last message is not all there; after it a client answers nothing but pings")
    if not closes and function is None:
        raise CannotSay("the client's Settings define no function, and a scenario cannot wait for a pong")
    may_close = closes or must_be_closed_over(sending.wires) or max(_sizes(sending), default=0) > _LARGE
    writing = _Writing(sending, judge, problems, may_close)
    steps = [*writing.written(), *_ending(writing, function)]
    live = ", think_live: true" if Await(_LIVE) in sending.steps else ""
    lines = [
        *(f"# {line}" for line in (*remarks, *([] if writing.may_close else [_MAY_CLOSE]))),
        f"summary: {quoted(summary)}",
        *([f"dialect: {sending.dialect}"] if sending.dialect is not Dialect.V1 else []),
        f"switches: {{history: false, latency_report: false{live}}}",
        "steps:",
        *(f"  {'  ' if step.startswith(_BESIDE) else '- '}{step}" for step in steps),
    ]
    return "\n".join(lines) + "\n"


_MAY_CLOSE = (
    "With may_close: true in its frames a client that closes over them, in good order, is right, too."
)
_BESIDE = "when:"
"""What stands beside a step, and begins none."""


def _sizes(sending: Sending) -> Iterator[int]:
    return (wire.payload.size for wire in sending.wires)


def _ending(writing: "_Writing", function: str | None) -> Iterator[str]:
    sending = writing.sending
    if sending.silent_for:
        yield f"wait: {sending.silent_for:g} s"
    if is_closing(sending.wires):
        # By the end of the wait a client that has closed is done, and one that is only gone has failed.
        yield from (f"wait: {_CLOSES_WITHIN} s", "client: {closes: true}")
        return
    if writing.judge.session.turn not in (Turn.SILENCE, Turn.USER):
        yield "server: UserStartedSpeaking"
    yield from (f"user: {PROBE}", "when: timer")
    yield f"call: {{{word(function or '')}: {{location: Fremont}}}}"
    yield "server: {closes: 1000}"


@dataclass(slots=True)
class _Writing:
    """Writes the steps of a sending. `judge` follows the session as the service means it."""

    sending: Sending
    judge: Judge
    problems: Problems
    may_close: bool
    phase: Phase = Phase.OPEN
    at: float = 0.0
    opening: list[str] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    owed: str = ""

    def written(self) -> list[str]:
        """The steps, the client's Settings among them."""
        for step, count, rest in _runs(self.sending.steps):
            match step:
                case Await(type=type):
                    self._await(type)
                case Say(wire=wire) if self.phase is Phase.ACTIVE:
                    self._say(wire, count)
                case Say(wire=wire):
                    self._open(wire, count, rest)
        if self.sending.silent_for and self.phase is not Phase.ACTIVE:
            raise CannotSay("the server is silent before SettingsApplied, and a script begins after that")
        return [*self.opening, f"client: {messages.SETTINGS[self.sending.dialect]}", *self.script]

    def _await(self, type: str) -> None:
        if self.phase is Phase.ACTIVE:
            acknowledged = {**messages.ACKNOWLEDGEMENTS[self.sending.dialect], **_INJECTION_REFUSED}
            self.owed = acknowledged.get(type, "")
            self.script.append("client: {audio: 20 ms}" if type == transitions.AUDIO else f"client: {type}")
        elif self.phase is Phase.WELCOMED and type == messages.SETTINGS[self.sending.dialect]:
            self.phase = Phase.CONFIGURING
        else:
            due = "Welcome" if self.phase is Phase.OPEN else "SettingsApplied"
            raise CannotSay(
                f"{type} of the client is waited for before {due}, and a script begins after that"
            )

    def _open(self, wire: Wire, count: int, rest: Sequence[Step]) -> None:
        """A frame before SettingsApplied: beside what the service says by itself, or in place of it."""
        if wire.after:
            raise CannotSay("the server waits before SettingsApplied, and a script begins after that")
        type, due = type_of(wire.data), _DUE.get(self.phase)
        if due is None:
            self.opening.append(self._frame(wire, count))
        elif type == due and self._is_proper(wire) and count == 1:
            self._go_on()
        elif type == due and not _comes(due, rest):
            self.opening.append(self._frame(wire, count, instead_of=due))
            self._go_on()
        else:
            self.opening.append(self._frame(wire, count, before=due))
        if type == "SettingsApplied" and due != type and not _comes(type, rest):
            self.opening.append("fault: no_settings_applied")

    def _go_on(self) -> None:
        """What the service says by itself has been said."""
        if self.phase is Phase.OPEN:
            self.phase = Phase.WELCOMED
            return
        self.phase = Phase.ACTIVE
        self._see(Side.SERVER, Message("Welcome", messages.welcome(self.sending.dialect, ID)))
        settings = SETTINGS[self.sending.dialect]
        self._see(Side.CLIENT, Message(str(settings["type"]), settings))
        self._see(Side.SERVER, Message("SettingsApplied", messages.bare("SettingsApplied")))

    def _say(self, wire: Wire, count: int) -> None:
        if wire.after:
            self.script.append(f"wait: {wire.after:g} s")
        is_owed, self.owed = bool(self.owed) and type_of(wire.data) == self.owed, ""
        if count == 1 and self._is_proper(wire) and (is_owed or self._fits(wire)):
            body = decode(Frame(wire.data)).body  # type: ignore[union-attr]
            self.script.append(f"server: {flow(body) if len(body) > 1 else body['type']}")
        else:
            self.script.append(self._frame(wire, count))

    def _is_proper(self, wire: Wire) -> bool:
        """Whether it is one message of its schema, in the bytes in which a script would send it."""
        if wire.opcode is not Opcode.TEXT or not wire.fin or wire.rsv1 or wire.flipped_mask:
            return False
        if wire.payload.times or any(mark in wire.data for mark in _NOT_OF_A_SCRIPT):
            return False
        content = decode(Frame(wire.data))
        if not isinstance(content, Message) or encode(content.body).data != wire.data:
            return False
        return not self.problems(self.sending.dialect, Side.SERVER, content.body)

    def _fits(self, wire: Wire) -> bool:
        """Whether the service may say this now, and goes on after it."""
        content = decode(Frame(wire.data))
        if type_of(wire.data) in _NEVER_MEANT or self.judge.fork().observe(self._event(Side.SERVER, content)):
            return False
        self._see(Side.SERVER, content)
        return True

    def _see(self, side: Side, content: Content) -> None:
        self.judge.observe(self._event(side, content))

    def _event(self, side: Side, content: Content) -> Event:
        self.at = round(self.at + _STEP_FOR, 6)
        return Event(self.at, side, content)

    def _frame(self, wire: Wire, count: int, **where: str) -> str:
        """The step that sends this frame as it is."""
        closing = {"may_close": True} if self.may_close else {}
        figures = {
            **_payload(wire),
            **_flags(wire),
            **({"count": count} if count > 1 else {}),
            **where,
            **closing,
        }
        inside = ", ".join(
            f"{name}: {quoted(value) if name in _TEXTS else flow(value)}" for name, value in figures.items()
        )
        return f"fault: {{frame: {{{inside}}}}}"


_DUE: Mapping[Phase, str] = MappingProxyType({Phase.OPEN: "Welcome", Phase.CONFIGURING: "SettingsApplied"})
"""What the service says next by itself."""
_NOT_OF_A_SCRIPT = (b"${", b"\\u")
"""What a script would fill in, and half a surrogate pair, which no YAML file holds."""
_NEVER_MEANT = frozenset({"Error", "FunctionCallRequest"})
"""After the one the service would say nothing more; the other names functions that the client's Settings may not."""
_LIVE = "UpdateThink_Live"
_TEXTS = frozenset({"text", "base64", "fill", "tail"})


def _runs(steps: Sequence[Step]) -> Iterator[tuple[Step, int, Sequence[Step]]]:
    """The steps, a frame that comes several times at once with its number, and what comes after."""
    at = 0
    while at < len(steps):
        step, count = steps[at], 1
        while isinstance(step, Say) and not step.wire.after and steps[at + count : at + count + 1] == (step,):
            count += 1
        at += count
        yield step, count, steps[at:]


def _comes(type: str, rest: Sequence[Step]) -> bool:
    """Whether a message of that type is still to come from the server."""
    return any(isinstance(step, Say) and type_of(step.wire.data) == type for step in rest)


def _payload(wire: Wire) -> dict[str, Any]:
    payload = wire.payload if wire.payload.times else _counted(wire.data)
    parts = {"head": payload.head}
    if payload.times:
        parts |= {"fill": payload.fill, **({"tail": payload.tail} if payload.tail else {})}
    are_texts = all(map(is_utf_8, parts.values()))
    said = {name: data.decode() if are_texts else b64encode(data).decode() for name, data in parts.items()}
    head = {"text" if are_texts else "base64": said.pop("head")}
    return head | said | ({"times": payload.times} if payload.times else {})


def _counted(data: bytes) -> Payload:
    """One byte over and over is only counted."""
    is_one = len(data) >= _MANY and data == data[:1] * len(data)
    return Payload(fill=data[:1], times=len(data)) if is_one else Payload(data)


def _flags(wire: Wire) -> dict[str, Any]:
    flags = {"fin": False} if not wire.fin else {}
    flags |= {name: True for name, value in (("rsv1", wire.rsv1), ("masked", wire.flipped_mask)) if value}
    return flags if wire.opcode is Opcode.TEXT else {"opcode": wire.opcode.name.lower(), **flags}
