"""How each dialect words what the server says, and where each keeps what a client said.

The only place that knows the shapes of messages, but for Settings (`configuration`); every other module asks here and
stays the same for both dialects.
Source: the message pages at https://developers.deepgram.com/docs (voice-agent-*), and for the early access
dialect the migration guide (voice-agent-v1-migration).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.reading import objects, text

SETTINGS: Mapping[Dialect, str] = MappingProxyType(
    {Dialect.V1: "Settings", Dialect.EARLY_ACCESS: "SettingsConfiguration"}
)

ACKNOWLEDGEMENTS: Mapping[Dialect, Mapping[str, str]] = MappingProxyType(
    {
        Dialect.V1: MappingProxyType(
            {
                "Settings": "SettingsApplied",
                "UpdatePrompt": "PromptUpdated",
                "UpdateSpeak": "SpeakUpdated",
                "UpdateThink": "ThinkUpdated",
                "UpdateListen": "ListenUpdated",
                "UpdateThink_Live": "ThinkLiveUpdated",
            }
        ),
        Dialect.EARLY_ACCESS: MappingProxyType({"SettingsConfiguration": "SettingsApplied"}),
    }
)
"""What the server answers to each client message that is acknowledged. Early access confirms no update."""

BACKCHANNEL = "backchannel"
BEHAVIORS = ("default", BACKCHANNEL, "presence_check", "filler")
"""What `conversational_behavior` of a ConversationText can say. Source: deepgram-sdk 7.17.0 (agent types)."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One function to call, or called: `arguments` is JSON text, as on the V1 wire."""

    id: str
    name: str
    arguments: str = "{}"
    client_side: bool = True
    thought_signature: str = ""


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What a FunctionCallResponse says; `id` is "" where the sender left it out."""

    id: str
    name: str
    content: str
    thought_signature: str = ""


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds from the end of the user's turn: to the first audio, of which speech and text generation."""

    total: float
    tts: float
    ttt: float


def welcome(dialect: Dialect, id: str) -> JsonObject:
    return {"type": "Welcome", "request_id" if dialect is Dialect.V1 else "session_id": id}


def bare(type: str) -> JsonObject:
    """A message that is its type and nothing more."""
    return {"type": type}


def conversation_text(role: str, content: str, **more: Any) -> JsonObject:
    """A statement; `more` are the optional fields of V1: conversational_behavior, languages, languages_hinted."""
    return {"type": "ConversationText", "role": role, "content": content, **more}


def is_backchannel(body: JsonObject) -> bool:
    """Whether a ConversationText is the user's "mhm": a sign of attention that asks for no reply."""
    return body.get("role") == "user" and body.get("conversational_behavior") == BACKCHANNEL


def agent_thinking(content: str) -> JsonObject:
    return {"type": "AgentThinking", "content": content}


def agent_started_speaking(latencies: Latencies) -> JsonObject:
    return {
        "type": "AgentStartedSpeaking",
        "total_latency": latencies.total,
        "tts_latency": latencies.tts,
        "ttt_latency": latencies.ttt,
    }


def latency_report(latencies: Latencies) -> JsonObject:
    return {
        "type": "LatencyReport",
        "ttt_text_latency": latencies.ttt,
        "tts_latency": latencies.tts,
        "total_latency": latencies.total,
    }


def injection_refused(message: str) -> JsonObject:
    return {"type": "InjectionRefused", "message": message}


def history_statement(role: str, content: str) -> JsonObject:
    return {"type": "History", "role": role, "content": content}


def history_calls(results: Iterable[tuple[FunctionCall, str]]) -> JsonObject:
    """The History of completed calls, each with its response."""
    return {
        "type": "History",
        "function_calls": [
            {
                "id": call.id,
                "name": call.name,
                "client_side": call.client_side,
                "arguments": call.arguments,
                "response": response,
            }
            for call, response in results
        ],
    }


def warning(code: str, description: str) -> JsonObject:
    return {"type": "Warning", "description": description, "code": code}


def error(dialect: Dialect, code: str, description: str) -> JsonObject:
    if dialect is Dialect.V1:
        return {"type": "Error", "description": description, "code": code}
    return {"type": "Error", "message": description}


def function_call_requests(dialect: Dialect, calls: Iterable[FunctionCall]) -> list[JsonObject]:
    """One V1 request for all the calls; in early access one request for each."""
    if dialect is Dialect.V1:
        functions = [
            {"id": c.id, "name": c.name, "arguments": c.arguments, "client_side": c.client_side}
            for c in calls
        ]
        return [{"type": "FunctionCallRequest", "functions": functions}]
    return [
        {
            "type": "FunctionCallRequest",
            "function_name": c.name,
            "function_call_id": c.id,
            "input": json.loads(c.arguments),
        }
        for c in calls
    ]


def function_call_response(dialect: Dialect, call: FunctionCall, content: str) -> JsonObject:
    if dialect is Dialect.V1:
        return {"type": "FunctionCallResponse", "id": call.id, "name": call.name, "content": content}
    return {"type": "FunctionCallResponse", "function_call_id": call.id, "output": content}


def function_calls_cancelled(calls: Iterable[FunctionCall]) -> JsonObject:
    functions = [{"id": call.id, "name": call.name} for call in calls]
    return {"type": "FunctionCallCancelled", "functions": functions}


def calls_of(body: JsonObject) -> Iterator[FunctionCall]:
    """The calls of a FunctionCallRequest (or FunctionCallCancelled) of either dialect; malformed ones are left out."""
    if "function_call_id" in body:
        arguments = json.dumps(body["input"]) if isinstance(body.get("input"), Mapping) else "{}"
        yield FunctionCall(text(body["function_call_id"]), text(body.get("function_name")), arguments)
        return
    for item in objects(body.get("functions")):
        yield FunctionCall(
            text(item.get("id")),
            text(item.get("name")),
            text(item.get("arguments", "{}")),
            item.get("client_side") is not False,
            text(item.get("thought_signature")),
        )


def result_of(body: JsonObject) -> FunctionResult:
    """What a FunctionCallResponse of either dialect says."""
    id = body.get("id", body.get("function_call_id", ""))
    content = body.get("content", body.get("output", ""))
    return FunctionResult(
        text(id), text(body.get("name")), text(content), text(body.get("thought_signature"))
    )


def completed_calls(body: JsonObject) -> Iterator[tuple[FunctionCall, str]]:
    """The calls that a History tells of, each with its response; none where it tells of a statement."""
    for item in objects(body.get("function_calls")):
        (call,) = calls_of({"functions": [item]})
        yield call, text(item.get("response"))


def statement_of(body: JsonObject) -> tuple[str, str]:
    """Role and text of a ConversationText, or of the History of one."""
    return text(body.get("role")), text(body.get("content"))


def typed_text(body: JsonObject) -> str:
    """What an InjectUserMessage has the user say."""
    return text(body.get("content"))


def is_dynamic(body: JsonObject) -> bool:
    """Whether an InjectAgentMessage leaves the words to the agent."""
    return body.get("is_dynamic") is True


def injected_text(body: JsonObject) -> str:
    """What an InjectAgentMessage wants said: `message`, or `content` as the migration guide has it; "" for none."""
    return text(body.get("message", body.get("content")))


def added_prompt(update: JsonObject) -> str:
    """What an UpdatePrompt, or an UpdateInstructions of early access, adds to the prompt."""
    return text(update.get("prompt", update.get("instructions")))
