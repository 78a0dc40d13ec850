"""The ways of the walk: what is played, and what happens, until a session is in each state that a client can meet.

While a session lasts the house agent plays; where a function call or a failure is needed, a few steps of a scenario.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from mockagent.coverage.acts import ANSWER
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.transitions import Phase, Turn
from mockagent.scenario.cues import Script
from mockagent.scenario.house import house
from mockagent.scenario.model import (
    AgentTurn,
    AnyOrder,
    Call,
    CallTurn,
    Pause,
    ServerSends,
    Step,
    Trigger,
    UserTurn,
)
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import play

FUNCTION = "get_weather"
"""The function that the client of the walk defines."""

_FAILS_AFTER = 0.2


class Move(Enum):
    """One thing that happens on the way."""

    WELCOME = auto()
    SETTINGS = auto()
    GREETING = auto()
    USER_SPEAKS_UP = auto()
    USER_HAS_SPOKEN = auto()
    TIME_PASSES = auto()
    AGENT_SOUNDS = auto()


_BEGINNING = (Move.WELCOME, Move.SETTINGS)
_TURN = (*_BEGINNING, Move.GREETING)
_THINKING = (*_TURN, Move.USER_SPEAKS_UP, Move.USER_HAS_SPOKEN)
_REPLYING = (*_THINKING, Move.TIME_PASSES)

WAYS: Mapping[tuple[Phase, Turn], tuple[Move, ...]] = MappingProxyType(
    {
        (Phase.OPEN, Turn.SILENCE): (),
        (Phase.EARLY, Turn.SILENCE): (Move.SETTINGS,),
        (Phase.WELCOMED, Turn.SILENCE): (Move.WELCOME,),
        (Phase.ACTIVE, Turn.SILENCE): _TURN,
        (Phase.ACTIVE, Turn.USER): (*_TURN, Move.USER_SPEAKS_UP),
        (Phase.ACTIVE, Turn.THINKING): _THINKING,
        (Phase.ACTIVE, Turn.REPLYING): _REPLYING,
        (Phase.ACTIVE, Turn.SPEAKING): (*_REPLYING, Move.AGENT_SOUNDS),
        (Phase.FAILED, Turn.SILENCE): _BEGINNING,
        (Phase.FAILED, Turn.USER): _BEGINNING,
        (Phase.FAILED, Turn.THINKING): _BEGINNING,
        (Phase.FAILED, Turn.REPLYING): (*_BEGINNING, Move.TIME_PASSES),
        (Phase.FAILED, Turn.SPEAKING): (*_BEGINNING, Move.AGENT_SOUNDS, Move.TIME_PASSES),
    }
)
"""How each state comes about. A state without a way is one that no client meets here."""


def way_to(phase: Phase, turn: Turn, act: str) -> tuple[Move, ...]:
    """What happens until the client does the act in that state; a call is asked for after some thought."""
    is_called = act == ANSWER and (phase, turn) == (Phase.ACTIVE, Turn.THINKING)
    return _REPLYING if is_called else WAYS[phase, turn]


def script_for(dialect: Dialect, phase: Phase, turn: Turn, act: str) -> Callable[[Scene], Script]:
    """What the server's part plays on that way."""
    if phase is Phase.FAILED:
        steps = _failing(dialect, turn)
    elif act == ANSWER and (phase, turn) == (Phase.ACTIVE, Turn.THINKING):
        steps = _CALLING
    else:
        return house
    return lambda scene: play(scene, steps)


_CALLING: tuple[Step, ...] = (
    UserTurn(text="What is the weather?", trigger=Trigger.SPEECH, lasts=1.0),
    CallTurn(calls=(Call(FUNCTION, {}),)),
    AgentTurn(texts=("Sunny.",), lasts=1.0),
)


def _failing(dialect: Dialect, turn: Turn) -> tuple[Step, ...]:
    """The Error comes in that turn, and the close is still to follow it."""
    body = messages.error(dialect, "INTERNAL_SERVER_ERROR", "The walk has the service fail.")
    error = ServerSends(body=body, stays_open=True)
    user = _sends(messages.bare("UserStartedSpeaking"))
    match turn:
        case Turn.SILENCE:
            return (error,)
        case Turn.USER:
            return (user, error)
        case Turn.THINKING:
            return (user, _sends(messages.conversation_text("user", "What is the weather?")), error)
        case Turn.REPLYING | Turn.SPEAKING:
            speech = AgentTurn(texts=("Let me tell you about the weather.",), lasts=5.0)
            return (AnyOrder(parts=((speech,), (Pause(seconds=_FAILS_AFTER), error))),)


def _sends(body: JsonObject) -> ServerSends:
    return ServerSends(body=body)
