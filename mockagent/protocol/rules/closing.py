"""How a session ends. Source: the Errors page; that the close frame is empty, from field reports."""

from collections.abc import Iterator

from mockagent.protocol.events import Closed, Event, Side
from mockagent.protocol.ruling import ANY, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import CLOSE, Phase

SOON = 1.0
"""Seconds in which the close must follow a fatal Error."""


@rule("CLS-001", Side.SERVER, ANY)
def nothing_follows_an_error_but_the_close(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is Phase.FAILED and not isinstance(event.content, Closed):
        yield Breach("the close after Error", words_for(event.content))


@rule("CLS-002", Side.SERVER, CLOSE)
def the_close_follows_an_error_at_once(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is not Phase.FAILED or session.failed_at is None:
        return
    if event.at - session.failed_at > SOON:
        yield Breach("the close at once after Error", f"it {event.at - session.failed_at:.1f} s later")


@rule("CLS-003", Side.SERVER, CLOSE)
def the_close_after_an_error_is_empty(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is Phase.FAILED and isinstance(event.content, Closed) and event.content.code is not None:
        yield Breach("a close frame without a status", f"the code {event.content.code}")
