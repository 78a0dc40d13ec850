"""What the service says by itself about long prompts and long sessions, and when."""

import pytest

from mockagent.protocol.events import Dialect
from mockagent.protocol.switches import Switches

LONG = "x" * 25_001
SHORT_SESSION = Switches(session_for=60.0, session_warned_before=20.0, history=False)


def told(driver):
    return [
        word for word in driver.take() if word.startswith(("Warning", "Error", "(closes", "Prompt", "Think"))
    ]


def think(prompt, **more):
    return {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": prompt, **more}


def test_settings_with_a_long_prompt_are_applied_and_then_warned_of(start):
    driver = start("- agent: Hello.").begin()
    assert driver.take()[:1] == ["assistant: Hello."]
    driver = start("- agent: Hello.").to_welcome()
    driver.send(driver.settings(agent={"think": think(LONG)}))
    assert driver.take()[1:4] == ["SettingsApplied", "Warning PROMPT_TOO_LONG", "assistant: Hello."]


def test_an_update_is_acknowledged_and_then_warned_of(start):
    driver = start("- client: {closes: true}").begin()
    driver.send({"type": "UpdatePrompt", "prompt": LONG})
    assert told(driver) == ["PromptUpdated", "Warning PROMPT_TOO_LONG"]
    driver.send({"type": "UpdateThink", "think": think("x")})
    assert told(driver) == ["ThinkUpdated"]
    driver.send({"type": "UpdateThink", "think": think(LONG, endpoint={"url": "https://example.com"})})
    assert told(driver) == ["ThinkUpdated"]
    driver.send({"type": "UpdateThink", "think": think(LONG)})
    assert told(driver) == ["ThinkUpdated", "Warning PROMPT_TOO_LONG"]


def keep_alive(driver, until):
    while driver.now < until and not driver.is_over:
        driver.wait(min(5.0, until - driver.now))
        driver.send("KeepAlive")


def test_a_session_is_warned_of_its_end_and_ended_whatever_the_client_sends(start):
    driver = start("- client: {stays: true}", switches=SHORT_SESSION).begin()
    keep_alive(driver, 39.0)
    assert told(driver) == []
    keep_alive(driver, 45.0)
    assert told(driver) == ["Warning MAXIMUM_SESSION_LENGTH_APPROACHING"]
    keep_alive(driver, 59.9)
    assert told(driver) == []
    driver.wait(0.2)
    assert told(driver) == ["Error MAXIMUM_SESSION_LENGTH_REACHED", "(closes)"]
    assert driver.player.ending == "finished"
    assert driver.now == pytest.approx(60.1)


def test_two_hours_are_the_usual_length(start):
    driver = start("- client: {stays: true}", switches=Switches(silence_for=1e6, history=False)).begin()
    driver.wait(6900 - driver.now - 0.01)
    assert told(driver) == []
    driver.wait(0.02)
    assert told(driver) == ["Warning MAXIMUM_SESSION_LENGTH_APPROACHING"]
    driver.wait(299.9)
    assert told(driver) == []
    driver.wait(0.1)
    assert told(driver) == ["Error MAXIMUM_SESSION_LENGTH_REACHED", "(closes)"]


def test_a_script_that_wants_more_than_the_session_lasts_is_told_why_it_ended(start):
    driver = start("- wait: 1 h\n- agent: Hello.", switches=SHORT_SESSION).begin()
    keep_alive(driver, 61.0)
    (unmet,) = driver.player.unmet
    assert "refused with MAXIMUM_SESSION_LENGTH_REACHED" in str(unmet)


def test_a_client_that_leaves_has_not_stayed(start):
    driver = start("- client: {stays: true}", switches=SHORT_SESSION).begin()
    driver.close()
    (unmet,) = driver.player.unmet
    assert str(unmet).startswith(
        "f.yaml:3: expected the client to stay until the session ends for its length"
    )


def test_early_access_sessions_do_not_end_for_their_length(start):
    driver = start(
        "- agent: Hello.\n- wait: 2 min\n- client: {closes: true}",
        more="dialect: early-access\n",
        dialect=Dialect.EARLY_ACCESS,
        switches=SHORT_SESSION,
    ).begin()
    keep_alive(driver, 125.0)
    assert told(driver) == []
