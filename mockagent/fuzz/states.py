"""How to get into each state of a session, and to where a message of each type is in its place."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from mockagent.fuzz.lines import HELLO, Examples, said
from mockagent.fuzz.near_miss import Line, Way
from mockagent.protocol import messages, transitions
from mockagent.protocol.effects import after
from mockagent.protocol.events import Audio, Dialect, Event, Message, Opened, Side
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase, Turn

Step: TypeAlias = tuple[Side, str]
"""Who does what, by the name that the table of transitions has for it; "Settings" is that of either dialect."""

_C, _S = Side.CLIENT, Side.SERVER
_STEP_FOR = 0.1

_ACTIVE: tuple[Step, ...] = ((_S, "Welcome"), (_C, "Settings"), (_S, "SettingsApplied"))
_HEARD: tuple[Step, ...] = (*_ACTIVE, (_S, "UserStartedSpeaking"))
_ASKED: tuple[Step, ...] = (*_HEARD, (_S, transitions.USER_TEXT))
_REPLYING: tuple[Step, ...] = (*_ASKED, (_S, transitions.AGENT_TEXT))
_CALLED: tuple[Step, ...] = (*_ASKED, (_S, "FunctionCallRequest"))

STATES: Mapping[str, tuple[tuple[Step, ...], Phase, Turn]] = MappingProxyType(
    {
        "open": ((), Phase.OPEN, Turn.SILENCE),
        "settings-before-welcome": (((_C, "Settings"),), Phase.EARLY, Turn.SILENCE),
        "welcomed": (_ACTIVE[:1], Phase.WELCOMED, Turn.SILENCE),
        "configuring": (_ACTIVE[:2], Phase.CONFIGURING, Turn.SILENCE),
        "silence": (_ACTIVE, Phase.ACTIVE, Turn.SILENCE),
        "user-speaks": (_HEARD, Phase.ACTIVE, Turn.USER),
        "agent-thinks": (_ASKED, Phase.ACTIVE, Turn.THINKING),
        "reply-begun": (_REPLYING, Phase.ACTIVE, Turn.REPLYING),
        "agent-speaks": ((*_REPLYING, (_S, transitions.AUDIO)), Phase.ACTIVE, Turn.SPEAKING),
        "failed": ((*_ACTIVE, (_S, "Error")), Phase.FAILED, Turn.SILENCE),
    }
)
"""By name: the steps that lead there from the open connection, and where they lead."""

_ANSWERED = {
    answer: update for table in messages.ACKNOWLEDGEMENTS.values() for update, answer in table.items()
}
_PLACES: Mapping[Step, tuple[Step, ...]] = MappingProxyType(
    {
        (_C, "Settings"): _ACTIVE[:1],
        (_C, "SettingsConfiguration"): _ACTIVE[:1],
        (_C, "FunctionCallResponse"): _CALLED,
        (_S, "Welcome"): (),
        (_S, "SettingsApplied"): _ACTIVE[:2],
        (_S, "ConversationText"): _HEARD,
        (_S, "AgentThinking"): _ASKED,
        (_S, "FunctionCalling"): _ASKED,
        (_S, "FunctionCallRequest"): _ASKED,
        (_S, "History"): _ASKED,
        (_S, "FunctionCallResponse"): (*_CALLED, (_S, "FunctionCallRequest")),
        (_S, "FunctionCallCancelled"): (*_CALLED, (_S, "UserStartedSpeaking")),
        (_S, "AgentStartedSpeaking"): _REPLYING,
        (_S, transitions.AUDIO): _REPLYING,
        (_S, "AgentAudioDone"): (*_REPLYING, (_S, transitions.AUDIO)),
        (_S, "InjectionRefused"): (*_HEARD, (_C, "InjectAgentMessage")),
        **{
            (_S, answer): (*_ACTIVE, (_C, update))
            for answer, update in _ANSWERED.items()
            if answer != "SettingsApplied"
        },
    }
)


def place_of(side: Side, type: str) -> tuple[Step, ...]:
    """The steps to where this side may say this; for what may be said at any time, to a silent session."""
    return _PLACES.get((side, type), _ACTIVE)


def walked(dialect: Dialect, steps: Iterable[Step], examples: Examples) -> tuple[Way, Session]:
    """The lines of these steps, and the session after them."""
    session, at, way = Session(dialect), 0.0, []
    session = after(session, Event(at, Side.SERVER, Opened(dialect)))
    for event in _events(session, steps, examples):
        session = after(session, event)
        match event.content:
            case Message(body=body):
                way.append(Line(event.sender, body))
            case Audio(data=data):
                way.append(Line(event.sender, data))
    return tuple(way), session


def _events(session: Session, steps: Iterable[Step], examples: Examples) -> Iterator[Event]:
    """Each as it is properly said after those before it."""
    at = session.last_client_at
    for side, name in steps:
        at = round(at + _STEP_FOR, 6)
        wanted = messages.SETTINGS[session.dialect] if name == "Settings" else name
        event = Event(at, side, said(session, side, wanted, examples, HELLO))
        session = after(session, event)
        yield event
