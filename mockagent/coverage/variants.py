"""The shapes that one type of message comes in, where a client or a server treats them differently.

Source: the message pages, the AsyncAPI file of 2026-07, and the types of deepgram-sdk 7.17.0.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.injection import Behavior, behavior_of


@dataclass(frozen=True, slots=True)
class Variant:
    """One shape of a message; `fits` says whether a body of that type has it. One body may have several."""

    dialect: Dialect
    sender: Side
    type: str
    name: str
    fits: Callable[[JsonObject], bool]


_BEHAVIORS = ("default", "backchannel", "presence_check", "filler")


def _is_list(key: str) -> Callable[[JsonObject], bool]:
    return lambda body: isinstance(body.get(key), list)


def _is_object(key: str) -> Callable[[JsonObject], bool]:
    return lambda body: isinstance(body.get(key), dict)


def _says(key: str, value: object) -> Callable[[JsonObject], bool]:
    return lambda body: body.get(key) == value


def _injects(behavior: Behavior) -> Callable[[JsonObject], bool]:
    return lambda body: behavior_of(body) is behavior


def _calls(is_one: Callable[[list[bool]], bool]) -> Callable[[JsonObject], bool]:
    """Whether that holds of the calls' `client_side`, in order."""
    return lambda body: is_one([call.client_side for call in messages.calls_of(body)])


_V1_CLIENT: tuple[tuple[str, str, Callable[[JsonObject], bool]], ...] = (
    ("UpdateSpeak", "with one provider", _is_object("speak")),
    ("UpdateSpeak", "with fallbacks", _is_list("speak")),
    ("UpdateThink", "with one provider", _is_object("think")),
    ("UpdateThink", "with fallbacks", _is_list("think")),
    *(("InjectAgentMessage", f"behavior {each}", _injects(each)) for each in Behavior),
    ("InjectAgentMessage", "dynamic", _says("is_dynamic", True)),
)
_V1_SERVER: tuple[tuple[str, str, Callable[[JsonObject], bool]], ...] = (
    ("ConversationText", "of the user", _says("role", "user")),
    ("ConversationText", "of the assistant", _says("role", "assistant")),
    *(
        ("ConversationText", f"behavior {each}", _says("conversational_behavior", each))
        for each in _BEHAVIORS
    ),
    ("ConversationText", "with languages_hinted", _is_list("languages_hinted")),
    ("ConversationText", "with languages", _is_list("languages")),
    ("FunctionCallRequest", "for the client", _calls(any)),
    ("FunctionCallRequest", "for the server", _calls(lambda sides: not all(sides))),
    ("FunctionCallRequest", "of several calls", _calls(lambda sides: len(sides) > 1)),
    ("History", "of a statement", lambda body: "role" in body),
    ("History", "of function calls", _is_list("function_calls")),
    ("FrustrationDetected", "not escalated", _says("escalated", False)),
    ("FrustrationDetected", "escalated", _says("escalated", True)),
)
_EARLY_ACCESS_CLIENT: tuple[tuple[str, str, Callable[[JsonObject], bool]], ...] = (
    ("SettingsConfiguration", "in the nested form", lambda body: not configuration.is_flat(body)),
    ("SettingsConfiguration", "in the flat form", configuration.is_flat),
)
_EARLY_ACCESS_SERVER: tuple[tuple[str, str, Callable[[JsonObject], bool]], ...] = (
    ("ConversationText", "of the user", _says("role", "user")),
    ("ConversationText", "of the assistant", _says("role", "assistant")),
)


def _table() -> Iterator[Variant]:
    for dialect, sender, rows in (
        (Dialect.V1, Side.CLIENT, _V1_CLIENT),
        (Dialect.V1, Side.SERVER, _V1_SERVER),
        (Dialect.EARLY_ACCESS, Side.CLIENT, _EARLY_ACCESS_CLIENT),
        (Dialect.EARLY_ACCESS, Side.SERVER, _EARLY_ACCESS_SERVER),
    ):
        for type, name, fits in rows:
            yield Variant(dialect, sender, type, name, fits)


VARIANTS = tuple(_table())
