"""What the service does by itself: refusals, acknowledgements, the answer to an injection. Pure decisions.

Each function answers one question about a client's event; whoever plays the server carries the answer out.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockagent.protocol import formats, injection, messages
from mockagent.protocol.events import Content, Dialect, JsonObject, Message, Tolerance
from mockagent.protocol.injection import Outcome
from mockagent.protocol.judge import Violation
from mockagent.protocol.session import Session
from mockagent.protocol.switches import BeforeSettings, Switches

_ONLY_NOTED_IF_IGNORED = frozenset({"SET-001", "SET-002"})
_KEPT_BY_AN_UPDATE = ("type", "version", "model")
_UNSAID = {"version": "v1"}
REFUSED = {
    injection.Floor.USER: "The injection was refused because the user is speaking.",
    injection.Floor.AGENT: "The injection was refused because the agent is already responding.",
}
"""InjectionRefused.message, by who has the floor."""

WARNINGS = {
    injection.Floor.USER: (
        "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
        "InjectAgentMessage was ignored during user speech.",
    ),
    injection.Floor.AGENT: (
        "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH",
        "InjectAgentMessage was ignored during agent speech.",
    ),
}
"""The Warning that names the same refusal: its code and description, by who has the floor."""


def error_for(
    violations: Iterable[Violation], session: Session, tolerance: Tolerance, switches: Switches
) -> JsonObject | None:
    """The fatal Error with which the first breach that is refused at this tolerance is answered, if one is."""
    for violation in violations:
        refusal = violation.requirement.refusal
        if refusal is None or violation.refused_from > tolerance:
            continue
        is_ignored = violation.requirement.id in _ONLY_NOTED_IF_IGNORED
        if is_ignored and switches.before_settings is BeforeSettings.IGNORE:
            continue
        field = field_of(violation.pointer) or "type"
        words = refusal.description if session.dialect is Dialect.V1 else refusal.message
        return messages.error(session.dialect, refusal.code, words.replace("{field}", field))
    return None


def cannot_speak(settings: Content, dialect: Dialect, *, has_codecs: bool) -> JsonObject | None:
    """The Error for Settings that ask for speech in a format which this server cannot make, if they do."""
    format = formats.output_format(settings.body if isinstance(settings, Message) else {}, dialect)
    reason = formats.unspeakable(format, has_codecs=has_codecs)
    return messages.error(dialect, "FAILED_TO_SPEAK", f"mockagent cannot speak {reason}.") if reason else None


def field_of(pointer: str) -> str:
    """The field as the live service names it in an Error: "/agent/think/0/provider/model" is "agent.think"."""
    names = [part for part in pointer.split("/")[1:] if not part.isdigit()]
    return ".".join(names[:2])


def acknowledgements(session: Session, message: Message) -> Iterator[JsonObject]:
    """What the service answers to an accepted update or ForceEndTurn, in the session before it."""
    if message.type == "ForceEndTurn":
        if _listen_version(session.settings) != "v2":
            yield messages.warning(
                "FORCE_END_TURN_UNSUPPORTED", "ForceEndTurn needs a listen provider of version v2."
            )
        return
    if message.type == "UpdateListen" and _changes_what_is_fixed(session.settings, message.body):
        yield messages.warning(
            "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED",
            "UpdateListen cannot change the type, version or model of the listen provider.",
        )
        return
    due = messages.ACKNOWLEDGEMENTS[session.dialect].get(message.type)
    if due and message.type not in messages.SETTINGS.values():
        yield messages.bare(due)


def injection_outcome(session: Session, message: Message) -> Outcome:
    """What becomes of an InjectAgentMessage in the session before it."""
    return injection.outcome(injection.behavior_of(message.body), session.turn)


def refusal_of_injection(session: Session, switches: Switches) -> Iterator[JsonObject]:
    """InjectionRefused, and the Warning that says the same where that is switched on."""
    floor = injection.floor_of(session.turn)
    yield messages.injection_refused(REFUSED[floor])
    if switches.injection_warnings and session.dialect is Dialect.V1:
        yield messages.warning(*WARNINGS[floor])


def ends_turn(session: Session, message: Message) -> bool:
    """Whether this is a ForceEndTurn that a listen provider of version v2 obeys."""
    return message.type == "ForceEndTurn" and _listen_version(session.settings) == "v2"


def _listen_provider(settings: JsonObject | None) -> Mapping[str, Any]:
    agent = (settings or {}).get("agent")
    listen = agent.get("listen") if isinstance(agent, Mapping) else None
    provider = listen.get("provider") if isinstance(listen, Mapping) else None
    return provider if isinstance(provider, Mapping) else {}


def _listen_version(settings: JsonObject | None) -> str:
    return str(_listen_provider(settings).get("version", "v1"))


def _changes_what_is_fixed(settings: JsonObject | None, update: JsonObject) -> bool:
    now = _listen_provider(settings)
    wanted = _listen_provider({"agent": update})
    return any(
        key in wanted and now and wanted[key] != now.get(key, _UNSAID.get(key)) for key in _KEPT_BY_AN_UPDATE
    )
