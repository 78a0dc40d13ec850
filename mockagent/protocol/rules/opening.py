"""How a session opens. Source: the Welcome page; the 20 ms from field measurements of lost Welcomes."""

from collections.abc import Iterator

from mockagent.protocol.events import Closed, Event, Message, Opened, Side
from mockagent.protocol.ruling import ANY, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase


@rule("OPN-001", Side.SERVER, ANY)
def welcome_is_the_first_frame(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase not in (Phase.OPEN, Phase.EARLY) or isinstance(event.content, Closed | Opened):
        return
    if not (isinstance(event.content, Message) and event.content.type == "Welcome"):
        yield Breach("Welcome as the first frame", words_for(event.content))


@rule("OPN-002", Side.SERVER, "Welcome")
def welcome_leaves_the_client_time_to_listen(session: Session, event: Event) -> Iterator[Breach]:
    if event.at < session.switches.welcome_after:
        expected = f"Welcome at least {session.switches.welcome_after * 1000:.0f} ms after the upgrade"
        yield Breach(expected, f"Welcome after {event.at * 1000:.1f} ms")


@rule("OPN-003", Side.SERVER, "Welcome")
def welcome_comes_once(session: Session, event: Event) -> Iterator[Breach]:
    if session.welcomed_at is not None:
        yield Breach("one Welcome", f"another, after the one at {session.welcomed_at:.3f} s")
