"""The one table of what may happen when, for both dialects and both sides. A row that is absent is forbidden.

Beside it stands what is forbidden and nevertheless moves the session on, for whoever sees it goes by it.

    OPEN ──Welcome──▶ WELCOMED ──Settings──▶ CONFIGURING ──SettingsApplied──▶ ACTIVE ──Error──▶ FAILED
      └───Settings──▶ EARLY ─────Welcome──────────┘                                (a close ends any of them)

Within ACTIVE the turn says who has the floor. Sources: the vendor's message flow and message pages
(https://developers.deepgram.com/docs/voice-agent-message-flow); EARLY is how most SDKs begin.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mockagent.protocol.events import Side


class Phase(StrEnum):
    """How far the session has come."""

    OPEN = "open"
    EARLY = "settings before welcome"
    WELCOMED = "welcomed"
    CONFIGURING = "configuring"
    ACTIVE = "active"
    FAILED = "failed"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who has the floor."""

    SILENCE = "silence"
    USER = "the user speaks"
    THINKING = "the agent thinks"
    REPLYING = "the agent has begun a reply"
    SPEAKING = "the agent speaks"


@dataclass(frozen=True, slots=True)
class Move:
    """One row: in these phases and turns that may happen; `None` as a target leaves things as they are."""

    phases: frozenset[Phase]
    turns: frozenset[Turn]
    to_phase: Phase | None = None
    to_turn: Turn | None = None


AUDIO = "audio"
CLOSE = "close"
USER_TEXT = "ConversationText of the user"
TYPED_TEXT = "ConversationText of an InjectUserMessage"
BACKCHANNEL_TEXT = "ConversationText of a user who only signals attention"
AGENT_TEXT = "ConversationText of the assistant"
INTERRUPTING_TEXT = "ConversationText of an interrupting InjectAgentMessage"

_ALL_TURNS = frozenset(Turn)
_SETTLED = frozenset({Phase.ACTIVE})
_CONFIGURED = frozenset({Phase.EARLY, Phase.CONFIGURING, Phase.ACTIVE})
_REPLY = frozenset({Turn.REPLYING, Turn.SPEAKING})

_CLIENT_AT_ANY_TIME = (
    AUDIO,
    "UpdatePrompt",
    "UpdateSpeak",
    "UpdateThink",
    "UpdateListen",
    "UpdateThink_Live",
    "UpdateInstructions",
    "InjectUserMessage",
    "InjectAgentMessage",
    "FunctionCallResponse",
    "KeepAlive",
    "ForceEndTurn",
    "__customToThinkProvider",
)
_SERVER_AT_ANY_TURN = (
    "PromptUpdated",
    "SpeakUpdated",
    "ThinkUpdated",
    "ListenUpdated",
    "ThinkLiveUpdated",
    "History",
    "LatencyReport",
    "InjectionRefused",
    "FunctionCallResponse",
    "FunctionCallCancelled",
    "FrustrationDetected",
    "__customFromThinkProvider",
)


def _in(*phases: Phase, to: Phase | None = None) -> Move:
    return Move(frozenset(phases), _ALL_TURNS, to)


def _on(*turns: Turn, to: Turn | None = None) -> Move:
    return Move(_SETTLED, frozenset(turns) or _ALL_TURNS, to_turn=to)


def _table() -> dict[tuple[Side, str], tuple[Move, ...]]:
    settings = (_in(Phase.OPEN, to=Phase.EARLY), _in(Phase.WELCOMED, to=Phase.CONFIGURING))
    client: dict[str, tuple[Move, ...]] = {
        "Settings": settings,
        "SettingsConfiguration": settings,
        CLOSE: (_in(*Phase, to=Phase.CLOSED),),
        **{name: (Move(_CONFIGURED | {Phase.FAILED}, _ALL_TURNS),) for name in _CLIENT_AT_ANY_TIME},
    }
    server: dict[str, tuple[Move, ...]] = {
        "Welcome": (_in(Phase.OPEN, to=Phase.WELCOMED), _in(Phase.EARLY, to=Phase.CONFIGURING)),
        "SettingsApplied": (_in(Phase.CONFIGURING, to=Phase.ACTIVE),),
        "Warning": (_in(Phase.WELCOMED, Phase.ACTIVE),),
        "Error": (_in(Phase.WELCOMED, Phase.CONFIGURING, Phase.ACTIVE, to=Phase.FAILED),),
        CLOSE: (_in(*Phase, to=Phase.CLOSED),),
        "UserStartedSpeaking": (_on(to=Turn.USER),),
        USER_TEXT: (_on(Turn.USER, Turn.THINKING, to=Turn.THINKING),),
        TYPED_TEXT: (_on(to=Turn.THINKING),),
        BACKCHANNEL_TEXT: (_on(),),
        "AgentThinking": (_on(Turn.THINKING),),
        "FunctionCalling": (_on(Turn.THINKING),),
        "FunctionCallRequest": (_on(Turn.USER, Turn.THINKING, *_REPLY),),
        AGENT_TEXT: (_on(Turn.SILENCE, Turn.THINKING, Turn.REPLYING, to=Turn.REPLYING), _on(Turn.SPEAKING)),
        INTERRUPTING_TEXT: (_on(to=Turn.REPLYING),),
        "AgentStartedSpeaking": (_on(Turn.THINKING, Turn.REPLYING),),
        AUDIO: (_on(*_REPLY, to=Turn.SPEAKING),),
        "AgentAudioDone": (_on(Turn.SPEAKING, to=Turn.SILENCE),),
        **{name: (_on(),) for name in _SERVER_AT_ANY_TURN},
    }
    rows = {(Side.CLIENT, name): moves for name, moves in client.items()}
    return rows | {(Side.SERVER, name): moves for name, moves in server.items()}


TRANSITIONS = MappingProxyType(_table())
IRREGULAR = MappingProxyType({(Side.SERVER, "SettingsApplied"): _in(Phase.EARLY, to=Phase.ACTIVE)})
"""What breaks the order and is understood all the same: a client that is told so, without Welcome, has a session."""


def move(sender: Side, name: str, phase: Phase, turn: Turn) -> Move | None:
    """The row that allows `name` from `sender` in that state; None when nothing does."""
    for row in TRANSITIONS.get((sender, name), ()):
        if phase in row.phases and turn in row.turns:
            return row
    return None


def consequence(sender: Side, name: str, phase: Phase, turn: Turn) -> Move | None:
    """The row by which the session goes on, whether it allows `name` or not; None when nothing moves."""
    irregular = IRREGULAR.get((sender, name))
    if irregular is not None and phase in irregular.phases and turn in irregular.turns:
        return irregular
    return move(sender, name, phase, turn)
