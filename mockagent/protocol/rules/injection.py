"""Injected statements are spoken or refused as the table says. Source: the Inject Agent page, the AsyncAPI file."""

from collections.abc import Iterator

from mockagent.protocol import messages
from mockagent.protocol.causes import uncaused
from mockagent.protocol.events import Event, Message, Side
from mockagent.protocol.injection import Outcome
from mockagent.protocol.ruling import Breach, rule
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Turn

_WARNINGS = ("INJECT_AGENT_MESSAGE_DURING_USER_SPEECH", "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH")


@rule("INJ-001", Side.SERVER, "InjectionRefused")
def a_refusal_answers_an_injection(session: Session, event: Event) -> Iterator[Breach]:
    if not session.injections_due:
        yield Breach("an InjectAgentMessage before InjectionRefused", "none")


@rule("INJ-002", Side.SERVER, "InjectionRefused")
def only_what_the_table_refuses_is_refused(session: Session, event: Event) -> Iterator[Breach]:
    if session.injections_due and not any(due.outcome is Outcome.REFUSE for due in session.injections_due):
        due = session.injections_due[0]
        yield Breach(f"the injection {due.outcome} ({due.behavior}, {due.turn})", "InjectionRefused")


@rule("INJ-003", Side.SERVER, "ConversationText")
def what_the_table_refuses_is_not_spoken(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message) or event.content.body.get("role") != "assistant":
        return
    due = session.injection_spoken_by(event.content.body)
    if due is not None and due.outcome is Outcome.REFUSE:
        yield Breach(f"InjectionRefused ({due.behavior}, {due.turn})", "the injection spoken")


@rule("INJ-004", Side.SERVER, "Warning")
def something_was_injected(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, *_WARNINGS):
        yield Breach("an InjectAgentMessage before it", code, "/code")


@rule("INJ-005", Side.SERVER, "ConversationText")
def a_queued_injection_waits_for_the_end_of_the_reply(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message) or event.content.body.get("role") != "assistant":
        return
    text = event.content.body.get("content")
    outcomes = {due.outcome for due in session.injections_due if due.text == text}
    if outcomes == {Outcome.WAIT} and session.turn is Turn.SPEAKING:
        yield Breach("AgentAudioDone of the current reply before it", "the queued injection")


@rule("INJ-006", Side.CLIENT, "InjectAgentMessage")
def an_injection_has_words(session: Session, event: Event) -> Iterator[Breach]:
    if not isinstance(event.content, Message) or messages.is_dynamic(event.content.body):
        return
    for field in ("message", "content"):
        if event.content.body.get(field) == "":
            yield Breach("words for the agent to say", "an empty text", f"/{field}")


@rule("INJ-007", Side.CLIENT, "InjectUserMessage")
def a_typed_text_has_words(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Message) and event.content.body.get("content") == "":
        yield Breach("what the user is to have said", "an empty text", "/content")
