"""What the service does by itself: refusals, acknowledgements, the answer to an injection. Pure decisions.

Each function answers one question about a client's event; whoever plays the server carries the answer out.
"""

from collections.abc import Iterable, Iterator

from mockagent.protocol import codes, configuration, formats, injection, messages, updates
from mockagent.protocol.codes import CODES
from mockagent.protocol.events import Content, Dialect, Elapsed, JsonObject, Message, Tolerance
from mockagent.protocol.injection import Outcome
from mockagent.protocol.judge import Violation
from mockagent.protocol.session import SESSION_END, SESSION_WARNING, Session
from mockagent.protocol.switches import BeforeSettings, Switches

_ONLY_NOTED_IF_IGNORED = frozenset({"SET-001", "SET-002"})
REFUSED = {
    injection.Floor.USER: "The injection was refused because the user is speaking.",
    injection.Floor.AGENT: "The injection was refused because the agent is already responding.",
}
"""InjectionRefused.message, by who has the floor."""

WARNINGS = {
    injection.Floor.USER: "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
    injection.Floor.AGENT: "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH",
}
"""The code of the Warning that names the same refusal, by who has the floor."""


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
        return codes.error(session.dialect, refusal.code, words.replace(codes.FIELD, field))
    return None


def end_of_session(content: Content, dialect: Dialect) -> JsonObject | None:
    """The Error that ends a session which has lasted as long as one may, if it has."""
    is_over = content == Elapsed(SESSION_END)
    return codes.error(dialect, "MAXIMUM_SESSION_LENGTH_REACHED") if is_over else None


def warning_of_the_end(content: Content) -> JsonObject | None:
    """The Warning that the session will end for its length, when it is time for it."""
    is_due = content == Elapsed(SESSION_WARNING)
    return codes.warning("MAXIMUM_SESSION_LENGTH_APPROACHING") if is_due else None


def provider_failed(part: str, type: str) -> JsonObject:
    """The Warning that a provider of `think` or `speak` has failed; `type` is "" where Settings does not name it."""
    code = CODES["THINK_REQUEST_FAILED" if part == "think" else "SPEAK_REQUEST_FAILED"]
    return codes.warning(code.name, f"{code.description.removesuffix('.')}: {type}." if type else None)


def all_providers_failed(part: str, dialect: Dialect) -> JsonObject:
    """The Error that no provider of `think` or `speak` is left."""
    return codes.error(dialect, "FAILED_TO_THINK" if part == "think" else "FAILED_TO_SPEAK")


def cannot_speak(settings: Content, dialect: Dialect, *, has_codecs: bool) -> JsonObject | None:
    """The Error for Settings that ask for speech in a format which this server cannot make, if they do."""
    format = formats.output_format(settings.body if isinstance(settings, Message) else {}, dialect)
    reason = formats.unspeakable(format, has_codecs=has_codecs)
    return codes.error(dialect, "FAILED_TO_SPEAK", f"mockagent cannot speak {reason}.") if reason else None


def lacks_codecs(message: Message) -> str:
    """Why this server could not speak for want of its codec library, if that is what its Error says; else ""."""
    description = message.body.get("description")
    said = description if message.type == "Error" and isinstance(description, str) else ""
    return said if formats.CODECS_CURE in said else ""


def field_of(pointer: str) -> str:
    """The field as the live service names it in an Error: "/agent/think/0/provider/model" is "agent.think"."""
    names = [part for part in pointer.split("/")[1:] if not part.isdigit()]
    return ".".join(names[:2])


def acknowledgements(session: Session, message: Message) -> Iterator[JsonObject]:
    """What the service answers to an accepted update or ForceEndTurn, in the session before it.

    SettingsApplied is not among them; what follows it is.
    """
    if message.type == "ForceEndTurn":
        if configuration.listen_version(session.settings or {}) != "v2":
            yield codes.warning("FORCE_END_TURN_UNSUPPORTED")
        return
    if message.type == "UpdateListen" and updates.changes_what_is_fixed(session.settings, message.body):
        yield codes.warning("UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED")
        return
    due = messages.ACKNOWLEDGEMENTS[session.dialect].get(message.type)
    if due and message.type not in messages.SETTINGS.values():
        yield messages.bare(due)
    if _cuts_prompt(session, message):
        yield codes.warning("PROMPT_TOO_LONG")


def _cuts_prompt(session: Session, message: Message) -> bool:
    of = (message.type, message.body, session.dialect)
    is_settings = message.type in messages.SETTINGS.values()
    settings = message.body if is_settings else updates.settings_after(session.settings or {}, *of)
    prompt = updates.prompt_after(settings, session.prompt, *of)
    return prompt is not None and prompt.was_cut


def answers_cancelled_call(content: Content, session: Session) -> bool:
    """Whether this answers a call that has been cancelled: the service drops it, since the client may not have known.

    Source: https://developers.deepgram.com/docs/voice-agent-function-call-cancelled.
    """
    if not isinstance(content, Message) or content.type != "FunctionCallResponse":
        return False
    result = messages.result_of(content.body)
    is_wanted = session.pending(result.id, result.name) is not None
    return not is_wanted and session.cancelled_call(result.id, result.name) is not None


def injection_outcome(session: Session, message: Message) -> Outcome:
    """What becomes of an InjectAgentMessage in the session before it."""
    return injection.outcome(injection.behavior_of(message.body), session.turn)


def refusal_of_injection(session: Session, switches: Switches) -> Iterator[JsonObject]:
    """InjectionRefused, and the Warning that says the same where that is switched on."""
    floor = injection.floor_of(session.turn)
    yield messages.injection_refused(REFUSED[floor])
    if switches.injection_warnings and session.dialect is Dialect.V1:
        yield codes.warning(WARNINGS[floor])


def ends_turn(session: Session, message: Message) -> bool:
    """Whether this is a ForceEndTurn that a listen provider of version v2 obeys."""
    return message.type == "ForceEndTurn" and configuration.listen_version(session.settings or {}) == "v2"
