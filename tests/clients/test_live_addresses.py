"""Published SDKs that go where they go in production, `mockagent run` around them, finish whole conversations.

What each of them needs is in the README. None gets an address: those in its environment lead nowhere.
"""

from pathlib import Path

import pytest
from playing import INTENTS, PROGRAM, drive, play_beside, play_over_tls
from published import EARLY_ACCESS, SDKS

EARLY_ACCESS_CALL = str(Path(__file__).with_name("early_access_call.yaml"))
TALK = {"do": "talk", "replies": 1}


def check(play):
    assert (play.driver_status, play.server_status) == (0, 0), play.account()
    assert play.errors() == [], play.account()
    assert play.unknown() == [], play.account()
    assert play.broken() == [], play.account()
    assert [line["ending"] for line in play.told if line["event"] == "session_closed"] == ["finished"]


@pytest.mark.parametrize("sdk", ["python_4", "python_5", "python_7", "javascript_5"])
def test_an_sdk_finishes_at_the_live_address(sdk, tmp_path):
    play = play_beside(
        SDKS[sdk].command(), "function_call", INTENTS["function_call"], tmp_path, unmodified=True
    )
    check(play)
    (request,) = play.bodies("FunctionCallRequest")
    assert request["functions"][0]["name"] == "get_weather", play.account()


def test_an_sdk_of_the_early_access_dialect_finishes_at_the_live_address(tmp_path):
    command = EARLY_ACCESS["python_3"].command()
    play = play_beside(command, EARLY_ACCESS_CALL, TALK, tmp_path, unmodified=True)
    check(play)
    assert play.events()[:2] == ["Welcome", "SettingsApplied"], play.account()
    assert "session_id" in play.bodies("Welcome")[0], play.account()
    assert play.events()[-1] == "AgentAudioDone", play.account()


@pytest.mark.parametrize("sdk", ["python_7_async", "javascript_4"])
def test_an_sdk_that_reads_no_proxy_finishes_at_the_address_it_is_given(sdk, tmp_path):
    check(
        play_beside(
            SDKS[sdk].command(), "function_call", INTENTS["function_call"], tmp_path, unmodified=False
        )
    )


@pytest.mark.parametrize("sdk", ["python_5", "python_7", "python_7_async", "javascript_5", "javascript_4"])
def test_an_sdk_finishes_over_tls(sdk, tmp_path):
    check(play_over_tls(SDKS[sdk].command(), "function_call", INTENTS["function_call"], tmp_path))


@pytest.mark.parametrize("sdk", ["python_5", "python_7"])
def test_an_sdk_lists_the_think_models_at_the_live_address(sdk, tmp_path):
    code = (
        "from deepgram import DeepgramClient\n"
        "for model in DeepgramClient(api_key='any').agent.v1.settings.think.models.list().models: print(model.id)"
    )
    python = SDKS[sdk].command()[0]
    command = [PROGRAM, "run", "-q", "--tls-folder", str(tmp_path / "tls"), "--", python, "-c", code]
    drive(command, {}, tmp_path)
    assert "gpt-4o-mini\n" in (tmp_path / "driver.txt").read_text()
