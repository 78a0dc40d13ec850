"""UPD: updates and their acknowledgements."""

import pytest

from mockagent.protocol.events import Side

C, S = Side.CLIENT, Side.SERVER
PROMPT = (C, {"type": "UpdatePrompt", "prompt": "Be formal."})
SPEAK = (
    C,
    {"type": "UpdateSpeak", "speak": {"provider": {"type": "deepgram", "model": "aura-2-odysseus-en"}}},
)
LISTEN = (C, {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", "keyterms": ["fish"]}}})
FIXED = (C, {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", "model": "nova-2"}}})
UNSUPPORTED = (
    S,
    {"type": "Warning", "code": "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED", "description": "x"},
)


def test_acknowledgements_in_order_break_nothing(broken_in_session):
    steps = (PROMPT, (S, "PromptUpdated"), SPEAK, PROMPT, (S, "SpeakUpdated"), (S, "PromptUpdated"))
    assert broken_in_session(*steps) == ()


def test_an_update_may_stay_unanswered(broken_in_session):
    assert broken_in_session(PROMPT) == ()


@pytest.mark.parametrize("type", ["PromptUpdated", "SpeakUpdated", "ThinkUpdated", "ListenUpdated"])
def test_an_unasked_acknowledgement_breaks_only_upd_001(broken_in_session, type):
    assert broken_in_session((S, type)) == ("UPD-001",)


def test_a_second_acknowledgement_breaks_only_upd_001(broken_in_session):
    assert broken_in_session(PROMPT, (S, "PromptUpdated"), (S, "PromptUpdated")) == ("UPD-001",)


def test_another_order_breaks_only_upd_002(broken_in_session):
    steps = (PROMPT, SPEAK, (S, "SpeakUpdated"), (S, "PromptUpdated"))
    assert broken_in_session(*steps) == ("UPD-002",)


def test_a_warning_instead_of_listen_updated_settles_it(broken_in_session):
    assert broken_in_session(FIXED, UNSUPPORTED, PROMPT, (S, "PromptUpdated")) == ("UPD-004",)
    assert broken_in_session(FIXED, UNSUPPORTED, (S, "ListenUpdated")) == ("UPD-004", "UPD-001")


SPOKEN = (S, {"type": "ConversationText", "role": "assistant", "content": "Hello."})
TOO_LONG = (S, {"type": "Warning", "code": "PROMPT_TOO_LONG", "description": "x"})
LONG = (C, {"type": "UpdatePrompt", "prompt": "x" * 25_000})
"""With the prompt of the Settings it is too long."""


def test_speaking_by_a_cut_prompt_unwarned_breaks_only_upd_003_and_once(broken_in_session):
    assert broken_in_session(LONG, (S, "PromptUpdated"), SPOKEN, SPOKEN) == ("UPD-003",)


def test_a_cut_prompt_is_warned_of(broken_in_session):
    assert broken_in_session(LONG, (S, "PromptUpdated"), TOO_LONG, SPOKEN) == ()


def test_the_user_may_speak_before_a_cut_prompt_is_told_of(broken_in_session):
    user = (S, {"type": "ConversationText", "role": "user", "content": "Hello."})
    assert "UPD-003" not in broken_in_session(LONG, (S, "UserStartedSpeaking"), user)
