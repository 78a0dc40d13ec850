"""The session after each event."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockagent.protocol import messages
from mockagent.protocol.codec import decode
from mockagent.protocol.effects import after
from mockagent.protocol.events import Closed, Dialect, Elapsed, Event, Frame, Message, Opened, Side
from mockagent.protocol.injection import Outcome
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.session import PendingCall, Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import TRANSITIONS, USER_TEXT, Phase, Turn

C, S = Side.CLIENT, Side.SERVER
USER = (S, {"type": "ConversationText", "role": "user", "content": "What is the weather?"})
REPLY = (S, {"type": "ConversationText", "role": "assistant", "content": "It is sunny."})
ASKED = ((S, "UserStartedSpeaking"), USER)
LATENCIES = {"total_latency": 0.3, "tts_latency": 0.1, "ttt_latency": 0.2}
CALL = {"id": "1", "name": "here", "arguments": "{}", "client_side": True}
CALLED = {"type": "FunctionCallRequest", "functions": [CALL, {**CALL, "id": "2", "client_side": False}]}
ERROR = {"type": "Error", "code": "FAILED_TO_THINK", "description": "x"}


def test_a_session_begins_open_and_silent():
    begun = Session()
    assert (begun.phase, begun.turn, begun.settings, begun.calls) == (Phase.OPEN, Turn.SILENCE, None, ())
    assert begun.prompt == ""


@pytest.mark.parametrize(
    ("steps", "phases"),
    [
        (((S, "Welcome"), (C, "Settings"), (S, "SettingsApplied")), ("WELCOMED", "CONFIGURING", "ACTIVE")),
        (((C, "Settings"), (S, "Welcome"), (S, "SettingsApplied")), ("EARLY", "CONFIGURING", "ACTIVE")),
        (((S, "Welcome"), (S, ERROR), (S, Closed())), ("WELCOMED", "FAILED", "CLOSED")),
        (((S, ERROR), (S, Closed())), ("FAILED", "CLOSED")),
        (((C, Closed(1000)), (S, "Welcome"), (S, ERROR)), ("CLOSED", "CLOSED", "CLOSED")),
    ],
)
def test_phases(events, steps, phases):
    session = Session()
    for event, phase in zip(events(*steps), phases, strict=True):
        session = after(session, event)
        assert session.phase is Phase[phase]


def test_turns_of_a_conversation(session):
    steps = (*ASKED, REPLY, (S, 960), (S, "AgentAudioDone"))
    turns = [session(*steps[:count]).turn for count in range(len(steps) + 1)]
    assert turns == [Turn.SILENCE, Turn.USER, Turn.THINKING, Turn.REPLYING, Turn.SPEAKING, Turn.SILENCE]


def test_settings_are_kept_once(session, settings):
    held = session()
    assert held.settings == settings()
    assert held.prompt == "Be brief."
    assert session((C, settings(agent={"think": {}}))).settings == settings()


def test_update_prompt_adds_and_update_think_replaces(session):
    more = (C, {"type": "UpdatePrompt", "prompt": "Be formal."})
    assert session(more).prompt == "Be brief.\nBe formal."
    think = {"provider": {"type": "open_ai", "model": "m"}, "prompt": "Be kind."}
    held = session(more, (C, {"type": "UpdateThink", "think": think}))
    assert held.prompt == "Be kind."
    assert held.settings["agent"]["think"] == think
    assert held.settings["agent"]["speak"] == session().settings["agent"]["speak"]


def test_update_instructions_adds_to_the_instructions(session):
    more = (C, {"type": "UpdateInstructions", "instructions": "Be formal."})
    assert session(more, dialect=Dialect.EARLY_ACCESS).prompt == "Be brief.\nBe formal."


def test_update_think_of_a_stored_agent(session, settings):
    update = (C, {"type": "UpdateThink", "think": {"prompt": "Be kind."}})
    held = session(update, settings=settings(agent="fc553ec9-5874-49ca-a47c-b670d525a4b3"))
    assert held.settings["agent"] == {"think": {"prompt": "Be kind."}}


def test_acknowledgements_are_due_until_they_come(session):
    prompt = (C, {"type": "UpdatePrompt", "prompt": "x"})
    speak = (C, {"type": "UpdateSpeak", "speak": {}})
    assert session(prompt, speak, prompt).acknowledgements_due == (
        "PromptUpdated",
        "SpeakUpdated",
        "PromptUpdated",
    )
    held = session(prompt, speak, prompt, (S, "PromptUpdated"))
    assert held.acknowledgements_due == ("SpeakUpdated", "PromptUpdated")


@pytest.mark.parametrize(
    ("update", "acknowledgement"),
    [item for item in messages.ACKNOWLEDGEMENTS[Dialect.V1].items() if item[0] != "Settings"],
)
def test_every_update_wants_its_acknowledgement(session, update, acknowledgement):
    assert session((C, update)).acknowledgements_due == (acknowledgement,)
    assert session((C, update), (S, acknowledgement)).acknowledgements_due == ()


def test_calls_are_pending_until_answered_by_their_side(session):
    def answer(side, id):
        return side, {"type": "FunctionCallResponse", "id": id, "name": "here", "content": "x"}

    mine, yours = PendingCall(FunctionCall("1", "here"), 0.6), FunctionCall("2", "here", client_side=False)
    assert session(*ASKED, (S, CALLED)).calls == (mine, PendingCall(yours, 0.6))
    assert session(*ASKED, (S, CALLED), answer(C, "2"), answer(S, "1")).calls == (
        mine,
        PendingCall(yours, 0.6),
    )
    assert session(*ASKED, (S, CALLED), answer(S, "2")).calls == (mine,)
    assert session(*ASKED, (S, CALLED), answer(C, "1"), answer(S, "2")).calls == ()


def test_a_response_is_matched_by_id_or_without_one_by_name(session):
    held = session(*ASKED, (S, CALLED))
    assert held.pending("2", "here").call.id == "2"
    assert held.pending("", "here").call.id == "1"
    assert held.pending("3", "here") is None
    assert held.pending("", "") is None


def test_a_cancelled_call_is_no_longer_pending_but_remembered(session):
    cancel = {"type": "FunctionCallCancelled", "functions": [{"id": "1", "name": "here"}]}
    held = session(*ASKED, (S, CALLED), (S, cancel))
    assert [pending.call.id for pending in held.calls] == ["2"]
    assert held.cancelled == (FunctionCall("1", "here"),)
    answer = {"type": "FunctionCallResponse", "id": "1", "name": "here", "content": "late"}
    assert session(*ASKED, (S, CALLED), (S, cancel), (C, answer)).cancelled == ()


def test_an_injection_keeps_the_turn_in_which_it_came(session):
    injection = (C, {"type": "InjectAgentMessage", "message": "Wait!"})
    (due,) = session((S, "UserStartedSpeaking"), injection).injections_due
    assert (due.text, due.turn, due.outcome) == ("Wait!", Turn.USER, Outcome.REFUSE)
    assert session((S, "UserStartedSpeaking"), injection, (S, "InjectionRefused")).injections_due == ()
    assert session(injection, (S, {**REPLY[1], "content": "Wait!"})).injections_due == ()


def test_a_reply_is_announced_until_it_is_over(session):
    announced = (*ASKED, REPLY, (S, {"type": "AgentStartedSpeaking", **LATENCIES}), (S, 960))
    assert session(*announced).reply_announced
    for end in ((S, "AgentAudioDone"), (S, "UserStartedSpeaking")):
        assert not session(*announced, end).reply_announced


# Limits.


def test_the_first_settings_have_a_limit_of_their_own(judge):
    assert judge().session.deadline == (10.0, "first settings")
    assert judge((C, "KeepAlive", 5.0)).session.deadline == (10.0, "first settings")


def test_silence_is_counted_from_the_clients_last_sign(session):
    assert session((C, 640, 3.0)).deadline == (13.0, "silence")


def test_the_nearest_limit_comes_first(session):
    called = (*ASKED, (S, CALLED, 1.0))
    assert session(*called, (C, "KeepAlive", 0.9)).deadline == (10.9, "silence")
    assert session(*called, (C, "KeepAlive", 1.1)).deadline == (11.0, "answer")
    answer = {"type": "FunctionCallResponse", "id": "1", "name": "here", "content": "x"}
    assert session(*called, (C, answer, 1.1)).deadline == (11.1, "silence")


def test_the_switches_set_the_limits(session, judge):
    switches = Switches(first_settings_within=2.0, silence_for=3.0, answer_within=1.0)
    assert judge(switches=switches).session.deadline == (2.0, "first settings")
    assert session((C, 640, 2.0), switches=switches).deadline == (5.0, "silence")
    assert session(*ASKED, (S, CALLED, 1.0), switches=switches).deadline == (2.0, "answer")


@pytest.mark.parametrize("end", [(S, ERROR), (S, Closed()), (C, Closed(1000))])
def test_nothing_is_due_after_the_end(session, end):
    assert session(end).deadline is None


def test_a_limit_that_ran_out_is_not_due_again(judge, session):
    assert judge((C, Elapsed("first settings"), 10.0)).session.deadline is None
    silent = (C, Elapsed("silence"), 10.2)
    assert session(silent).deadline == (6900.0, "session warning")
    assert session(silent, (C, "KeepAlive", 11.0)).deadline == (21.0, "silence")


def test_each_call_runs_out_by_itself(session):
    called = (*ASKED, (S, CALLED, 1.0), (C, "KeepAlive", 5.0))
    later = (S, {**CALLED, "functions": [{**CALL, "id": "3"}]}, 5.0)
    held = session(*called, later, (C, "KeepAlive", 9.0), (C, Elapsed("answer"), 11.0))
    assert {pending.call.id: pending.overdue for pending in held.calls} == {"1": True, "2": False, "3": False}
    assert held.deadline == (15.0, "answer")


# Whatever happens.


def test_what_the_table_forbids_changes_neither_phase_nor_turn_but_for_an_error_and_what_is_irregular():
    odd = Message("Hello", {"type": "Hello"})
    for phase, turn, (side, name) in product(Phase, Turn, TRANSITIONS):
        content = {"close": Closed(), "audio": decode(Frame(b"\0\0", binary=True))}.get(name)
        content = content or Message(name, {"type": name})
        before = Session(phase=phase, turn=turn)
        event = Event(1.0, side, content)
        later = after(before, event)
        row = before.allows(side, before.name_of(event) or "")
        if (side, name, phase) == (Side.SERVER, "SettingsApplied", Phase.EARLY):
            assert (row, later.phase) == (None, Phase.ACTIVE)
            continue
        if name == "Error" and phase not in (Phase.CLOSED, Phase.FAILED):
            assert later.phase is Phase.FAILED
        else:
            assert later.phase is ((row and row.to_phase) or phase), (phase, turn, side, name)
        assert later.turn is ((row and row.to_turn) or turn), (phase, turn, side, name)
        assert after(before, Event(1.0, side, odd)).phase is phase


@pytest.mark.parametrize(
    "type", ["audio", "close", "ConversationText of the assistant", "SettingsConfiguration"]
)
def test_a_type_that_the_dialect_does_not_know_is_no_move(type):
    for side in Side:
        event = Event(1.0, side, Message(type, {"type": type, "role": "assistant"}))
        before = Session(last_client_at=1.0, settings={})
        assert before.name_of(event) is None
        assert after(before, event) == before


def test_opening_brings_the_dialect():
    assert after(Session(), Event(0.0, S, Opened(Dialect.EARLY_ACCESS))).dialect is Dialect.EARLY_ACCESS


@pytest.mark.parametrize("depth", range(500, 1000, 7))
def test_a_value_nested_as_deep_as_can_be_read_is_no_trouble(depth):
    for type, field in (("InjectAgentMessage", "message"), ("UpdatePrompt", "prompt"), ("Settings", "agent")):
        text = f'{{"type":"{type}","{field}":{"[" * depth}{"]" * depth}}}'
        content = decode(Frame(text.encode()))
        assert after(Session(), Event(1.0, C, content)).last_client_at == 1.0


@pytest.mark.parametrize("dialect", Dialect)
@given(data=st.data())
def test_no_sequence_of_events_raises(happenings, dialect, data):
    session = Session(dialect)
    for event in data.draw(happenings(dialect)):
        later = after(session, event)
        assert later.deadline is None or isinstance(later.deadline[0], float)
        assert session.phase is not Phase.CLOSED or later.phase is Phase.CLOSED
        assert len(later.injections_due) <= len(session.injections_due) + 1
        assert len(later.typed_texts_due) <= len(session.typed_texts_due) + 1
        session = later


@pytest.mark.parametrize("dialect", Dialect)
@given(data=st.data())
def test_a_limit_that_is_told_of_moves_on(happenings, dialect, data):
    session = Session(dialect)
    for event in data.draw(happenings(dialect)):
        session = after(session, event)
        for _ in range(len(session.calls) + 4):
            if session.deadline is None:
                break
            at, limit = session.deadline
            later = after(session, Event(at, C, Elapsed(limit)))
            assert later.deadline is None or later.deadline > session.deadline
            session = later
        assert session.deadline is None


def test_a_typed_text_is_due_until_it_is_repeated_and_of_several_the_oldest_goes_for_another_text(session):
    typed = [(C, {"type": "InjectUserMessage", "content": text}) for text in ("a", "b", "c")]
    said = [(S, {"type": "ConversationText", "role": "user", "content": text}) for text in ("b", "other")]
    assert session(*typed).typed_texts_due == ("a", "b", "c")
    assert session(*typed, said[0]).typed_texts_due == ("a", "c")
    assert session(*typed, said[1]).typed_texts_due == ("b", "c")


def test_history_tells_of_one_statement_at_a_time(session):
    texts = [(S, {"type": "ConversationText", "role": "assistant", "content": text}) for text in "abc"]
    told = (S, {"type": "History", "role": "assistant", "content": "b"})
    unknown = (S, {"type": "History", "role": "assistant", "content": "d"})
    assert session(*ASKED, *texts, told).statements[1:] == (("assistant", "a"), ("assistant", "c"))
    assert len(session(*ASKED, *texts, unknown).statements) == 4


def test_a_limit_is_known_by_its_name(session):
    now = session()
    assert now.runs_out_at("silence") == now.deadline[0]
    assert now.runs_out_at("the session") == 7200.0
    assert now.runs_out_at("answer") is None
    assert session((C, Elapsed("silence"))).runs_out_at("silence") is None


def test_a_text_is_a_statement_only_of_the_server(session):
    body = USER[1]
    assert session().name_of(Event(9.0, S, Message(body["type"], body))) == USER_TEXT
    assert session().name_of(Event(9.0, C, Message(body["type"], body))) is None


@pytest.mark.parametrize(
    ("lasts", "warned_at"), [(299.0, None), (300.0, None), (300.5, 0.5), (301.0, 1.0), (400.0, 100.0)]
)
def test_a_session_is_warned_of_its_end_where_there_is_time_to(session, lasts, warned_at):
    held = session(switches=Switches(session_for=lasts))
    assert held.runs_out_at("session warning") == warned_at
    assert held.runs_out_at("the session") == lasts


def test_settings_are_to_be_acknowledged(judge, settings):
    sent = judge((C, settings()))
    assert sent.session.acknowledgements_due == ("SettingsApplied",)


def test_a_cancelled_call_is_known_by_its_id_or_its_name(session):
    cancelled = {"type": "FunctionCallCancelled", "functions": [{"id": "1", "name": "here"}]}
    now = session(*ASKED, (S, CALLED), (S, "UserStartedSpeaking"), (S, cancelled))
    assert now.cancelled_call("1", "other").id == "1"
    assert now.cancelled_call("", "here").id == "1"
    assert now.cancelled_call("2", "here") is None
    assert now.cancelled_call("", "other") is None


def test_of_pending_injections_the_one_with_these_very_words_is_spoken(session):
    free = (C, {"type": "InjectAgentMessage", "message": "", "is_dynamic": True})
    worded = (C, {"type": "InjectAgentMessage", "message": "Mind the gap."})
    for both in ((free, worded), (worded, free)):
        now = session(*both)
        assert now.injection_spoken_by({"content": "Mind the gap."}).text == "Mind the gap."
        assert now.injection_spoken_by({"content": "Anything else."}).text == ""


def test_silence_counts_from_settings_on_though_no_welcome_came(judge, settings):
    early = judge((C, settings(), 0.5)).session
    assert early.phase is Phase.EARLY
    assert early.deadline == (10.5, "silence")
