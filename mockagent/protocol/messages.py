"""How each dialect words what the server says, and where each keeps what a client said.

The only place that knows the shapes; every other module asks here and stays the same for both dialects.
Source: the message pages at https://developers.deepgram.com/docs (voice-agent-*), and for the early access
dialect the migration guide (voice-agent-v1-migration).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mockagent.protocol.events import Dialect, JsonObject

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

MULTILINGUAL_MODEL = "flux-general-multi"
"""The listen model that reports languages."""

_FLAT_FIELDS = frozenset({"instructions", "listen_model", "think_model", "speak_model"})

DEFAULT_GREETING = "Hello! How can I help you today?"


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
class Endpoint:
    """How the server calls a function over HTTP. Address and headers may hold secrets: repr leaves them out."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


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
        yield FunctionCall(_text(body["function_call_id"]), _text(body.get("function_name")), arguments)
        return
    functions = body.get("functions")
    for item in functions if isinstance(functions, list) else ():
        if isinstance(item, Mapping):
            yield FunctionCall(
                _text(item.get("id")),
                _text(item.get("name")),
                _text(item.get("arguments", "{}")),
                item.get("client_side") is not False,
                _text(item.get("thought_signature")),
            )


def result_of(body: JsonObject) -> FunctionResult:
    """What a FunctionCallResponse of either dialect says."""
    id = body.get("id", body.get("function_call_id", ""))
    content = body.get("content", body.get("output", ""))
    return FunctionResult(
        _text(id), _text(body.get("name")), _text(content), _text(body.get("thought_signature"))
    )


def completed_calls(body: JsonObject) -> Iterator[tuple[FunctionCall, str]]:
    """The calls that a History tells of, each with its response; none where it tells of a statement."""
    told = body.get("function_calls")
    for item in told if isinstance(told, list) else ():
        if isinstance(item, Mapping):
            (call,) = calls_of({"functions": [item]})
            yield call, _text(item.get("response"))


def statement_of(body: JsonObject) -> tuple[str, str]:
    """Role and text of a ConversationText, or of the History of one."""
    return _text(body.get("role")), _text(body.get("content"))


def typed_text(body: JsonObject) -> str:
    """What an InjectUserMessage has the user say."""
    return _text(body.get("content"))


def is_dynamic(body: JsonObject) -> bool:
    """Whether an InjectAgentMessage leaves the words to the agent."""
    return body.get("is_dynamic") is True


def listen_version(settings: JsonObject) -> str:
    """The version of the listen provider of a V1 Settings: v1 where it does not say."""
    return str(listen_provider(settings).get("version", "v1"))


def required_arguments(function: JsonObject) -> frozenset[str]:
    """The names that the parameters of a function say are required."""
    required = _at(function, "parameters", "required")
    return (
        frozenset(name for name in required if isinstance(name, str))
        if isinstance(required, list)
        else frozenset()
    )


def function_names(settings: JsonObject) -> Iterator[str]:
    """The names of the functions of the first think block, as often as they stand there."""
    functions = first_think(settings).get("functions")
    for item in functions if isinstance(functions, list) else ():
        if isinstance(item, Mapping) and isinstance(item.get("name"), str):
            yield item["name"]


def injected_text(body: JsonObject) -> str:
    """What an InjectAgentMessage wants said: `message`, or `content` as the migration guide has it; "" for none."""
    return _text(body.get("message", body.get("content")))


def _text(value: Any) -> str:
    """The value if it is text, else "": what else a peer may send there is for its schema to tell."""
    return value if isinstance(value, str) else ""


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def first_think(settings: JsonObject) -> JsonObject:
    """The think block of a Settings (the first of an array of fallbacks); empty where there is none."""
    think = _at(settings, "agent", "think")
    if isinstance(think, list):
        think = think[0] if think else {}
    return think if isinstance(think, Mapping) else {}


def is_flat(settings: JsonObject) -> bool:
    """Whether a SettingsConfiguration of early access has the flat form, which defines no functions."""
    agent = settings.get("agent")
    return isinstance(agent, Mapping) and not _FLAT_FIELDS.isdisjoint(agent)


def listen_provider(settings: JsonObject) -> JsonObject:
    """The provider of the listen block of a V1 Settings; empty where there is none."""
    provider = _at(settings, "agent", "listen", "provider")
    return provider if isinstance(provider, Mapping) else {}


def providers_of(settings: JsonObject, part: str) -> tuple[str, ...]:
    """The types of the providers of `think` or `speak` in order of fallback; one without a name where none is named."""
    block = _at(settings, "agent", part)
    blocks = block if isinstance(block, list) and block else [block]
    return tuple(_text(_at(each, "provider", "type")) for each in blocks)


def prompt_of(settings: JsonObject) -> str:
    """The prompt that a Settings begins with: `prompt` in V1, `instructions` in either form of early access."""
    think = first_think(settings)
    asked = think.get("prompt", think.get("instructions", _at(settings, "agent", "instructions")))
    return _text(asked)


def added_prompt(update: JsonObject) -> str:
    """What an UpdatePrompt, or an UpdateInstructions of early access, adds to the prompt."""
    return _text(update.get("prompt", update.get("instructions")))


def names_stored_agent(settings: JsonObject) -> bool:
    """Whether a Settings names a configuration stored at the vendor, whose contents nobody here can know."""
    return isinstance(settings.get("agent"), str)


def functions_of(settings: JsonObject) -> dict[str, JsonObject]:
    """The functions that a Settings defines, by name, of either dialect."""
    functions = first_think(settings).get("functions")
    return {
        item["name"]: item
        for item in (functions if isinstance(functions, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("name"), str)
    }


def runs_on_server(function: JsonObject, dialect: Dialect) -> bool:
    """Whether the server calls this function itself: it has an endpoint (V1) or a url (early access).

    A url straight in a function of V1, as the Python SDK 4.x sends it, says nothing.
    """
    return bool(function.get("endpoint" if dialect is Dialect.V1 else "url"))


def waits_for_end_of_turn(function: JsonObject) -> bool:
    """Whether calls of this function are held until the user's turn is confirmed (`defer_until_eot`).

    Source: https://developers.deepgram.com/docs/voice-agent-speculative-replies.
    """
    return function.get("defer_until_eot") is True


def languages_heard(settings: JsonObject, languages: Iterable[str]) -> JsonObject:
    """The fields by which a user's ConversationText tells of languages: only the model flux-general-multi does."""
    provider = _at(settings, "agent", "listen", "provider")
    if not isinstance(provider, Mapping) or provider.get("model") != MULTILINGUAL_MODEL:
        return {}
    hints = provider.get("language_hints")
    hinted = [hint for hint in hints if isinstance(hint, str)] if isinstance(hints, list) else []
    heard = list(languages)
    return {"languages_hinted": hinted} | ({"languages": heard} if heard else {})


def endpoint_of(function: JsonObject, dialect: Dialect) -> Endpoint | None:
    """How to call a function that the server runs: `endpoint` of V1, the function itself in early access.

    V1 has its headers as an object, early access (by the function calling page of that time) as a list of key
    and value; the method is POST where none is named.
    """
    if not runs_on_server(function, dialect):
        return None
    where = function.get("endpoint") if dialect is Dialect.V1 else function
    where = where if isinstance(where, Mapping) else {}
    method = _text(where.get("method")).strip().upper() or "POST"
    return Endpoint(_text(where.get("url")), method, tuple(_headers(where.get("headers"))))


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    pairs: Iterable[tuple[Any, Any]] = given.items() if isinstance(given, Mapping) else ()
    if isinstance(given, list):
        pairs = ((item.get("key"), item.get("value")) for item in given if isinstance(item, Mapping))
    return ((name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str))


def greeting_of(settings: JsonObject) -> str:
    """The greeting that a Settings asks for; "" when it asks for none."""
    return _text(_at(settings, "agent", "greeting"))


def context_of(settings: JsonObject) -> list[JsonObject]:
    """The earlier conversation that a Settings goes on with: `agent.context` in V1, `context` in early access."""
    said = _at(settings, "agent", "context", "messages") or _at(settings, "context", "messages")
    return [item for item in said if isinstance(item, Mapping)] if isinstance(said, list) else []


def wants_history(settings: JsonObject) -> bool:
    """`flags.history`, true unless it says otherwise; also read where one page puts it, `settings.flags`."""
    flag = _at(settings, "flags", "history")
    if flag is None:
        flag = _at(settings, "settings", "flags", "history")
    return flag is not False


def tags_of(settings: JsonObject) -> tuple[str, ...]:
    tags = settings.get("tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
