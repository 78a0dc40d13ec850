"""The published Go and Rust SDKs, as far as each can play its part; what else Rust can stands in `test_sdks`."""

import json
import re

import pytest
from compiled import COMPILED, program
from conftest import INTENTS
from environments import CannotPrepare, go_program
from playing import KEY, PROGRAM, drive, play, play_beside, play_over_tls

NOWHERE = {
    "DEEPGRAM_API_KEY": KEY,
    "MOCKAGENT_URL": "ws://127.0.0.1:9/v1/agent/converse",
    "MOCKAGENT_HTTP_URL": "http://127.0.0.1:9",
    "MOCKAGENT_DEADLINE_MS": "20000",
}
PLAYED = ["telephone_mulaw", "two_functions_at_once", "listen_updates", "dynamic_injection", "text_only"]
"""Between them they hold every step that a driver has to play."""
SETTINGS = {"do": "settings", "message": {"type": "Settings"}}
HANG_UP = {"do": "hang_up", "code": None}


@pytest.fixture(scope="module")
def rust() -> list[str]:
    return program("rust")


@pytest.fixture(scope="module")
def go() -> list[str]:
    return program("go_3")


@pytest.fixture(scope="module")
def barge_in(go, tmp_path_factory):
    """A talk of the Go SDK."""
    return play(go, "barge_in", INTENTS["barge_in"], tmp_path_factory.mktemp("barge_in"))


def test_rust_conforms_in_plays_of_every_step(rust, tmp_path):
    report = tmp_path / "report.json"
    command = [PROGRAM, "conform", "client", *PLAYED, "--speed", "4", "--jobs", "2", "--json", str(report)]
    status = drive([*command, "--", *rust], {}, tmp_path, limit=200)
    said = (tmp_path / "driver.txt").read_text()
    assert status == 0, said
    assert set(json.loads(report.read_text())["totals"]) == {"PASS"}, said


def test_rust_finishes_over_tls(rust, tmp_path):
    held = play_over_tls(rust, "function_call", INTENTS["function_call"], tmp_path)
    assert (held.driver_status, held.server_status) == (0, 0), held.account()
    assert held.broken() == [], held.account()


def test_go_holds_a_talk_and_tells_all_of_it(barge_in):
    assert barge_in.driver_status == 0, barge_in.account()
    assert barge_in.errors() == [], barge_in.account()
    events = barge_in.events()
    assert events[:2] == ["Welcome", "SettingsApplied"], barge_in.account()
    assert events.count("UserStartedSpeaking") == 2, barge_in.account()
    assert events.count("AgentAudioDone") == 2, barge_in.account()
    assert barge_in.audio_bytes() > 48_000, barge_in.account()


def test_go_reaches_the_live_address_through_a_proxy(go, tmp_path):
    held = play_beside(go, "barge_in", INTENTS["barge_in"], tmp_path, unmodified=True)
    assert held.events().count("AgentAudioDone") == 2, held.account()


def test_go_takes_its_leave_with_a_message_that_there_is_not(barge_in):
    assert [line["requirement"] for line in barge_in.broken()] == ["MSG-002"], barge_in.account()
    assert "'Close'" in barge_in.broken()[0]["got"], barge_in.account()


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([{"do": "answer", "function": "get_weather", "fits": "*"}], "holds no `functions`"),
        ([{"do": "hang_up", "code": 4000}], "closes with 1000, not 4000"),
    ],
)
def test_go_says_what_it_cannot_do(go, steps, why, tmp_path):
    intent = json.dumps({"do": "play", "steps": [SETTINGS, *steps]})
    assert drive(go, {**NOWHERE, "MOCKAGENT_INTENT": intent}, tmp_path) == 127
    assert why in (tmp_path / "driver.txt").read_text()


def test_rust_says_what_it_cannot_do(rust, tmp_path):
    intent = json.dumps({"do": "play", "steps": [SETTINGS, {"do": "hang_up", "code": 4000}]})
    assert drive(rust, {**NOWHERE, "MOCKAGENT_INTENT": intent}, tmp_path) == 127
    assert "closes without a code, not with 4000" in (tmp_path / "driver.txt").read_text()


def test_go_sends_as_it_is_what_it_has_no_type_for(go, tmp_path):
    update = {"do": "update", "message": {"type": "UpdateThink"}}
    updated = {"do": "await", "type": "ThinkUpdated"}
    intent = {"do": "play", "steps": [SETTINGS, {"do": "hear", "text": "Hello"}, update, updated, HANG_UP]}
    held = play(go, "greeting_only", intent, tmp_path)
    assert [message["event"] for message in held.unknown()] == ["History", "ThinkUpdated"], held.account()


def test_go_writes_a_prompt_under_the_key_of_early_access(go, tmp_path):
    update = {"do": "update", "message": {"type": "UpdatePrompt"}}
    intent = {"do": "play", "steps": [SETTINGS, {"do": "hear", "text": "Hello"}, update]}
    held = play(go, "greeting_only", intent, tmp_path)
    (finding,) = [line for line in held.broken() if line["requirement"] == "MSG-003"]
    assert re.search("field prompt", finding["expected"]), held.account()


def test_go_does_not_know_the_intent(go, tmp_path):
    assert drive(go, {**NOWHERE, "MOCKAGENT_INTENT": json.dumps({"do": "juggle"})}, tmp_path) == 127
    assert "juggle" in (tmp_path / "driver.txt").read_text()


@pytest.mark.parametrize("name", COMPILED)
def test_without_its_compiler_a_client_is_not_run_and_says_why(name, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotPrepare, match=r"no (go|cargo): expected it on PATH"):
        COMPILED[name].command()


def test_a_driver_that_does_not_build_is_an_error(go, tmp_path):
    (tmp_path / "go.mod").write_text("module broken\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { nothing() }\n")
    with pytest.raises(CannotPrepare, match="undefined: nothing"):
        go_program(tmp_path)
