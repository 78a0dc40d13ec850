"""Who speaks when. Source: the message flow and the pages of the turn's events; the order itself is the table's."""

from collections.abc import Iterator

from mockagent.protocol import transitions
from mockagent.protocol.events import Event, Side
from mockagent.protocol.ruling import MESSAGE, Breach, rule, words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase, Turn

_JUDGED_ELSEWHERE = frozenset({"Welcome", "SettingsApplied"})


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
