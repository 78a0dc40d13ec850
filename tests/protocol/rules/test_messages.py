"""MSG: what a message must be."""

import pytest

from mockagent.protocol.events import Audio, Dialect, Malformed, Side
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
NO_JSON = Malformed("JSON", "an empty text frame", 0)


def test_plain_messages_of_both_sides_break_nothing(broken_in_session):
    assert broken_in_session((C, "KeepAlive"), (C, 640), (S, "UserStartedSpeaking")) == ()


@pytest.mark.parametrize(
    ("step", "ids"),
    [
        ((C, NO_JSON), ("MSG-001",)),
        ((C, "Hello"), ("MSG-002",)),
        ((C, {"type": "UpdatePrompt"}), ("MSG-003",)),
        ((C, {"type": "KeepAlive", "more": 1}), ("MSG-004",)),
        ((C, Audio(20, largest=20, json=True)), ("MSG-005",)),
        ((S, NO_JSON), ("MSG-006",)),
        ((S, "Hello"), ("MSG-007",)),
        ((S, {"type": "ConversationText", "role": "assistant"}), ("MSG-008",)),
        ((S, {"type": "UserStartedSpeaking", "more": 1}), ("MSG-009",)),
        (
            (
                C,
                {
                    "type": "UpdateThink_Live",
                    "think_live": {"provider": {"type": "deepgram", "version": "v1"}},
                },
            ),
            ("MSG-010",),
        ),
    ],
)
def test_each_departure_breaks_only_its_requirement(broken_in_session, step, ids):
    assert broken_in_session(step) == ids


def test_invite_only_features_are_fine_where_enabled(broken_in_session):
    step = (
        C,
        {"type": "UpdateThink_Live", "think_live": {"provider": {"type": "deepgram", "version": "v1"}}},
    )
    assert broken_in_session(step, switches=Switches(think_live=True)) == ()


def test_think_live_in_settings_is_found_too(broken, settings):
    body = settings()
    body = {
        **body,
        "agent": {**body["agent"], "think_live": {"provider": {"type": "deepgram", "version": "v1"}}},
    }
    begun = ((S, {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}), (C, body))
    assert "MSG-010" in broken(*begun)


def test_types_of_the_other_dialect_are_unknown(broken_in_session):
    step = (C, {"type": "UpdatePrompt", "prompt": "Be brief."})
    assert broken_in_session(step) == ()
    assert broken_in_session(step, dialect=Dialect.EARLY_ACCESS) == ("MSG-002",)


@pytest.mark.parametrize("word", ["audio", "close", "malformed", "elapsed", "opened", "message", "*"])
@pytest.mark.parametrize(("side", "id"), [(C, "MSG-002"), (S, "MSG-007")])
def test_a_type_that_is_a_word_of_ours_is_as_unknown_as_any_other(broken_in_session, word, side, id):
    assert broken_in_session((side, word)) == (id,)
