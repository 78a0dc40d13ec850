"""What a message must be, before anything else is asked of it. Source: the message pages and the AsyncAPI file."""

from collections.abc import Iterator

from mockagent.protocol import configuration
from mockagent.protocol.events import Audio, Event, Malformed, Message, Problem, Side, Tolerance
from mockagent.protocol.ruling import MALFORMED, MESSAGE, Breach, rule
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import AUDIO

_UNKNOWN_TYPE = "type-name"
_CUSTOM = "__customFromThinkProvider"


def _breach(problem: Problem) -> Breach:
    return Breach(problem.expected, problem.got, problem.pointer, problem.refused_from)


def _malformed(event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Malformed):
        yield Breach(event.content.reason, event.content.found)


def _problems(event: Event, *, of_type: bool, departures: bool = False) -> Iterator[Breach]:
    if isinstance(event.content, Message):
        for problem in event.content.problems:
            is_departure = problem.refused_from is Tolerance.STRICT
            if (problem.keyword == _UNKNOWN_TYPE) is of_type and is_departure is departures:
                yield _breach(problem)


@rule("MSG-001", Side.CLIENT, MALFORMED)
def a_clients_text_is_one_json_object_with_a_type(session: Session, event: Event) -> Iterator[Breach]:
    yield from _malformed(event)


@rule("MSG-002", Side.CLIENT, MESSAGE)
def a_clients_message_is_of_a_known_type(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=True)


@rule("MSG-003", Side.CLIENT, MESSAGE)
def a_clients_message_fits_its_schema(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=False)


@rule("MSG-004", Side.CLIENT, MESSAGE)
def a_clients_message_is_in_the_usual_form(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=False, departures=True)


@rule("MSG-005", Side.CLIENT, AUDIO)
def a_clients_message_is_text(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and event.content.json:
        yield Breach("audio in a binary frame", "a JSON message in a binary frame")


@rule("MSG-006", Side.SERVER, MALFORMED)
def a_servers_text_is_one_json_object_with_a_type(session: Session, event: Event) -> Iterator[Breach]:
    yield from _malformed(event)


@rule("MSG-007", Side.SERVER, MESSAGE)
def a_servers_message_is_of_a_known_type(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=True)


@rule("MSG-008", Side.SERVER, MESSAGE)
def a_servers_message_fits_its_schema(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=False)


@rule("MSG-009", Side.SERVER, MESSAGE)
def a_servers_message_is_in_the_usual_form(session: Session, event: Event) -> Iterator[Breach]:
    yield from _problems(event, of_type=False, departures=True)


@rule("MSG-010", Side.CLIENT, "UpdateThink_Live", "Settings")
def a_client_uses_early_access_features_where_enabled(session: Session, event: Event) -> Iterator[Breach]:
    if session.switches.think_live or not isinstance(event.content, Message):
        return
    if event.content.type == "UpdateThink_Live":
        yield Breach("a message type enabled for this account", "UpdateThink_Live", "/type")
    agent = event.content.body.get("agent")
    if isinstance(agent, dict) and "think_live" in agent:
        yield Breach("no field that is not enabled for this account", "think_live", "/agent/think_live")


@rule("MSG-011", Side.SERVER, "ConversationText", "FrustrationDetected", "ThinkLiveUpdated", _CUSTOM)
def a_server_uses_early_access_features_where_enabled(session: Session, event: Event) -> Iterator[Breach]:
    if session.switches.think_live or not isinstance(event.content, Message):
        return
    type, body = event.content.type, event.content.body
    if type != "ConversationText":
        yield Breach("a message type enabled for this account", type, "/type")
    elif body.get("conversational_behavior", "default") != "default":
        got = str(body["conversational_behavior"])
        yield Breach("no behavior but default without think_live", got, "/conversational_behavior")


@rule("MSG-012", Side.SERVER, "ConversationText")
def languages_are_told_by_the_multilingual_model(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is None or not isinstance(event.content, Message):
        return
    for field in ("languages", "languages_hinted"):
        if field in event.content.body and not configuration.languages_heard(session.settings, ()):
            yield Breach(f"no {field}, but from {configuration.MULTILINGUAL_MODEL}", field, f"/{field}")


@rule("MSG-013", Side.SERVER, AUDIO)
def a_servers_message_is_text(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Audio) and event.content.json:
        yield Breach("audio in a binary frame", "a JSON message in a binary frame")


@rule("MSG-014", Side.SERVER, "Error", "Warning", "InjectionRefused")
def what_went_wrong_is_said_in_words(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message):
        for field in ("description", "message"):
            if event.content.body.get(field) == "":
                yield Breach("words for people", "an empty text", f"/{field}")
