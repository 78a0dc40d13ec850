"""INJ: injected statements are spoken or refused as the table says."""

import pytest

from mockagent.protocol.events import Side

C, S = Side.CLIENT, Side.SERVER
STARTED = (S, "UserStartedSpeaking")
REFUSED = (S, {"type": "InjectionRefused", "message": "No."})
AUDIO, DONE = (S, 960), (S, "AgentAudioDone")


def says(text):
    return S, {"type": "ConversationText", "role": "assistant", "content": text}


def inject(text="Mind the gap.", behavior="default"):
    return C, {"type": "InjectAgentMessage", "message": text, "behavior": behavior}


SPEAKING = (says("It is sunny."), AUDIO)
INJECTED = says("Mind the gap.")


@pytest.mark.parametrize(
    "steps",
    [
        (inject(), INJECTED, AUDIO, DONE),
        (STARTED, inject(), REFUSED),
        (*SPEAKING, inject(), REFUSED),
        (STARTED, inject(behavior="queue"), REFUSED),
        (*SPEAKING, inject(behavior="queue"), DONE, INJECTED, AUDIO, DONE),
        (*SPEAKING, inject(behavior="interrupt"), INJECTED, AUDIO, DONE),
        (STARTED, inject(behavior="interrupt"), INJECTED, AUDIO, DONE),
    ],
)
def test_the_table_as_it_is_breaks_nothing(broken_in_session, steps):
    assert broken_in_session(*steps) == ()


def test_an_unasked_refusal_breaks_only_inj_001(broken_in_session):
    assert broken_in_session(REFUSED) == ("INJ-001",)
    assert broken_in_session(*SPEAKING, inject(), REFUSED, REFUSED) == ("INJ-001",)


@pytest.mark.parametrize(
    "steps",
    [
        (inject(), REFUSED),
        (*SPEAKING, inject(behavior="queue"), REFUSED),
        (*SPEAKING, inject(behavior="interrupt"), REFUSED),
        (STARTED, inject(behavior="interrupt"), REFUSED),
    ],
)
def test_a_refusal_that_the_table_does_not_know_breaks_only_inj_002(broken_in_session, steps):
    assert broken_in_session(*steps) == ("INJ-002",)


def test_speaking_what_is_to_be_refused_breaks_only_inj_003(broken_in_session):
    assert broken_in_session(*SPEAKING, inject(), DONE, INJECTED) == ("INJ-003",)


def test_a_refusal_is_of_what_the_table_refuses_and_the_queued_one_stays(broken_in_session):
    queued = inject("Mind the gap.", "queue")
    steps = (*SPEAKING, queued, inject("Now!"), REFUSED)
    assert broken_in_session(*steps, DONE, INJECTED) == ()
    assert broken_in_session(*steps, REFUSED) == ("INJ-002",)


def test_the_same_text_twice_is_two_injections(broken_in_session):
    queued = inject(behavior="queue")
    twice = (*SPEAKING, queued, queued, DONE, INJECTED, AUDIO, DONE)
    assert broken_in_session(*twice, REFUSED) == ("INJ-002",)
    assert broken_in_session(*twice, INJECTED, AUDIO, DONE, REFUSED) == ("INJ-001",)


def test_a_text_that_was_refused_may_be_asked_for_again(broken_in_session):
    again = (*SPEAKING, inject(), inject(behavior="queue"), DONE, INJECTED)
    assert broken_in_session(*again) == ()


def test_the_server_finds_the_words_of_a_dynamic_injection(broken_in_session, session):
    dynamic = (C, {"type": "InjectAgentMessage", "is_dynamic": True, "behavior": "interrupt"})
    steps = (*SPEAKING, dynamic, says("One moment."), AUDIO, DONE)
    assert broken_in_session(*steps) == ()
    assert session(*steps).injections_due == ()


def test_no_text_is_taken_for_a_dynamic_injection_that_must_be_refused(broken_in_session):
    dynamic = (C, {"type": "InjectAgentMessage", "is_dynamic": True})
    assert broken_in_session(*SPEAKING, dynamic, says("And warm."), AUDIO, REFUSED) == ()


def test_a_queued_injection_in_the_middle_of_the_reply_breaks_only_inj_005(broken_in_session):
    assert broken_in_session(*SPEAKING, inject(behavior="queue"), INJECTED) == ("INJ-005",)
    both = (inject(behavior="queue"), inject(behavior="interrupt"))
    assert broken_in_session(*SPEAKING, *both, INJECTED, AUDIO, DONE, INJECTED) == ()


def test_what_waits_is_told_by_its_own_words(broken_in_session):
    steps = (*SPEAKING, inject(behavior="queue"), inject("Now!"), INJECTED)
    assert "INJ-005" in broken_in_session(*steps)


def test_a_dynamic_injection_needs_no_words(broken_in_session):
    dynamic = {"type": "InjectAgentMessage", "is_dynamic": True, "message": ""}
    assert "INJ-006" not in broken_in_session((C, dynamic))
    assert "INJ-006" in broken_in_session((C, {**dynamic, "is_dynamic": False}))


def test_a_user_may_say_the_very_words_of_a_refused_injection(broken_in_session):
    said = (S, {"type": "ConversationText", "role": "user", "content": inject()[1]["message"]})
    assert "INJ-003" not in broken_in_session((S, "UserStartedSpeaking"), inject(), said)


def test_a_user_may_type_the_very_words_of_a_queued_injection(broken_in_session):
    typed = (C, {"type": "InjectUserMessage", "content": "Mind the gap."})
    said = (S, {"type": "ConversationText", "role": "user", "content": "Mind the gap."})
    assert broken_in_session(*SPEAKING, inject(behavior="queue"), typed, said) == ()


@pytest.mark.parametrize("field", ["message", "content"])
def test_an_injection_without_words_is_told_by_the_field_that_has_none(violations_in_session, field):
    body = {"type": "InjectAgentMessage", field: ""}
    told = [each for each in violations_in_session((C, body)) if each.requirement.id == "INJ-006"]
    assert [(each.expected, each.got, each.pointer) for each in told] == [
        ("words for the agent to say", "an empty text", f"/{field}")
    ]
