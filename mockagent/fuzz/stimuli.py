"""What a living peer must answer after a fault, by what the session has come to. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockagent.fuzz.lines import SETTINGS
from mockagent.fuzz.near_miss import Opcode, Wire
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.messages import FunctionCall

PROBE = "mockagent probe"
"""What the stimuli say, for whoever reads a log."""


@dataclass(frozen=True, slots=True)
class Stimulus:
    """Messages to say, and the types of which one must come; `says` empty where the fault itself asks for it.

    `call` is the id of the function call that they make, "" where they make none.
    """

    says: tuple[JsonObject, ...]
    answers: tuple[str, ...]
    call: str = ""

    def is_answer(self, body: Any) -> bool:
        """Whether that is one of the answers, and none to another call."""
        if not isinstance(body, dict) or body.get("type") not in self.answers:
            return False
        return not self.call or messages.result_of(body).id in (self.call, "")


ID = "00000000-0000-4000-8000-000000000000"
"""The id of our own sessions, of which there may be several."""

_OF_SERVERS: Mapping[Dialect, Stimulus] = {
    Dialect.V1: Stimulus(({"type": "UpdatePrompt", "prompt": PROBE},), ("PromptUpdated",)),
    Dialect.EARLY_ACCESS: Stimulus(
        ({"type": "InjectAgentMessage", "message": PROBE},), ("ConversationText", "InjectionRefused")
    ),
}


def of_server(dialect: Dialect, types: Iterable[str], said: Iterable[str]) -> Stimulus:
    """What asks a server; `types` are those of its messages so far, `said` those of the client's.

    Before Settings it is them, and where the fault was some, their answer.
    """
    if "SettingsApplied" in types:
        return _OF_SERVERS[dialect]
    was_asked = messages.SETTINGS[dialect] in said
    return Stimulus(() if was_asked else (SETTINGS[dialect],), ("SettingsApplied",))


def types_said(wires: Iterable[Wire]) -> list[str]:
    """The types of the messages that those frames make, as far as they are such."""
    found, parts = [], b""
    for wire in wires:
        if wire.opcode is Opcode.TEXT:
            parts = wire.data
        elif wire.opcode is Opcode.CONTINUATION:
            parts += wire.data
        else:
            continue
        if wire.fin:
            found.append(type_of(parts))
    return [each for each in found if each]


def type_of(data: bytes | str) -> str:
    """The type of a message; "" for what is none."""
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    type = body.get("type") if isinstance(body, dict) else None
    return type if isinstance(type, str) else ""


def is_open_ended(wires: Iterable[Wire]) -> bool:
    """Whether the last message is not all there, so that no other may begin."""
    begun = [wire for wire in wires if wire.opcode < Opcode.CLOSE]
    return bool(begun) and not begun[-1].fin


def is_closing(wires: Iterable[Wire]) -> bool:
    """Whether a close is among the frames, after which there is nothing but the close of the other side."""
    return any(wire.opcode is Opcode.CLOSE for wire in wires)


def client_side_function(settings: JsonObject, dialect: Dialect) -> str | None:
    """The first function in Settings that the client is to run; None where it has none."""
    agent = settings.get("agent")
    think = agent.get("think") if isinstance(agent, dict) else None
    blocks = think if isinstance(think, list) else [think]
    for block in blocks:
        functions = block.get("functions") if isinstance(block, dict) else None
        for each in functions if isinstance(functions, list) else ():
            if isinstance(each, dict) and not (each.get("endpoint") or each.get("url")) and each.get("name"):
                return str(each["name"])
    return None


def turn_with_a_call(dialect: Dialect, function: str, number: int) -> Stimulus:
    """A turn of the user's in which the client must run its function: what a living client answers."""
    call = FunctionCall(f"probe_{number}", function, '{"location": "Fremont"}', True)
    return Stimulus(
        (
            {"type": "UserStartedSpeaking"},
            messages.conversation_text("user", PROBE),
            *messages.function_call_requests(dialect, [call]),
        ),
        ("FunctionCallResponse",),
        call.id,
    )


def for_a_parser(dialect: Dialect, side: Side) -> str:
    """A text frame of that side that every parser of it must take."""
    body = messages.welcome(dialect, ID) if side is Side.SERVER else {"type": "KeepAlive"}
    return json.dumps(body)
