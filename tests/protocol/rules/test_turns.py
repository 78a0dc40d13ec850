"""TRN: who speaks when."""

import pytest

from mockagent.protocol.events import Side

C, S = Side.CLIENT, Side.SERVER
STARTED = (S, "UserStartedSpeaking")
USER = (S, {"type": "ConversationText", "role": "user", "content": "What is the weather?"})
TYPED = (C, {"type": "InjectUserMessage", "content": "What is the weather?"})
REPLY = (S, {"type": "ConversationText", "role": "assistant", "content": "It is sunny."})
THOUGHT = (S, {"type": "AgentThinking", "content": "Where is that?"})
BEGINS = (
    S,
    {"type": "AgentStartedSpeaking", "total_latency": 0.3, "tts_latency": 0.1, "ttt_latency": 0.2},
)
AUDIO, DONE = (S, 960), (S, "AgentAudioDone")
INTERRUPTING = (C, {"type": "InjectAgentMessage", "message": "Wait!", "behavior": "interrupt"})
INTERRUPTION = (S, {"type": "ConversationText", "role": "assistant", "content": "Wait!"})
WELCOMED = ((S, {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}),)


@pytest.mark.parametrize(
    "steps",
    [
        (STARTED, USER, THOUGHT, REPLY, BEGINS, AUDIO, DONE, (S, {"type": "LatencyReport"})),
        (STARTED, USER, USER, REPLY, BEGINS, AUDIO, REPLY, AUDIO, DONE),
        (TYPED, USER, REPLY, BEGINS, AUDIO, DONE),
        (STARTED, USER, BEGINS, REPLY, AUDIO, DONE),
        (REPLY, AUDIO, STARTED, USER, REPLY, BEGINS, AUDIO, DONE),
        (STARTED, USER, STARTED, USER, REPLY, BEGINS, AUDIO, STARTED),
        (STARTED, USER, REPLY, BEGINS, AUDIO, TYPED, USER, REPLY, BEGINS, AUDIO, DONE),
        (STARTED, USER, REPLY, BEGINS, AUDIO, INTERRUPTING, INTERRUPTION, BEGINS, AUDIO, DONE),
        (STARTED, INTERRUPTING, INTERRUPTION, AUDIO, STARTED, USER),
        (REPLY, AUDIO, DONE),
    ],
)
def test_turns_as_they_happen_break_nothing(broken_in_session, steps):
    assert broken_in_session(*steps) == ()


@pytest.mark.parametrize("before", [(), (REPLY,), (REPLY, AUDIO)])
def test_the_users_text_out_of_the_blue_breaks_only_trn_001(broken_in_session, before):
    assert broken_in_session(*before, USER) == ("TRN-001",)


def test_a_reply_while_the_user_speaks_breaks_only_trn_002(broken_in_session):
    assert broken_in_session(STARTED, REPLY) == ("TRN-002",)


def test_a_pending_interruption_excuses_no_other_text(broken_in_session):
    assert broken_in_session(STARTED, INTERRUPTING, REPLY) == ("TRN-002",)


@pytest.mark.parametrize("before", [(), (STARTED,), (STARTED, USER, REPLY)])
def test_a_thought_elsewhere_breaks_only_trn_003(broken_in_session, before):
    assert broken_in_session(*before, THOUGHT) == ("TRN-003",)


@pytest.mark.parametrize("before", [(REPLY, AUDIO), (REPLY, AUDIO, DONE), (STARTED,)])
def test_agent_started_speaking_elsewhere_breaks_only_trn_004(broken_in_session, before):
    assert broken_in_session(*before, BEGINS) == ("TRN-004",)


def test_agent_started_speaking_twice_breaks_only_trn_005(broken_in_session):
    assert broken_in_session(STARTED, USER, REPLY, BEGINS, BEGINS) == ("TRN-005",)


@pytest.mark.parametrize("step", [STARTED, USER, REPLY, THOUGHT, BEGINS, AUDIO, DONE])
def test_events_before_settings_break_only_trn_006(broken, step):
    assert broken(*WELCOMED, step) == ("TRN-006",)


def test_a_warning_may_come_before_settings(broken):
    assert broken(*WELCOMED, (S, {"type": "Warning", "code": "PROMPT_TOO_LONG", "description": "x"})) == ()


def test_of_several_typed_texts_any_may_come_first(broken_in_session):
    other = (C, {"type": "InjectUserMessage", "content": "And tomorrow?"})
    answer = (S, {"type": "ConversationText", "role": "user", "content": "And tomorrow?"})
    assert broken_in_session(TYPED, other, answer, REPLY, USER) == ()


def test_another_text_than_was_typed_breaks_only_trn_009(broken_in_session):
    other = (S, {"type": "ConversationText", "role": "user", "content": "And tomorrow?"})
    assert broken_in_session(TYPED, other) == ("TRN-009",)
    assert broken_in_session(TYPED, STARTED, other, USER) == ()


def test_an_empty_text_is_repeated_where_it_was_typed_and_breaks_trn_008_where_it_was_not(broken_in_session):
    empty = (S, {"type": "ConversationText", "role": "user", "content": ""})
    typed = (C, {"type": "InjectUserMessage", "content": ""})
    assert "TRN-008" not in broken_in_session(typed, empty)
    assert "TRN-008" in broken_in_session(STARTED, empty)
    assert "TRN-008" in broken_in_session(TYPED, empty)


@pytest.mark.parametrize(
    ("type", "part"),
    [
        ("AgentStartedSpeaking", "tts_latency"),
        ("AgentStartedSpeaking", "ttt_latency"),
        ("LatencyReport", "tts_latency"),
        ("LatencyReport", "ttt_text_latency"),
    ],
)
@pytest.mark.parametrize(("share", "is_too_much"), [(0.3, False), (0.31, True)])
def test_a_part_of_the_latency_is_at_most_the_total(violations_in_session, type, part, share, is_too_much):
    body = {"type": type, "total_latency": 0.3, part: share}
    found = [
        each
        for each in violations_in_session((S, body))
        if each.pointer == f"/{part}" and each.got != "nothing"
    ]
    assert [(each.expected, each.got) for each in found] == (
        [("at most the total_latency (0.3)", "0.31")] if is_too_much else []
    )


def test_a_reply_of_several_texts_is_announced_once(broken_in_session):
    assert broken_in_session(STARTED, USER, REPLY, BEGINS, REPLY, BEGINS) == ("TRN-005",)
    assert broken_in_session(STARTED, USER, REPLY, BEGINS, INTERRUPTING, INTERRUPTION, BEGINS) == ()
