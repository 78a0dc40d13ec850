"""What gives cause for a code: an Error or Warning that answers something comes only where there was something.

Source: the Errors & Warnings page (https://developers.deepgram.com/docs/voice-agent-errors-warnings), which says of
each code what it is sent for. Only codes whose cause shows on the wire are here.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mockagent.protocol import configuration, messages, updates
from mockagent.protocol.events import Audio, Event, JsonObject, Malformed, Message, Side
from mockagent.protocol.session import Session

_OF_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "InjectAgentMessage": (
            "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
            "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH",
        ),
        "ForceEndTurn": ("FORCE_END_TURN_UNSUPPORTED",),
    }
)

_ONCE_CONFIGURED = frozenset({*_OF_TYPES, "UpdateListen", *messages.SETTINGS.values()})
"""What gives cause for anything after Settings: asked first, since most messages do not."""

WANTED_BY: Mapping[str, str] = MappingProxyType(
    {
        "SETTINGS_ALREADY_APPLIED": "SET-012",
        "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS": "SET-013",
        "BINARY_MESSAGE_BEFORE_SETTINGS": "SET-014",
        "INVALID_AGENT_ID": "SET-015",
        "AGENT_ID_NOT_SUPPORTED": "SET-015",
        "FORCE_END_TURN_UNSUPPORTED": "TRN-012",
        "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED": "UPD-005",
        "PROMPT_TOO_LONG": "UPD-006",
        "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH": "INJ-004",
        "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH": "INJ-004",
    }
)
"""The requirement that wants a cause, by the code that is to have one."""


def wanting(body: JsonObject) -> frozenset[str]:
    """The requirements that want a cause for the code of this Error or Warning.

    A scenario that sends one to see what a client makes of it need neither bring the cause about nor say so.
    """
    code = body.get("code")
    return frozenset({WANTED_BY[code]} if isinstance(code, str) and code in WANTED_BY else ())


def may_cause(session: Session, event: Event) -> bool:
    """Whether it is worth asking for the causes of a client's event."""
    if session.settings is None:
        return True
    return isinstance(event.content, Message) and event.content.type in _ONCE_CONFIGURED


def causes(session: Session, event: Event) -> Iterator[str]:
    """The codes for which this event of the client gives cause, in the session before it."""
    if event.sender is not Side.CLIENT:
        return
    match event.content:
        case Message(type=type, body=body):
            yield from _OF_TYPES.get(type, ())
            if type == "UpdateListen" and _may_change_what_is_fixed(session, body):
                yield "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"
            yield from _of_opening(session, type, body)
        case Malformed() if session.settings is None:
            yield "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"
        case Audio() if session.settings is None:
            yield "BINARY_MESSAGE_BEFORE_SETTINGS"
            yield "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"


def _may_change_what_is_fixed(session: Session, update: JsonObject) -> bool:
    """Also where nobody here knows how the service listens: Settings may leave it out, or name a stored agent."""
    is_known = bool(configuration.listen_provider(session.settings or {}))
    return not is_known or updates.changes_what_is_fixed(session.settings, update)


def _of_opening(session: Session, type: str, body: JsonObject) -> Iterator[str]:
    is_settings = type == messages.SETTINGS[session.dialect]
    if is_settings and configuration.names_stored_agent(body):
        yield from ("INVALID_AGENT_ID", "AGENT_ID_NOT_SUPPORTED")
    if is_settings and session.settings is not None:
        yield "SETTINGS_ALREADY_APPLIED"
    if not is_settings and session.settings is None:
        yield "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"


def uncaused(session: Session, event: Event, *codes: str) -> str | None:
    """The code of an Error or Warning, if it is one of these and nothing has given cause for it."""
    code = event.content.body.get("code") if isinstance(event.content, Message) else None
    return code if isinstance(code, str) and code in codes and code not in session.causes else None
