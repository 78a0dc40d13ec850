"""A client must show that it is there. Source: the Keep Alive page; the limits from field reports."""

from collections.abc import Iterator

from mockagent.protocol import messages
from mockagent.protocol.events import Elapsed, Event, Side
from mockagent.protocol.ruling import ELAPSED, Breach, rule
from mockagent.protocol.session import FIRST_SETTINGS, SILENCE, Session


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
