"""Order: every message in every state in which the table of transitions has no row for it, and answers to nothing."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mockagent.fuzz.lines import Examples, names, said, type_of
from mockagent.fuzz.near_miss import Kind, NearMiss, Opcode, Payload, Way, Wire, binary, message, name_of
from mockagent.fuzz.states import STATES, walked
from mockagent.protocol import transitions
from mockagent.protocol.events import Audio, Dialect, Message, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import Session

_SHORT: Mapping[str, str] = MappingProxyType(
    {
        transitions.USER_TEXT: "ConversationText(role=user)",
        transitions.AGENT_TEXT: "ConversationText(role=assistant)",
        transitions.BACKCHANNEL_TEXT: "ConversationText(backchannel)",
    }
)
_LIKE_OTHERS = frozenset({transitions.TYPED_TEXT, transitions.INTERRUPTING_TEXT, transitions.CLOSE})
"""Names of what looks like something else until it is asked for; and the close, which may come at any time."""

UNASKED: Mapping[Side, tuple[str, ...]] = MappingProxyType(
    {
        Side.CLIENT: ("FunctionCallResponse",),
        Side.SERVER: (
            *("PromptUpdated", "SpeakUpdated", "ThinkUpdated", "ListenUpdated", "InjectionRefused"),
            *("FunctionCallResponse", "FunctionCallCancelled", "History"),
        ),
    }
)
"""What only answers something, and has a row in the table whether anything was asked or not."""


def order(dialect: Dialect, side: Side, examples: Examples) -> Iterator[NearMiss]:
    """Every message out of order."""
    for state, (steps, _, _) in STATES.items():
        way, session = walked(dialect, steps, examples)
        for name in names(dialect, side):
            if name not in _LIKE_OTHERS and not session.allows(side, name):
                summary = f"{type_of(name)} while {_words(state)}"
                yield _near_miss(session, side, name, state, summary, examples, way=way)
    steps, _, _ = STATES["silence"]
    way, session = walked(dialect, steps, examples)
    for name in UNASKED[side]:
        if name in TYPES[dialect, side]:
            yield _near_miss(
                session, side, name, "unasked", f"{name} that answers nothing", examples, way=way
            )
    close = Wire(Opcode.CLOSE, Payload(b"\x03\xe8"))
    for name in names(dialect, side):
        if name not in _LIKE_OTHERS:
            summary = f"{type_of(name)} after its sender's own close"
            yield _near_miss(session, side, name, "closed", summary, examples, way=way, first=(close,))


def _words(state: str) -> str:
    phrase = state.replace("-", " ")
    return {"open": "the connection is open", "silence": "nobody speaks"}.get(state, phrase)


def _near_miss(
    session: Session,
    side: Side,
    name: str,
    detail: str,
    summary: str,
    examples: Examples,
    *,
    way: Way,
    first: tuple[Wire, ...] = (),
) -> NearMiss:
    content = said(session, side, name, examples)
    wire = message(content.body) if isinstance(content, Message) else binary(_data(content))
    type = type_of(name)
    id = name_of(session.dialect, side, _SHORT.get(name, name), f"order:{detail}")
    type = "" if type == transitions.AUDIO else type
    return NearMiss(id, Kind.ORDER, session.dialect, side, type, summary, way, (*first, wire))


def _data(content: object) -> bytes:
    return content.data if isinstance(content, Audio) else b""
