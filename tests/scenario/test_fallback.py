"""Providers that fail: the Warnings, who serves then, and the Error when nobody is left."""

from math import inf

import pytest

from mockagent.errors import ScenarioError
from mockagent.scenario.fallback import providers_needed, with_fallbacks

THINK = [
    {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
    {"provider": {"type": "anthropic", "model": "claude-4-5-haiku-latest"}},
    {"provider": {"type": "google", "model": "gemini-2.5-flash"}},
]
SPEAK = [
    {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    {"provider": {"type": "cartesia", "model_id": "sonic-2", "voice": {"mode": "id", "id": "a-voice"}}},
]
SAID = ["assistant: Hello.", "(speaks 'Hello.')"]


def begun(start, steps, **agent):
    driver = start(steps)
    return driver.begin(driver.settings(agent=agent))


def descriptions(driver):
    return [action.body["description"] for action in driver.actions if "code" in getattr(action, "body", {})]


def test_a_think_provider_fails_and_the_next_one_serves(start):
    driver = begun(start, "- agent: Hello.\n  think_fails: 1", think=THINK)
    assert driver.take() == ["Warning THINK_REQUEST_FAILED", *SAID]
    assert descriptions(driver) == ["The request to a think provider failed: open_ai."]
    driver.wait(1)
    assert driver.player.ending == "finished"


def test_several_fail_in_order_of_the_array(start):
    driver = begun(start, "- agent: Hello.\n  think_fails: 2\n  speak_fails: 1", think=THINK, speak=SPEAK)
    assert driver.take() == [*["Warning THINK_REQUEST_FAILED"] * 2, "Warning SPEAK_REQUEST_FAILED", *SAID]
    assert [said.rpartition(": ")[2] for said in descriptions(driver)] == [
        "open_ai.",
        "anthropic.",
        "deepgram.",
    ]


@pytest.mark.parametrize(
    ("part", "blocks", "warnings"), [("think", THINK, 3), ("think", THINK[0], 1), ("speak", SPEAK, 2)]
)
def test_all_fail_and_the_session_ends_as_the_script_wants(start, part, blocks, warnings):
    driver = begun(start, f"- agent: Hello.\n  {part}_fails: all", **{part: blocks})
    name = part.upper()
    assert driver.take() == [
        *[f"Warning {name}_REQUEST_FAILED"] * warnings,
        f"Error FAILED_TO_{name}",
        "(closes)",
    ]
    assert driver.player.ending == "finished"


def test_a_client_without_the_fallback_is_told_what_it_lacks(start):
    driver = begun(start, "- agent: Hello.\n  think_fails: 2", think=THINK[:2])
    assert driver.take()[-2:] == ["Error FAILED_TO_THINK", "(closes)"]
    (unmet,) = driver.player.unmet
    assert str(unmet).startswith(
        "f.yaml:3: expected Settings with more than 2 think providers, for the next to serve, got Settings with 2"
    )


def test_a_speak_block_that_is_left_out_is_one_provider(start):
    driver = start("- agent: Hello.\n  speak_fails: all")
    body = driver.settings()
    body["agent"].pop("speak")
    driver.begin(body)
    assert driver.take() == ["Warning SPEAK_REQUEST_FAILED", "Error FAILED_TO_SPEAK", "(closes)"]
    assert descriptions(driver)[0] == "The request to a speak provider failed."


@pytest.mark.parametrize(("part", "blocks"), [("think", THINK), ("speak", SPEAK)])
def test_an_update_changes_who_is_asked(start, part, blocks):
    type = f"Update{part.title()}"
    driver = begun(start, f"- client: {type}\n- agent: Hello.\n  {part}_fails: 1")
    driver.send({"type": type, part: blocks[::-1]})
    words = driver.take()
    assert words == [f"{part.title()}Updated", f"Warning {part.upper()}_REQUEST_FAILED", *SAID]
    assert blocks[-1]["provider"]["type"] in descriptions(driver)[0]


def test_the_next_turn_begins_with_the_first_provider_again(start):
    driver = begun(start, "- agent: Hello.\n  think_fails: 1\n- agent: Bye.", think=THINK)
    driver.wait(1)
    assert "Warning THINK_REQUEST_FAILED" in driver.take()
    driver.wait(1)
    assert [word for word in driver.take() if word.startswith("Warning")] == []


@pytest.mark.parametrize(
    ("steps", "more", "text"),
    [
        ("- agent: Hello.\n  think_fails: 0", "", "expected a whole number from 1 to 20, got 0"),
        ("- agent: Hello.\n  speak_fails: al", "", "expected a whole number from 1 to 20, or all, got 'al'"),
        (
            "- agent: Hello.\n  think_fails: all\n- agent: More.",
            "",
            "this step is never reached: line 3 ends the session",
        ),
        (
            "- agent: Hello.\n  think_fails: 1",
            "dialect: early-access\n",
            "expected no 'think_fails': early-access has no fallback providers; write `error: …`",
        ),
    ],
)
def test_what_cannot_be_meant_is_told(scenario, steps, more, text):
    with pytest.raises(ScenarioError) as raised:
        scenario(steps, more)
    assert [flaw.text for flaw in raised.value.flaws] == [text]


def test_steps_say_how_many_providers_they_need(scenario):
    steps = scenario("- agent: A.\n  think_fails: 2\n- agent: B.\n  speak_fails: all").steps
    assert steps[1].speak_fails == inf
    assert providers_needed(steps) == {"think": 3, "speak": 1}


def test_a_block_with_fallbacks_keeps_what_it_says():
    first, second = with_fallbacks({"provider": {"type": "groq"}, "prompt": "x"}, "think", 2)
    assert first == {"provider": {"type": "groq"}, "prompt": "x"}
    assert (second["provider"]["type"], second["prompt"]) == ("anthropic", "x")
