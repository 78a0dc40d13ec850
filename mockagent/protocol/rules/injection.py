"""Injected statements are spoken or refused as the table says. Source: the Inject Agent page, the AsyncAPI file."""

from collections.abc import Iterator

from mockagent.protocol.events import Event, Message, Side
from mockagent.protocol.injection import Outcome
from mockagent.protocol.ruling import Breach, rule
from mockagent.protocol.session import Session


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
