"""Settings first, once and possible; SettingsApplied next. Source: the Settings and Configure pages, field reports."""

from collections import Counter
from collections.abc import Iterator, Mapping

from mockagent.protocol import configuration, messages
from mockagent.protocol.causes import uncaused
from mockagent.protocol.events import Audio, Closed, Event, JsonObject, Message, Side, Tolerance
from mockagent.protocol.names import unknown_names
from mockagent.protocol.possible import impossibilities
from mockagent.protocol.ruling import ANY, MESSAGE, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import AUDIO, Phase

_BEFORE_SETTINGS = frozenset({Phase.OPEN, Phase.WELCOMED})
_BEFORE_APPLIED = frozenset({Phase.EARLY, Phase.CONFIGURING})
_SETTINGS = tuple(messages.SETTINGS.values())
_NOT_TOO_EARLY = frozenset({"KeepAlive", *_SETTINGS})
"""KeepAlive may hold the session open meanwhile; that Settings come twice another rule says."""

_SHOWN = 40


def _is_readable(message: Message) -> bool:
    return all(problem.refused_from is Tolerance.STRICT for problem in message.problems)


@rule("SET-001", Side.CLIENT, MESSAGE)
def settings_is_the_first_message(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase in _BEFORE_SETTINGS and isinstance(event.content, Message):
        wanted = messages.SETTINGS[session.dialect]
        if event.content.type != wanted and _is_readable(event.content):
            yield Breach(f"{wanted} as the first message", event.content.type)


@rule("SET-002", Side.CLIENT, AUDIO)
def audio_comes_after_settings(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase in _BEFORE_SETTINGS:
        yield Breach(f"{messages.SETTINGS[session.dialect]} before audio", words_for(event.content))


@rule("SET-003", Side.CLIENT, *_SETTINGS)
def settings_are_sent_once(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is not None:
        yield Breach("one Settings in a session", "another")


@rule("SET-004", Side.CLIENT, "Settings")
def settings_are_possible(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message) and _is_readable(event.content):
        for problem in impossibilities(event.content.body):
            yield Breach(problem.expected, problem.got, problem.pointer)


@rule("SET-005", Side.SERVER, ANY)
def settings_applied_is_the_next_frame(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is not Phase.CONFIGURING or isinstance(event.content, Closed):
        return
    if not (isinstance(event.content, Message) and event.content.type in ("SettingsApplied", "Error")):
        yield Breach("SettingsApplied right after Settings", words_for(event.content))


@rule("SET-006", Side.SERVER, "SettingsApplied")
def settings_applied_answers_settings(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase not in (Phase.OPEN, Phase.EARLY, Phase.CONFIGURING):  # before Welcome OPN-001 reports it
        yield Breach("SettingsApplied once, after Settings", f"one while {session.phase}")


@rule("SET-007", Side.CLIENT, AUDIO, MESSAGE)
def a_client_waits_for_settings_applied(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase not in _BEFORE_APPLIED:
        return
    is_passed = isinstance(event.content, Message) and event.content.type in _NOT_TOO_EARLY
    if isinstance(event.content, Audio | Message) and not is_passed:
        yield Breach("at most KeepAlive between Settings and SettingsApplied", words_for(event.content))


@rule("SET-008", Side.CLIENT, "Settings", "UpdateThink", "UpdateSpeak", "UpdateListen")
def models_and_voices_are_known(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message):
        return
    body = event.content.body
    worded = _worded(event.content)
    for problem in unknown_names(worded):
        pointer = problem.pointer if worded is body else problem.pointer.removeprefix("/agent")
        yield Breach(problem.expected, problem.got, pointer)


def _worded(message: Message) -> JsonObject:
    """What a Settings or an update says of the agent, as a Settings says it."""
    return message.body if message.type in _SETTINGS else {"agent": message.body}


@rule("SET-009", Side.CLIENT, *_SETTINGS, "UpdateThink")
def a_function_is_defined_once(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message):
        counted = Counter(configuration.function_names(_worded(event.content)))
        for name, count in counted.items():
            if count > 1:
                yield Breach(f"one function named {name!r}", f"{count}")


@rule("SET-010", Side.CLIENT, "Settings", "UpdateListen")
def the_eager_threshold_is_the_lower_one(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message):
        return
    provider = configuration.listen_provider(_worded(event.content))
    eager, confirmed = provider.get("eager_eot_threshold"), provider.get("eot_threshold")
    if isinstance(eager, int | float) and isinstance(confirmed, int | float) and eager > confirmed:
        yield Breach(f"an eager_eot_threshold of at most eot_threshold ({confirmed})", f"{eager}")


@rule("SET-012", Side.SERVER, "Error")
def settings_were_sent_twice(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, "SETTINGS_ALREADY_APPLIED"):
        yield Breach("a second Settings before it", code, "/code")


@rule("SET-013", Side.SERVER, "Error")
def something_came_before_settings(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"):
        yield Breach("something of the client before Settings", code, "/code")


@rule("SET-014", Side.SERVER, "Error")
def audio_came_before_settings(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, "BINARY_MESSAGE_BEFORE_SETTINGS"):
        yield Breach("audio of the client before Settings", code, "/code")


@rule("SET-015", Side.SERVER, "Error")
def a_stored_agent_was_asked_for(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, "INVALID_AGENT_ID", "AGENT_ID_NOT_SUPPORTED"):
        yield Breach("Settings that name a stored agent before it", code, "/code")


@rule("SET-017", Side.CLIENT, *_SETTINGS, "UpdateThink")
def parameters_are_those_of_an_object(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message):
        return
    for name, function in configuration.functions_of(_worded(event.content)).items():
        parameters = function.get("parameters")
        type = parameters.get("type", "object") if isinstance(parameters, Mapping) else "object"
        if type != "object":
            yield Breach(f"parameters of {name} of type object", f"{type!r}"[:_SHOWN])
