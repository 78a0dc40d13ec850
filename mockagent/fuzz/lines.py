"""What each side would properly say of some type at some moment of a session: the right id, name and words.

It tells what an answer answers; whether anything may be said at all is for the table of transitions and the rules.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.protocol import messages, transitions
from mockagent.protocol.events import Audio, Closed, Content, Dialect, JsonObject, Message, Side
from mockagent.protocol.injection import Behavior
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.messages import FunctionCall, Latencies
from mockagent.protocol.session import Session

Examples: TypeAlias = Callable[[Dialect, Side, str], JsonObject]
"""An example of each type, for what depends on nothing that was said before."""

FRAME = 640
"""Bytes of the audio of one line: 20 ms of linear16 at 16000 Hz."""
HELLO = "It is sunny in Fremont."
_CLIENT_SIDE = "get_weather"
_SERVER_SIDE = "find_slot"
_LATENCIES = Latencies(total=0.75, tts=0.25, ttt=0.5)
_PARAMETERS = {"type": "object", "properties": {"location": {"type": "string"}}}

SETTINGS: Mapping[Dialect, JsonObject] = MappingProxyType(
    {
        Dialect.V1: {
            "type": "Settings",
            "audio": {
                "input": {"encoding": "linear16", "sample_rate": 16000},
                "output": {"encoding": "linear16", "sample_rate": 16000, "container": "none"},
            },
            "agent": {
                "listen": {"provider": {"type": "deepgram", "version": "v2", "model": "flux-general-en"}},
                "think": {
                    "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
                    "functions": [
                        {"name": _CLIENT_SIDE, "parameters": _PARAMETERS},
                        {
                            "name": _SERVER_SIDE,
                            "parameters": _PARAMETERS,
                            "endpoint": {"url": "https://example.com/slots"},
                        },
                    ],
                },
                "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
            },
        },
        Dialect.EARLY_ACCESS: {
            "type": "SettingsConfiguration",
            "audio": {
                "input": {"encoding": "linear16", "sample_rate": 16000},
                "output": {"encoding": "linear16", "sample_rate": 16000, "container": "none"},
            },
            "agent": {
                "think": {
                    "provider": {"type": "open_ai"},
                    "model": "gpt-4o-mini",
                    "functions": [{"name": _CLIENT_SIDE, "description": "Current weather of a place"}],
                },
                "speak": {"model": "aura-asteria-en"},
            },
        },
    }
)
"""Settings for a conversation in which everything can happen: it defines a function of either side."""

_TEXTS = MappingProxyType(
    {
        transitions.USER_TEXT: "user",
        transitions.TYPED_TEXT: "user",
        transitions.BACKCHANNEL_TEXT: "user",
        transitions.AGENT_TEXT: "assistant",
        transitions.INTERRUPTING_TEXT: "assistant",
    }
)


def names(dialect: Dialect, side: Side) -> Iterator[str]:
    """What the table of transitions knows of a side in this dialect: types, kinds of ConversationText, audio, close."""
    types = frozenset(TYPES[dialect, side])
    of_v1 = {transitions.BACKCHANNEL_TEXT, transitions.TYPED_TEXT, transitions.INTERRUPTING_TEXT}
    for sender, name in transitions.TRANSITIONS:
        is_theirs = name in types or name in _TEXTS or name in (transitions.AUDIO, transitions.CLOSE)
        if sender is side and is_theirs and not (dialect is Dialect.EARLY_ACCESS and name in of_v1):
            yield name


def type_of(name: str) -> str:
    """The type of message that the table calls so; "audio" and "close" are none, and stay."""
    return "ConversationText" if name in _TEXTS else name


def said(session: Session, side: Side, name: str, examples: Examples, words: str = HELLO) -> Content:
    """What that side says now, if it says this; `words` where it has the choice."""
    if name == transitions.AUDIO:
        return Audio(FRAME, largest=FRAME, data=bytes(FRAME))
    if name == transitions.CLOSE:
        return Closed(1000 if side is Side.CLIENT or not session.failed_at else None)
    body = dict(_body(session, side, name, examples, words))
    return Message(str(body["type"]), body)


def _body(session: Session, side: Side, name: str, examples: Examples, words: str) -> JsonObject:
    if name == messages.SETTINGS[session.dialect]:
        return SETTINGS[session.dialect]
    if name in _TEXTS:
        return _text(session, name, words)
    made = _SAID.get((side, name))
    return made(session, words) if made else examples(session.dialect, side, name)


def _text(session: Session, name: str, words: str) -> JsonObject:
    more = {"conversational_behavior": messages.BACKCHANNEL} if name == transitions.BACKCHANNEL_TEXT else {}
    if name == transitions.TYPED_TEXT and session.typed_texts_due:
        words = session.typed_texts_due[0]
    if name == transitions.INTERRUPTING_TEXT:
        due = (each.text for each in session.injections_due if each.behavior is Behavior.INTERRUPT)
        words = next(due, words)
    return messages.conversation_text(_TEXTS[name], words, **more)


def _new_call(session: Session, words: str) -> JsonObject:
    """Of the client's function, or every second one of the server's own, which early access does not have."""
    number = len(session.requested) + 1
    of_server = number % 2 == 0 and session.dialect is Dialect.V1
    name = _SERVER_SIDE if of_server else _CLIENT_SIDE
    call = FunctionCall(f"call_{number}", name, '{"location": "Fremont"}', not of_server)
    return messages.function_call_requests(session.dialect, [call])[0]


def _pending(session: Session, *, client_side: bool) -> FunctionCall:
    known = (each.call for each in session.calls if each.call.client_side is client_side)
    return next(known, FunctionCall("call_0", _CLIENT_SIDE if client_side else _SERVER_SIDE))


def _answer(client_side: bool) -> Callable[[Session, str], JsonObject]:
    def answer(session: Session, words: str) -> JsonObject:
        call = _pending(session, client_side=client_side)
        body = messages.function_call_response(session.dialect, call, words)
        return {**body, "thought_signature": call.thought_signature} if call.thought_signature else body

    return answer


def _history(session: Session, words: str) -> JsonObject:
    if session.completed:
        return messages.history_calls(session.completed[:1])
    role, content = session.statements[0] if session.statements else ("user", words)
    return messages.history_statement(role, content)


def _cancelled(session: Session, words: str) -> JsonObject:
    return messages.function_calls_cancelled([_pending(session, client_side=True)])


def _injection(session: Session, words: str) -> JsonObject:
    return {"type": "InjectAgentMessage", "message": words}


_SAID: Mapping[tuple[Side, str], Callable[[Session, str], Any]] = MappingProxyType(
    {
        (Side.CLIENT, "FunctionCallResponse"): _answer(True),
        (Side.CLIENT, "InjectUserMessage"): lambda session, words: {
            "type": "InjectUserMessage",
            "content": words,
        },
        (Side.CLIENT, "InjectAgentMessage"): _injection,
        (Side.SERVER, "FunctionCallResponse"): _answer(False),
        (Side.SERVER, "FunctionCallRequest"): _new_call,
        (Side.SERVER, "FunctionCallCancelled"): _cancelled,
        (Side.SERVER, "History"): _history,
        (Side.SERVER, "AgentStartedSpeaking"): lambda session, words: messages.agent_started_speaking(
            _LATENCIES
        ),
        (Side.SERVER, "LatencyReport"): lambda session, words: messages.latency_report(_LATENCIES),
        (Side.SERVER, "AgentThinking"): lambda session, words: messages.agent_thinking(words),
        (Side.SERVER, "Error"): lambda session, words: messages.error(
            session.dialect, "INTERNAL_SERVER_ERROR", "Something went wrong."
        ),
    }
)
