"""What a Settings (in early access a SettingsConfiguration) asks for, wherever its dialect keeps it.

Source: https://developers.deepgram.com/docs/configure-voice-agent, and for early access the migration guide
(voice-agent-v1-migration).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.reading import at, objects, text, texts

MULTILINGUAL_MODEL = "flux-general-multi"
"""The listen model that reports languages."""

DEFAULT_GREETING = "Hello! How can I help you today?"

_FLAT_FIELDS = frozenset({"instructions", "listen_model", "think_model", "speak_model"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How the server calls a function over HTTP. Address and headers may hold secrets: repr leaves them out."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def is_flat(settings: JsonObject) -> bool:
    """Whether a SettingsConfiguration of early access has the flat form, which defines no functions."""
    agent = settings.get("agent")
    return isinstance(agent, Mapping) and not _FLAT_FIELDS.isdisjoint(agent)


def names_stored_agent(settings: JsonObject) -> bool:
    """Whether a Settings names a configuration stored at the vendor, whose contents nobody here can know."""
    return isinstance(settings.get("agent"), str)


def greeting_of(settings: JsonObject) -> str:
    """The greeting that a Settings asks for; "" when it asks for none."""
    return text(at(settings, "agent", "greeting"))


def prompt_of(settings: JsonObject) -> str:
    """The prompt that a Settings begins with: `prompt` in V1, `instructions` in either form of early access."""
    think = first_think(settings)
    asked = think.get("prompt", think.get("instructions", at(settings, "agent", "instructions")))
    return text(asked)


def context_of(settings: JsonObject) -> list[JsonObject]:
    """The earlier conversation that a Settings goes on with: `agent.context` in V1, `context` in early access."""
    said = at(settings, "agent", "context", "messages") or at(settings, "context", "messages")
    return objects(said)


def tags_of(settings: JsonObject) -> tuple[str, ...]:
    return tuple(texts(settings.get("tags")))


def wants_history(settings: JsonObject) -> bool:
    """`flags.history`, true unless it says otherwise; also read where one page puts it, `settings.flags`."""
    flag = at(settings, "flags", "history")
    if flag is None:
        flag = at(settings, "settings", "flags", "history")
    return flag is not False


def first_think(settings: JsonObject) -> JsonObject:
    """The think block of a Settings (the first of an array of fallbacks); empty where there is none."""
    think = at(settings, "agent", "think")
    if isinstance(think, list):
        think = think[0] if think else {}
    return think if isinstance(think, Mapping) else {}


def providers_of(settings: JsonObject, part: str) -> tuple[str, ...]:
    """The types of the providers of `think` or `speak` in order of fallback; one without a name where none is named."""
    block = at(settings, "agent", part)
    blocks = block if isinstance(block, list) and block else [block]
    return tuple(text(at(each, "provider", "type")) for each in blocks)


def listen_provider(settings: JsonObject) -> JsonObject:
    """The provider of the listen block of a V1 Settings; empty where there is none."""
    provider = at(settings, "agent", "listen", "provider")
    return provider if isinstance(provider, Mapping) else {}


def listen_version(settings: JsonObject) -> str:
    """The version of the listen provider of a V1 Settings: v1 where it does not say."""
    return str(listen_provider(settings).get("version", "v1"))


def languages_heard(settings: JsonObject, languages: Iterable[str]) -> JsonObject:
    """The fields by which a user's ConversationText tells of languages: only the model flux-general-multi does."""
    provider = listen_provider(settings)
    if provider.get("model") != MULTILINGUAL_MODEL:
        return {}
    hinted = texts(provider.get("language_hints"))
    heard = list(languages)
    return {"languages_hinted": hinted} | ({"languages": heard} if heard else {})


def functions_of(settings: JsonObject) -> dict[str, JsonObject]:
    """The functions that a Settings defines, by name, of either dialect."""
    return {function["name"]: function for function in _named_functions(settings)}


def function_names(settings: JsonObject) -> Iterator[str]:
    """The names of the functions of the first think block, as often as they stand there."""
    return (function["name"] for function in _named_functions(settings))


def required_arguments(function: JsonObject) -> frozenset[str]:
    """The names that the parameters of a function say are required."""
    return frozenset(texts(at(function, "parameters", "required")))


def waits_for_end_of_turn(function: JsonObject) -> bool:
    """Whether calls of this function are held until the user's turn is confirmed (`defer_until_eot`).

    Source: https://developers.deepgram.com/docs/voice-agent-speculative-replies.
    """
    return function.get("defer_until_eot") is True


def runs_on_server(function: JsonObject, dialect: Dialect) -> bool:
    """Whether the server calls this function itself: it has an endpoint (V1) or a url (early access).

    A url straight in a function of V1, as the Python SDK 4.x sends it, says nothing.
    """
    return bool(function.get("endpoint" if dialect is Dialect.V1 else "url"))


def endpoint_of(function: JsonObject, dialect: Dialect) -> Endpoint | None:
    """How to call a function that the server runs: `endpoint` of V1, the function itself in early access.

    V1 has its headers as an object, early access (by the function calling page of that time) as a list of key
    and value; the method is POST where none is named.
    """
    if not runs_on_server(function, dialect):
        return None
    where = function.get("endpoint") if dialect is Dialect.V1 else function
    where = where if isinstance(where, Mapping) else {}
    method = text(where.get("method")).strip().upper() or "POST"
    return Endpoint(text(where.get("url")), method, tuple(_headers(where.get("headers"))))


def _headers(given: Any) -> Iterator[tuple[str, str]]:
    pairs = given.items() if isinstance(given, Mapping) else _pairs(given)
    return ((name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str))


def _pairs(given: Any) -> Iterator[tuple[Any, Any]]:
    return ((item.get("key"), item.get("value")) for item in objects(given))


def _named_functions(settings: JsonObject) -> Iterator[JsonObject]:
    functions = objects(first_think(settings).get("functions"))
    return (function for function in functions if isinstance(function.get("name"), str))
