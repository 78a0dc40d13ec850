"""Published SDKs, unmodified, finish whole conversations with `mockagent serve`."""

import json

import pytest
from playing import drive

SECOND_OF_AUDIO = 24_000 * 2


@pytest.mark.parametrize("scenario", ["barge_in", "function_call", "injection_refused"])
def test_an_sdk_finishes_the_scenario(plays, scenario):
    play = plays[scenario]
    assert (play.driver_status, play.server_status) == (0, 0), play.account()
    assert play.errors() == [], play.account()
    assert play.unknown() == [], play.account()
    assert play.broken() == [], play.account()


def test_a_barge_in_reaches_the_application(plays):
    play = plays["barge_in"]
    events = play.events()
    assert events[:2] == ["Welcome", "SettingsApplied"], play.account()
    assert events.count("UserStartedSpeaking") == 2, play.account()
    assert events.count("AgentAudioDone") == 2, play.account()
    roles = [text["role"] for text in play.bodies("ConversationText")]
    assert roles == ["assistant", "user", "assistant", "user", "assistant"], play.account()
    assert play.audio_bytes() > SECOND_OF_AUDIO, play.account()


def test_a_function_call_is_answered_by_the_application(plays):
    play = plays["function_call"]
    (request,) = play.bodies("FunctionCallRequest")
    (call,) = request["functions"]
    assert call["name"] == "get_weather", play.account()
    assert call["client_side"] is True, play.account()
    assert "location" in json.loads(call["arguments"]), play.account()
    assert play.events()[-1] == "AgentAudioDone", play.account()


def test_a_refused_injection_is_told_to_the_application(plays):
    play = plays["injection_refused"]
    events = play.events()
    assert events.count("InjectionRefused") == 1, play.account()
    assert events.index("InjectionRefused") < events.index("AgentAudioDone"), play.account()


def test_a_driver_says_so_when_it_does_not_know_the_intent(driver, tmp_path):
    surroundings = {
        "DEEPGRAM_API_KEY": "a-key",
        "MOCKAGENT_URL": "ws://127.0.0.1:9/v1/agent/converse",
        "MOCKAGENT_HTTP_URL": "http://127.0.0.1:9",
        "MOCKAGENT_INTENT": json.dumps({"do": "juggle"}),
    }
    assert drive(driver, surroundings, tmp_path) == 127
    assert "juggle" in (tmp_path / "driver.txt").read_text()
