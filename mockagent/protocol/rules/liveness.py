"""A client must show that it is there, and no session lasts for ever.

Source: the Keep Alive page, and the limits from field reports; the Errors & Warnings page for the two hours.
"""

from collections.abc import Iterator

from mockagent.protocol import messages
from mockagent.protocol.events import Closed, Elapsed, Event, Message, Side
from mockagent.protocol.ruling import ANY, ELAPSED, Breach, rule, words_for
from mockagent.protocol.session import (
    FIRST_SETTINGS,
    SESSION_END,
    SESSION_WARNING,
    SILENCE,
    UNREAD,
    Session,
)
from mockagent.protocol.transitions import Phase

_REACHED = "MAXIMUM_SESSION_LENGTH_REACHED"
_APPROACHING = "MAXIMUM_SESSION_LENGTH_APPROACHING"


@rule("LIV-001", Side.CLIENT, ELAPSED)
def settings_come_in_time(session: Session, event: Event) -> Iterator[Breach]:
    if event.content == Elapsed(FIRST_SETTINGS):
        wanted = messages.SETTINGS[session.dialect]
        yield Breach(f"{wanted} within {session.switches.first_settings_within:g} s", "nothing")


@rule("LIV-002", Side.CLIENT, ELAPSED)
def a_client_is_never_silent_for_long(session: Session, event: Event) -> Iterator[Breach]:
    if event.content == Elapsed(SILENCE):
        got = f"nothing since {session.last_client_at:.1f} s"
        yield Breach(f"audio or a KeepAlive every {session.switches.silence_for:g} s", got)


@rule("LIV-003", Side.SERVER, ANY)
def nothing_but_its_error_follows_the_longest_session(session: Session, event: Event) -> Iterator[Breach]:
    if SESSION_END not in session.ran_out or session.phase is not Phase.ACTIVE:
        return
    if not isinstance(event.content, Closed) and _code_of(event) != _REACHED:
        yield Breach(f"Error {_REACHED} after {session.switches.session_for:g} s", words_for(event.content))


@rule("LIV-004", Side.SERVER, "Error")
def a_session_is_warned_of_its_end(session: Session, event: Event) -> Iterator[Breach]:
    is_due = SESSION_WARNING in session.ran_out and not session.warned_of_the_end
    if is_due and _code_of(event) == _REACHED:
        yield Breach("Warning MAXIMUM_SESSION_LENGTH_APPROACHING before it", "none")


def _code_of(event: Event) -> object:
    return event.content.body.get("code") if isinstance(event.content, Message) else None


@rule("LIV-005", Side.SERVER, "Warning")
def the_end_is_announced_once(session: Session, event: Event) -> Iterator[Breach]:
    if session.warned_of_the_end and _code_of(event) == _APPROACHING:
        yield Breach("one warning of the end", "another", "/code")


@rule("LIV-010", Side.CLIENT, ELAPSED)
def a_client_reads(session: Session, event: Event) -> Iterator[Breach]:
    if event.content == Elapsed(UNREAD):
        yield Breach("a client that reads", "more waiting for it than a server keeps")
