"""AUD: what audio must be, and where it may come."""

import pytest

from mockagent.protocol.events import Audio, Side

C, S = Side.CLIENT, Side.SERVER
REPLY = (S, {"type": "ConversationText", "role": "assistant", "content": "Hello!"})
MEBIBYTE = 1_048_576


def test_whole_samples_in_their_place_break_nothing(broken_in_session):
    reply = (REPLY, (S, 960), (S, MEBIBYTE), (S, "AgentAudioDone"))
    assert broken_in_session((C, 640), (C, 2), *reply) == ()


def test_an_empty_frame_of_the_client_breaks_only_aud_001(broken_in_session):
    assert broken_in_session((C, 0)) == ("AUD-001",)


def test_half_a_sample_of_the_client_breaks_only_aud_002(broken_in_session):
    assert broken_in_session((C, 641)) == ("AUD-002",)


def test_the_encoding_says_what_a_sample_is(broken_in_session, settings):
    audio = {
        "input": {"encoding": "mulaw", "sample_rate": 8000},
        "output": {"encoding": "mulaw", "sample_rate": 8000},
    }
    reply = (REPLY, (S, 159), (S, "AgentAudioDone"))
    assert broken_in_session((C, 641), *reply, settings=settings(audio=audio)) == ()
    audio["input"] = {"encoding": "linear32", "sample_rate": 8000}
    assert broken_in_session((C, 642), settings=settings(audio=audio)) == ("AUD-002",)


def test_a_message_sent_as_binary_is_not_judged_as_audio(broken_in_session):
    assert broken_in_session((C, Audio(21, largest=21, json=True))) == ("MSG-005",)


def test_an_empty_frame_of_the_server_breaks_only_aud_003(broken_in_session):
    assert broken_in_session(REPLY, (S, 0)) == ("AUD-003",)


def test_half_a_sample_of_the_server_breaks_only_aud_004(broken_in_session):
    assert broken_in_session(REPLY, (S, 961)) == ("AUD-004",)


def test_a_frame_above_a_mebibyte_breaks_only_aud_005(broken_in_session):
    assert broken_in_session(REPLY, (S, MEBIBYTE + 2)) == ("AUD-005",)


def test_a_run_of_frames_may_be_longer_than_any_of_them(broken_in_session):
    assert broken_in_session(REPLY, (S, Audio(2 * MEBIBYTE, frames=2, largest=MEBIBYTE))) == ()


def test_audio_after_user_started_speaking_breaks_only_aud_006(broken_in_session):
    barge_in = (REPLY, (S, 960), (S, "UserStartedSpeaking"))
    assert broken_in_session(*barge_in) == ()
    assert broken_in_session(*barge_in, (S, 960)) == ("AUD-006",)


def test_late_audio_does_not_make_the_next_reply_wrong(broken_in_session):
    user = (S, {"type": "ConversationText", "role": "user", "content": "Stop."})
    latencies = {"total_latency": 0.3, "tts_latency": 0.1, "ttt_latency": 0.2}
    begins = (S, {"type": "AgentStartedSpeaking", **latencies})
    late = (REPLY, (S, 960), (S, "UserStartedSpeaking"), (S, 960))
    assert broken_in_session(*late, user, begins, REPLY, (S, 960), (S, "AgentAudioDone")) == ("AUD-006",)


@pytest.mark.parametrize(
    "before",
    [(), (REPLY, (S, 960), (S, "AgentAudioDone"))],
    ids=["before any reply", "after AgentAudioDone"],
)
def test_audio_outside_a_reply_breaks_only_aud_007(broken_in_session, before):
    assert broken_in_session(*before, (S, 960)) == ("AUD-007",)


@pytest.mark.parametrize(
    "before",
    [(), (REPLY,), (REPLY, (S, 960), (S, "AgentAudioDone")), (REPLY, (S, 960), (S, "UserStartedSpeaking"))],
    ids=["before any reply", "without audio", "twice", "after a barge-in"],
)
def test_agent_audio_done_elsewhere_breaks_only_aud_008(broken_in_session, before):
    assert broken_in_session(*before) == ()
    assert broken_in_session(*before, (S, "AgentAudioDone")) == ("AUD-008",)


def test_an_encoding_that_is_not_counted_has_no_half_samples(broken_in_session, settings):
    audio = {
        "input": {"encoding": "opus", "sample_rate": 16000},
        "output": {"encoding": "mp3", "sample_rate": 24000},
    }
    assert broken_in_session((C, 641), REPLY, (S, 159), settings=settings(audio=audio)) == ()
