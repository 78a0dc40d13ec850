"""LIV: a client must show that it is there."""

import pytest

from mockagent.protocol.events import Elapsed, Malformed, Side

C, S = Side.CLIENT, Side.SERVER


def test_settings_in_time_break_nothing(judge):
    assert judge((S, "Welcome", 0.02)).session.deadline == (10.0, "first settings")


def test_no_settings_in_time_break_only_liv_001(broken):
    welcome = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}
    assert broken((S, welcome, 0.02), (C, Elapsed("first settings"), 10.0)) == ("LIV-001",)


def test_silence_breaks_only_liv_002(broken_in_session):
    assert broken_in_session((C, Elapsed("silence"), 10.2)) == ("LIV-002",)


@pytest.mark.parametrize(
    "sign", [640, "KeepAlive", Malformed("JSON", "x", 1), {"type": "UpdatePrompt", "prompt": "x"}]
)
def test_every_sign_of_life_counts(session, sign):
    assert session((C, sign, 8.0)).deadline == (18.0, "silence")


def test_what_the_server_sends_is_no_sign_of_the_client(session):
    assert session((S, "UserStartedSpeaking", 8.0)).deadline == (10.2, "silence")
