"""MSG: what a message must be."""

import pytest

from mockagent.protocol.events import Audio, Dialect, Malformed, Side
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
MHM = {
    "type": "ConversationText",
    "role": "user",
    "content": "Mhm.",
    "conversational_behavior": "backchannel",
}
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
        ((S, {"type": "FrustrationDetected", "count": 1, "escalated": False}), ("MSG-011",)),
        ((S, {"type": "ThinkLiveUpdated"}), ("MSG-011", "UPD-001")),
        ((S, {"type": "__customFromThinkProvider", "content": 1}), ("MSG-011",)),
        ((S, MHM), ("MSG-011",)),
    ],
)
def test_each_departure_breaks_only_its_requirement(broken_in_session, step, ids):
    assert broken_in_session(step) == ids


@pytest.mark.parametrize("field", ["languages", "languages_hinted"])
def test_languages_of_another_model_break_only_their_requirement(broken_in_session, settings, field):
    told = (S, {"type": "ConversationText", "role": "user", "content": "Hallo!", field: ["de"]})
    assert broken_in_session((S, "UserStartedSpeaking"), told) == ("MSG-012",)
    listen = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-general-multi"}}
    multilingual = settings(agent={**settings()["agent"], "listen": listen})
    assert broken_in_session((S, "UserStartedSpeaking"), told, settings=multilingual) == ()


def test_a_backchannel_is_fine_where_enabled_and_takes_no_turn(broken_in_session):
    speaks = ((S, {"type": "ConversationText", "role": "assistant", "content": "Well."}), (S, 640))
    steps = (*speaks, (S, MHM), (S, 640), (S, "AgentAudioDone"))
    assert broken_in_session(*steps, switches=Switches(think_live=True)) == ()


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


def test_languages_before_settings_are_no_trouble(broken):
    spoken = {"type": "ConversationText", "role": "user", "content": "Hi", "languages": ["en"]}
    assert "MSG-012" not in broken((S, spoken))


def test_what_is_not_enabled_is_told_where_it_stands(violations, settings):
    body = settings(agent={**settings()["agent"], "think_live": {}})
    found = [each for each in violations((C, body)) if each.requirement.id == "MSG-010"]
    assert [(each.expected, each.got, each.pointer) for each in found] == [
        ("no field that is not enabled for this account", "think_live", "/agent/think_live")
    ]


def test_a_behavior_that_is_not_enabled_is_told_where_it_stands(violations_in_session):
    found = [each for each in violations_in_session((S, MHM)) if each.requirement.id == "MSG-011"]
    assert [(each.expected, each.got, each.pointer) for each in found] == [
        ("no behavior but default without think_live", "backchannel", "/conversational_behavior")
    ]


@pytest.mark.parametrize(("type", "field"), [("InjectionRefused", "message"), ("Warning", "description")])
def test_what_went_wrong_without_words_breaks_msg_014(violations_in_session, type, field):
    body = {"type": type, field: "", "code": "SLOW_THINK_REQUEST"}
    told = [each for each in violations_in_session((S, body)) if each.requirement.id == "MSG-014"]
    assert [(each.expected, each.got, each.pointer) for each in told] == [
        ("words for people", "an empty text", f"/{field}")
    ]
