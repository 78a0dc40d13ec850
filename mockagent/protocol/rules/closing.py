"""How a session ends. Source: the Errors page; that the close frame is empty, from field reports."""

from collections.abc import Iterator

from mockagent.protocol.events import NO_CLOSE_FRAME, Closed, Elapsed, Event, Side
from mockagent.protocol.ruling import ANY, MALFORMED, MESSAGE, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import AUDIO, CLOSE, Phase

SOON = 1.0
"""Seconds in which the close must follow a fatal Error."""

_COMPLAINTS = frozenset(range(1002, 3000)) - {NO_CLOSE_FRAME}
"""Codes by which one side says that the other has done wrong, or that it has failed itself (RFC 6455, section 7.4)."""


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


@rule("CLS-004", Side.CLIENT, CLOSE)
def a_client_ends_with_a_close_frame(session: Session, event: Event) -> Iterator[Breach]:
    if isinstance(event.content, Closed) and event.content.code == NO_CLOSE_FRAME:
        yield Breach("a close frame", "the connection gone without one")


@rule("CLS-005", Side.CLIENT, CLOSE)
def a_client_closes_without_a_complaint(session: Session, event: Event) -> Iterator[Breach]:
    code = event.content.code if isinstance(event.content, Closed) else None
    if code is not None and code in _COMPLAINTS:
        yield Breach("1000, 1001, a code of the application or none", f"the code {code}")


@rule("CLS-006", Side.CLIENT, MESSAGE, AUDIO)
def a_client_takes_an_error_for_the_end(session: Session, event: Event) -> Iterator[Breach]:
    """What was under way when the Error came is nobody's fault."""
    if session.phase is Phase.FAILED and session.failed_at is not None:
        later = event.at - session.failed_at
        if later > SOON:
            yield Breach("nothing more after Error", f"{words_for(event.content)} {later:.1f} s later")


@rule("CLS-007", Side.SERVER, ANY)
def nothing_follows_the_close_of_the_server(session: Session, event: Event) -> Iterator[Breach]:
    yield from _after_own_close(session, event)


@rule("CLS-008", Side.CLIENT, MESSAGE, AUDIO, MALFORMED)
def nothing_follows_the_close_of_the_client(session: Session, event: Event) -> Iterator[Breach]:
    yield from _after_own_close(session, event)


def _after_own_close(session: Session, event: Event) -> Iterator[Breach]:
    if session.closed_by is event.sender and not isinstance(event.content, Closed | Elapsed):
        yield Breach("nothing after the close", words_for(event.content))
