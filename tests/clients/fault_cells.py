"""Which faults are played to every client, with which figures, and the conversation they strike.

Each fault of the table has a row, whether or not a line below says more about it: a new one is played with its
defaults. After every fault comes something that a living client must answer: a function call.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockagent.scenario.faults.table import FAULTS, Fault, Kind, Level, Strikes

NO_FAULT = "none"
SPEED = 5
HIT = "ConversationText"
"""What a fault of the next message hits: the one message with fields that both dialects and all SDKs know."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a fault and its figures. Lengths are seconds of the wall; so is `deadline_for`."""

    fault: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    speed: int = SPEED
    deadline_for: float = 12.0

    @property
    def label(self) -> str:
        """The fault with the figures that are not its own defaults."""
        return ",".join([self.fault, *(f"{name}={value}" for name, value in self.parameters.items())])

    @property
    def row(self) -> Fault | None:
        """The fault's own row in the table of faults; None where nothing is inflicted."""
        return FAULTS.get(self.fault)

    def written(self) -> dict[str, Any]:
        """The figures as a scenario has them, whose lengths are those of the session."""
        fault = self.row
        assert fault is not None
        values = dict(self.parameters)
        for each in fault.parameters:
            if each.name == "type":
                values.setdefault("type", HIT)
            if each.kind is Kind.LENGTH and each.name == "seconds":
                length = values.get("seconds", each.default)
                values["seconds"] = f"{float(str(length).removesuffix('s')) * self.speed:g} s"
        return values


# A client's own timers run on the wall. Python's `websockets` asks for a pong after 20 s and waits 20 s for it;
# all SDKs that limit the handshake do so at 10 s. The service's limits run in session time: ten seconds of it, two of
# the wall, are the most that audio and the answer to a call may take.
SPECIAL = {
    "late_settings_applied": (Row("late_settings_applied", {"seconds": "1s"}),),
    "stall": (Row("stall", {"seconds": "1s"}),),
    "slow_handshake": (
        Row("slow_handshake"),
        Row("slow_handshake", {"seconds": "15s"}, deadline_for=20.0),
    ),
    "half_open": (Row("half_open", {"seconds": "60s"}, speed=1, deadline_for=48.0),),
    "frame": (Row("frame", {"opcode": "reserved"}),),
    "close": (
        Row("close"),
        *(Row("close", {"code": code}) for code in (1000, 1001, 1008, 1011)),
    ),
}


def rows() -> tuple[Row, ...]:
    """All rows, the one without a fault first."""
    struck = (row for name in FAULTS for row in SPECIAL.get(name, (Row(name),)))
    return (Row(NO_FAULT), *struck)


def scenario(row: Row, early_access: bool, answers: bool = True) -> str:
    """The conversation with the row's fault in it, as YAML; a fault of the handshake is a flag instead.

    With a client that does not answer, there is no call, and after the last reply it leaves as it can.
    """
    settings, dialect = ("SettingsConfiguration", "early-access") if early_access else ("Settings", "v1")
    steps = {
        Strikes.OPENING: f"client: {settings}",
        Strikes.NEXT_REPLY: "agent: Hello! How can I help you today?",
        Strikes.NEXT_MESSAGE: "user: What's the weather in Fremont?\n    when: timer",
        Strikes.AT_ONCE: "call: {get_weather: {location: Fremont}}\n    as: weather",
        None: "agent: Here is what I found - ${weather}\n  - client: {closes: true}",
    }
    if not answers:
        steps |= {Strikes.AT_ONCE: "wait: 0.5 s", None: "agent: It is sunny."}
    # Without these two events, SDKs that are older than them see only what they know.
    lines = [
        f"name: call\nsummary: A call with a fault\ndialect: {dialect}",
        "switches: {history: false, latency_report: false}\nsteps:",
    ]
    fault = row.row
    for strikes, step in steps.items():
        if fault is not None and fault.strikes is strikes:
            written = row.written()
            lines.append(
                f"  - fault: {{{fault.name}: {json.dumps(written)}}}"
                if written
                else f"  - fault: {fault.name}"
            )
            if fault.ends:
                break
        lines.append(f"  - {step}")
    return "\n".join(lines) + "\n"


def flags(row: Row) -> list[str]:
    """What `serve` is told beside the scenario."""
    told = ["--speed", str(row.speed)]
    if row.row is not None and row.row.level is Level.HANDSHAKE:
        figures = [f"{name}={value}".replace(" ", "") for name, value in row.written().items()]
        told += ["--fault", ",".join([row.fault, *figures])]
    return told
