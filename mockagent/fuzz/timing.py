"""Faults of time: what comes too early, too late or never, by the limits in `mockagent.protocol.switches`.

What has no limit stands here with the reason, since the other side may wait for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mockagent.fuzz.lines import Examples, said
from mockagent.fuzz.near_miss import Kind, NearMiss, Wire, binary, message, name_of
from mockagent.fuzz.states import STATES, Step, place_of, walked
from mockagent.protocol import messages, transitions
from mockagent.protocol.events import Audio, Dialect, Message, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches

_LIMITS = Switches()
_OVER = 0.5
_LONG_AFTER = 1.5
"""Seconds after an Error that are no longer "at once"."""
_A_WHILE = 5.0
_NO_LIMIT = "no requirement says by when it must come"
_SETTINGS = "Settings"


@dataclass(frozen=True, slots=True)
class TimeFault:
    """A fault by its name: after these steps, what comes `after` so many seconds, or does not within `silent_for`.

    What a side says meanwhile to hold the session, `holding`, it says every five seconds.
    """

    side: Side
    name: str
    what: str
    summary: str
    steps: tuple[Step, ...]
    says: tuple[str, ...] = ()
    after: float = 0.0
    silent_for: float = 0.0
    holding: bool = False
    legal: str = ""
    fault: str = ""


def timing(dialect: Dialect, side: Side, examples: Examples) -> Iterator[NearMiss]:
    """Every fault of time of that side."""
    for each in (*FAULTS, *_answers(dialect)):
        type = messages.SETTINGS[dialect] if each.what == _SETTINGS else each.what
        if each.side is side and (type in TYPES[dialect, side] or type in (transitions.AUDIO, "")):
            yield _near_miss(each, dialect, type, examples)


def _near_miss(fault: TimeFault, dialect: Dialect, type: str, examples: Examples) -> NearMiss:
    way, session = walked(dialect, fault.steps, examples)
    wires = list(_holding(fault, session, examples))
    for name in fault.says:
        after = fault.after - sum(each.after for each in wires) if name == fault.says[0] else 0.0
        wires.append(_wire(session, fault.side, name, after, examples))
    return NearMiss(
        name_of(dialect, fault.side, type, f"time:{fault.name}"),
        Kind.TIME,
        dialect,
        fault.side,
        "" if type == transitions.AUDIO else type,
        fault.summary,
        way,
        tuple(wires),
        legal=fault.legal,
        fault=fault.fault,
        silent_for=max(0.0, fault.silent_for - sum(each.after for each in wires)),
    )


def _holding(fault: TimeFault, session: Session, examples: Examples) -> Iterator[Wire]:
    """KeepAlives as long as it takes."""
    lasts = max(fault.after, fault.silent_for)
    for _ in range(int(lasts / _A_WHILE) if fault.holding else 0):
        yield _wire(session, Side.CLIENT, "KeepAlive", _A_WHILE, examples)


def _wire(session: Session, side: Side, name: str, after: float, examples: Examples) -> Wire:
    wanted = messages.SETTINGS[session.dialect] if name == _SETTINGS else name
    content = said(session, side, wanted, examples)
    if isinstance(content, Message):
        return message(content.body, after=after)
    return binary(content.data if isinstance(content, Audio) else b"", after=after)


def _steps(state: str) -> tuple[Step, ...]:
    return STATES[state][0]


_C, _S = Side.CLIENT, Side.SERVER
_CALLED = place_of(_C, "FunctionCallResponse")
_ASKED = _steps("agent-thinks")


def _answers(dialect: Dialect) -> Iterator[TimeFault]:
    """The acknowledgements of the server, each late and never."""
    for update, answer in messages.ACKNOWLEDGEMENTS[dialect].items():
        steps = place_of(_S, answer)
        known = "late_settings_applied" if answer == "SettingsApplied" else "delayed"
        never = "no_settings_applied" if answer == "SettingsApplied" else ""
        asked = f"after {update}"
        yield TimeFault(
            _S,
            "late",
            answer,
            f"{answer} {_A_WHILE:g} s {asked}",
            steps,
            (answer,),
            _A_WHILE,
            legal=_NO_LIMIT,
            fault=known,
        )
        yield TimeFault(
            _S,
            "never",
            answer,
            f"no {answer} {asked}",
            steps,
            silent_for=_A_WHILE,
            legal=_NO_LIMIT,
            fault=never,
        )


FAULTS: tuple[TimeFault, ...] = (
    TimeFault(
        _C,
        "early",
        _SETTINGS,
        "Settings before Welcome",
        (),
        (_SETTINGS,),
        legal="most clients send them at once, and live takes them",
    ),
    TimeFault(
        _C,
        "late",
        _SETTINGS,
        "Settings after the time for them",
        _steps("welcomed"),
        (_SETTINGS,),
        after=_LIMITS.first_settings_within + _OVER,
    ),
    TimeFault(
        _C,
        "never",
        _SETTINGS,
        "no Settings",
        _steps("welcomed"),
        silent_for=_LIMITS.first_settings_within + _OVER,
    ),
    *(
        TimeFault(
            _C, "early", name, f"{name} between Settings and SettingsApplied", _steps("configuring"), (name,)
        )
        for name in (
            transitions.AUDIO,
            "InjectUserMessage",
            "InjectAgentMessage",
            "UpdatePrompt",
            "UpdateSpeak",
        )
    ),
    TimeFault(
        _C,
        "early",
        "KeepAlive",
        "KeepAlive between Settings and SettingsApplied",
        _steps("configuring"),
        ("KeepAlive",),
        legal="it may hold the session meanwhile",
    ),
    TimeFault(
        _C,
        "never",
        "KeepAlive",
        "neither audio nor KeepAlive",
        _steps("silence"),
        silent_for=_LIMITS.silence_for + _OVER,
    ),
    TimeFault(
        _C,
        "late",
        "KeepAlive",
        "KeepAlive after the time for it",
        _steps("silence"),
        ("KeepAlive",),
        after=_LIMITS.silence_for + _OVER,
    ),
    TimeFault(
        _C,
        "never",
        "FunctionCallResponse",
        "no answer to a call, but KeepAlives",
        _CALLED,
        holding=True,
        silent_for=_LIMITS.answer_within + 2 * _OVER,
    ),
    TimeFault(
        _C,
        "late",
        "FunctionCallResponse",
        "the answer to a call after the time for it",
        _CALLED,
        ("FunctionCallResponse",),
        after=_LIMITS.answer_within + 2 * _OVER,
        holding=True,
    ),
    TimeFault(
        _C,
        "after-error",
        "KeepAlive",
        "KeepAlive long after an Error",
        _steps("failed"),
        ("KeepAlive",),
        after=_LONG_AFTER,
    ),
    TimeFault(
        _C,
        "after-error",
        transitions.AUDIO,
        "audio long after an Error",
        _steps("failed"),
        (transitions.AUDIO,),
        after=_LONG_AFTER,
    ),
    TimeFault(
        _S,
        "late",
        "Welcome",
        "Welcome after five seconds",
        (),
        ("Welcome",),
        _A_WHILE,
        legal=_NO_LIMIT,
        fault="delayed",
    ),
    TimeFault(
        _S, "never", "Welcome", "no Welcome", (), silent_for=_A_WHILE, legal=_NO_LIMIT, fault="no_welcome"
    ),
    TimeFault(
        _S,
        "early",
        "AgentAudioDone",
        "AgentAudioDone before the audio",
        _steps("reply-begun"),
        ("AgentAudioDone",),
    ),
    TimeFault(
        _S,
        "late",
        "AgentAudioDone",
        "AgentAudioDone long after the audio",
        _steps("agent-speaks"),
        ("AgentAudioDone",),
        _A_WHILE,
        legal=_NO_LIMIT,
        fault="delayed",
    ),
    TimeFault(
        _S,
        "never",
        "AgentAudioDone",
        "no AgentAudioDone after the audio",
        _steps("agent-speaks"),
        silent_for=_A_WHILE,
        legal=_NO_LIMIT,
    ),
    TimeFault(
        _S,
        "late",
        transitions.AUDIO,
        "the speech long after its text",
        _steps("reply-begun"),
        (transitions.AUDIO,),
        _A_WHILE,
        legal=_NO_LIMIT,
        fault="late_audio",
    ),
    TimeFault(
        _S,
        "never",
        transitions.AUDIO,
        "no speech after its text",
        _steps("reply-begun"),
        silent_for=_A_WHILE,
        legal=_NO_LIMIT,
    ),
    TimeFault(
        _S,
        "late",
        "ConversationText",
        "the reply long after the question",
        _ASKED,
        (transitions.AGENT_TEXT,),
        _A_WHILE,
        legal=_NO_LIMIT,
        fault="delayed",
    ),
    TimeFault(
        _S,
        "never",
        "ConversationText",
        "no reply to the question",
        _ASKED,
        silent_for=_A_WHILE,
        legal=_NO_LIMIT,
    ),
    TimeFault(
        _S,
        "never",
        "FunctionCallCancelled",
        "no cancellation of a call that the user talked over",
        (*_CALLED, (_S, "UserStartedSpeaking")),
        (transitions.USER_TEXT,),
    ),
    TimeFault(
        _S,
        "never",
        "InjectionRefused",
        "no refusal of an injection into the user's speech",
        place_of(_S, "InjectionRefused"),
        silent_for=_A_WHILE,
        legal=_NO_LIMIT,
    ),
)
"""Every fault of time, but for those of acknowledgements."""
