"""Who speaks when. Source: the message flow and the pages of the turn's events; the order itself is the table's."""

from collections.abc import Iterator

from mockagent.protocol import configuration, messages, transitions
from mockagent.protocol.causes import uncaused
from mockagent.protocol.events import Event, JsonObject, Message, Side
from mockagent.protocol.ruling import MESSAGE, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase, Turn

_JUDGED_ELSEWHERE = frozenset({"Welcome", "SettingsApplied"})
_UNSUPPORTED = "FORCE_END_TURN_UNSUPPORTED"


def _is_out_of_turn(session: Session, event: Event) -> bool:
    name = session.name_of(event)
    return session.phase is Phase.ACTIVE and name is not None and not session.allows(event.sender, name)


@rule("TRN-001", Side.SERVER, "ConversationText")
def the_users_text_follows_the_users_speech(session: Session, event: Event) -> Iterator[Breach]:
    if _is_out_of_turn(session, event) and session.name_of(event) == transitions.USER_TEXT:
        yield Breach(
            "UserStartedSpeaking, or an InjectUserMessage, before the user's text", f"it while {session.turn}"
        )


@rule("TRN-002", Side.SERVER, "ConversationText")
def the_agents_text_waits_for_the_user(session: Session, event: Event) -> Iterator[Breach]:
    if _is_out_of_turn(session, event) and session.name_of(event) == transitions.AGENT_TEXT:
        yield Breach("the user's text before the agent's reply", f"the reply while {session.turn}")


@rule("TRN-003", Side.SERVER, "AgentThinking", "FunctionCalling")
def the_agent_thinks_after_the_user_spoke(session: Session, event: Event) -> Iterator[Breach]:
    if _is_out_of_turn(session, event):
        yield Breach("a thought after the user's text, before the reply", f"one while {session.turn}")


@rule("TRN-004", Side.SERVER, "AgentStartedSpeaking")
def agent_started_speaking_precedes_the_audio(session: Session, event: Event) -> Iterator[Breach]:
    if _is_out_of_turn(session, event):
        yield Breach("AgentStartedSpeaking before the first audio of a reply", f"one while {session.turn}")


@rule("TRN-005", Side.SERVER, "AgentStartedSpeaking")
def agent_started_speaking_comes_once_a_reply(session: Session, event: Event) -> Iterator[Breach]:
    if session.reply_announced and session.turn in (Turn.REPLYING, Turn.THINKING):
        yield Breach("one AgentStartedSpeaking a reply", "another")


@rule("TRN-006", Side.SERVER, MESSAGE, transitions.AUDIO)
def events_come_in_a_configured_session(session: Session, event: Event) -> Iterator[Breach]:
    if session.phase is not Phase.WELCOMED:
        return
    name = session.name_of(event)
    if name is None or name in _JUDGED_ELSEWHERE:
        return
    if (Side.SERVER, name) in transitions.TRANSITIONS and not session.allows(Side.SERVER, name):
        yield Breach("Settings and SettingsApplied before it", words_for(event.content))


def _body(event: Event) -> JsonObject:
    return event.content.body if isinstance(event.content, Message) else {}


@rule("TRN-008", Side.SERVER, "ConversationText")
def a_statement_has_words(session: Session, event: Event) -> Iterator[Breach]:
    """What a client has typed is repeated as it is, even where it is nothing."""
    is_typed = session.name_of(event) == transitions.TYPED_TEXT and "" in session.typed_texts_due
    if _body(event).get("content") == "" and not is_typed:
        yield Breach("what was said", "an empty text", "/content")


@rule("TRN-009", Side.SERVER, "ConversationText")
def a_typed_text_is_repeated_word_for_word(session: Session, event: Event) -> Iterator[Breach]:
    """Where the user has spoken too, nobody can say of which of the two a text is."""
    if session.turn in (Turn.USER, Turn.THINKING) or session.name_of(event) != transitions.TYPED_TEXT:
        return
    _, text = messages.statement_of(_body(event))
    if text not in session.typed_texts_due:
        yield Breach(f"{session.typed_texts_due[0]!r}, as it was injected", repr(text), "/content")


@rule("TRN-010", Side.SERVER, "AgentStartedSpeaking")
def the_total_is_no_less_than_its_parts(session: Session, event: Event) -> Iterator[Breach]:
    yield from _greater_than_total(_body(event))


@rule("TRN-011", Side.SERVER, "LatencyReport")
def the_reported_total_is_no_less_than_its_parts(session: Session, event: Event) -> Iterator[Breach]:
    yield from _greater_than_total(_body(event))


def _greater_than_total(body: JsonObject) -> Iterator[Breach]:
    total = body.get("total_latency")
    if not isinstance(total, int | float):
        return
    for part in ("ttt_latency", "ttt_text_latency", "tts_latency"):
        share = body.get(part, 0)
        if isinstance(share, int | float) and share > total:
            yield Breach(f"at most the total_latency ({total})", f"{share}", f"/{part}")


@rule("TRN-012", Side.SERVER, "Warning")
def the_end_of_the_turn_was_asked_for(session: Session, event: Event) -> Iterator[Breach]:
    if code := uncaused(session, event, _UNSUPPORTED):
        yield Breach("ForceEndTurn before it", code, "/code")


@rule("TRN-013", Side.SERVER, "Warning")
def listening_v2_supports_the_forced_end(session: Session, event: Event) -> Iterator[Breach]:
    version = configuration.listen_version(session.settings or {})
    if _body(event).get("code") == _UNSUPPORTED and version == "v2":
        yield Breach("the end of the turn, which listen v2 supports", _UNSUPPORTED, "/code")


@rule("TRN-014", Side.CLIENT, "ForceEndTurn")
def a_client_forces_the_end_of_turns_with_listen_v2(session: Session, event: Event) -> Iterator[Breach]:
    if session.settings is None or configuration.names_stored_agent(session.settings):
        return
    version = configuration.listen_version(session.settings)
    if version != "v2":
        yield Breach("ForceEndTurn with a listen provider of version v2 only", f"it with {version}")
