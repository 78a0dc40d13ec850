"""Every driver plays what an intent says step by step, and tells what its application saw of it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from playing import SPEED, Play, play
from published import BROWSER, EARLY_ACCESS, SDKS

from mockagent import catalogue
from mockagent.conformance.intents import intent_of
from mockagent.conformance.observing.lines import read
from mockagent.scenario.lines import lines_to_play

SCENARIOS = ("text_only", "long_answer", "prompt_and_speak_updates")
"""Typing, speaking up in the midst of an answer, and updating."""


def intent(name: str) -> dict[str, object]:
    """What the kit asks of a client in this scenario, all of it in its steps."""
    scenario = catalogue.load_scenario(catalogue.find_scenario(name))
    return {**intent_of(lines_to_play(scenario)[0], scenario.dialect, SPEED), "do": "play"}


@pytest.fixture(scope="module", params=SDKS)
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Play]:
    """How each of SCENARIOS went for one SDK."""
    command = SDKS[request.param].command()
    with ThreadPoolExecutor(len(SCENARIOS)) as stage:
        running = {
            name: stage.submit(play, command, name, intent(name), tmp_path_factory.mktemp(name))
            for name in SCENARIOS
        }
        return {name: future.result() for name, future in running.items()}


def check(seen: Play) -> None:
    assert (seen.driver_status, seen.server_status) == (0, 0), seen.account()
    assert seen.broken() == [], seen.account()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_sdk_plays_the_steps(parts, scenario):
    check(parts[scenario])


def test_the_application_stops_playing_when_the_user_speaks(parts):
    seen = parts["long_answer"]
    stops = [line for line in seen.observed if line.get("playback") == "stopped"]
    assert len(stops) == seen.events().count("UserStartedSpeaking") >= 2, seen.account()


def test_what_the_application_saw_is_told_as_the_kit_reads_it(parts):
    text = "\n".join(json.dumps(line) for line in parts["text_only"].observed)
    assert read(text).is_valid, parts["text_only"].account()


@pytest.mark.parametrize("sdk", ["python_7", "javascript_5"])
def test_speech_is_heard_in_other_audio_than_the_usual_one(sdk, tmp_path):
    check(play(SDKS[sdk].command(), "telephone_mulaw", intent("telephone_mulaw"), tmp_path))


def test_the_sdk_of_early_access_plays_the_steps(tmp_path):
    name = "early_access_new_voice"
    check(play(EARLY_ACCESS["python_3"].command(), name, intent(name), tmp_path))


@pytest.mark.skipif(not BROWSER["browser"].is_here(), reason="there is no Chromium on this machine")
def test_a_page_plays_the_steps(tmp_path):
    check(play(BROWSER["browser"].command(), "text_only", intent("text_only"), tmp_path))


def test_what_an_sdk_cannot_send_its_driver_does_not_know(tmp_path):
    seen = play(SDKS["python_5"].command(), "force_end_turn", intent("force_end_turn"), tmp_path)
    assert seen.driver_status == 127, seen.account()
    assert "this SDK cannot send ForceEndTurn" in seen.said


def test_settings_that_the_types_of_an_sdk_have_no_room_for_are_not_sent(tmp_path):
    name = "speculative_call_confirmed"
    seen = play(SDKS["python_4"].command(), name, intent(name), tmp_path)
    assert seen.driver_status == 127, seen.account()
    assert "defer_until_eot" in seen.said
