"""The house agent: it greets, answers whatever is said, and calls what is named; nothing a client defines stops it."""

import pytest

from mockagent.protocol.configuration import DEFAULT_GREETING
from mockagent.scenario.house import example_for


def ask(text):
    return {"type": "InjectUserMessage", "content": text}


def said(text):
    return [f"assistant: {text}", f"(speaks {text!r})"]


def function(name="get_weather", parameters=None):
    return {"name": name, "description": "d", "parameters": parameters or {"type": "object"}}


def answer(content, id="call-1", name="get_weather"):
    return {"type": "FunctionCallResponse", "id": id, "name": name, "content": content}


def test_it_greets_as_settings_ask(at_home):
    driver = at_home()
    driver.begin(driver.settings(agent={"greeting": "Good ${morning}!"}))
    assert driver.take() == said("Good ${morning}!")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("What time is it?", "You said: What time is it?"),
        (" ", "I heard nothing."),
        ("What is ${this}, and $${that}?", "You said: What is ${this}, and $${that}?"),
    ],
)
def test_it_answers_what_is_typed(at_home, text, reply):
    driver = at_home().begin()
    driver.wait(1)
    driver.take()
    driver.send(ask(text))
    driver.wait(2)
    assert driver.take() == [f"user: {text}", *said(reply), "AgentAudioDone"]


def test_it_answers_what_is_spoken_by_its_length(at_home):
    driver = at_home().begin()
    assert driver.player.listens
    driver.wait(0.4)
    driver.heard(True)
    driver.wait(1.5)
    driver.heard(False)
    driver.wait(0.5)
    reply = "I heard you, though I do not understand speech. Type something, or name one of your functions."
    expected = ["(hush)", "UserStartedSpeaking", "user: (1.5 seconds of speech)", *said(reply)]
    assert driver.take() == [*said(DEFAULT_GREETING), *expected]


def test_it_takes_a_forced_end_of_the_turn_for_the_end_of_the_speech(at_home):
    driver = at_home()
    flux = {"type": "deepgram", "version": "v2", "model": "flux-general-en"}
    driver.begin(driver.settings(listen=flux))
    driver.wait(1)
    driver.heard(True)
    driver.wait(1.5)
    driver.take()
    driver.send({"type": "ForceEndTurn"})
    assert driver.take() == ["user: (1.5 seconds of speech)"]


def test_who_speaks_on_over_an_interrupting_injection_interrupts_it(at_home):
    driver = at_home().begin()
    driver.wait(1)
    driver.heard(True)
    driver.take()
    driver.send({"type": "InjectAgentMessage", "message": "One moment!", "behavior": "interrupt"})
    driver.wait(0.5)
    driver.heard(False)
    expected = ["(hush)", "UserStartedSpeaking", "user: (0.5 seconds of speech)"]
    assert driver.take() == [*said("One moment!"), *expected]
    assert driver.faults == []


def test_what_is_typed_interrupts_it(at_home):
    driver = at_home().begin()
    driver.send(ask("Stop"))
    driver.wait(0.5)
    expected = ["(hush)", "UserStartedSpeaking", "user: Stop", *said("You said: Stop")]
    assert driver.take() == [*said(DEFAULT_GREETING), *expected]


def test_what_is_typed_while_it_thinks_comes_next(at_home):
    driver = at_home().begin()
    driver.wait(1)
    driver.take()
    driver.send(ask("One"))
    driver.send(ask("Two"))
    driver.wait(4)
    one = ["user: One", *said("You said: One")]
    two = ["(hush)", "UserStartedSpeaking", "user: Two", *said("You said: Two"), "AgentAudioDone"]
    assert driver.take() == [*one, *two]


@pytest.mark.parametrize("text", ["Get weather!", "please GET-WEATHER now", "get_weather", "getWeather()"])
def test_it_calls_a_function_that_is_named(at_home, text):
    driver = at_home()
    driver.begin(driver.settings(functions=[function("other"), function()]))
    driver.wait(1)
    driver.send(ask(text))
    driver.wait(0.5)
    assert driver.take()[-1] == "calls get_weather"
    driver.send(answer("${sunny}"))
    assert driver.take() == said("get_weather says: ${sunny}")


def test_it_goes_on_after_a_call_that_is_not_answered(at_home):
    driver = at_home()
    driver.begin(driver.settings(functions=[function()]))
    driver.wait(1)
    driver.send(ask("get weather"))
    driver.wait(6)
    driver.send("KeepAlive")
    driver.wait(7)
    (reply, *_) = driver.take()[-3:]
    assert reply.startswith(
        "assistant: I called get_weather, but expected a FunctionCallResponse to 'call-1'"
    )
    driver.send(ask("Still there?"))
    driver.wait(0.5)
    assert driver.take()[-2:] == said("You said: Still there?")
    assert driver.player.unmet == ()


WEATHER = {
    "type": "object",
    "properties": {
        "place": {"type": "string"},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "minimum": 3},
        "exact": {"type": "boolean"},
        "hours": {"type": "array", "items": {"type": "number"}},
        "note": {"default": "${x}"},
        "kind": {"const": "air"},
        "like": {"examples": ["this"]},
        "where": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            WEATHER,
            {
                "place": "example",
                "unit": "celsius",
                "days": 3,
                "exact": True,
                "hours": [1],
                "note": "${x}",
                "kind": "air",
                "like": "this",
                "where": {"city": "example"},
            },
        ),
        ({**WEATHER, "required": ["unit", "other"]}, {"unit": "celsius", "other": "example"}),
        ({}, {}),
        (True, {}),
        ({"properties": [1]}, {}),
        ({"required": [[1], 2, "a"], "properties": {"a": 5}}, {"a": {}}),
        ({"properties": {"a": {"enum": 5, "type": ["string", "null"]}}}, {"a": {}}),
        ({"type": "array"}, ["example"]),
    ],
)
def test_an_example_fits_any_schema_that_a_client_may_define(schema, expected):
    assert example_for(schema) == expected


def test_the_arguments_are_what_the_example_says_to_the_letter(at_home):
    driver = at_home()
    driver.begin(driver.settings(functions=[function(parameters=WEATHER)]))
    driver.wait(1)
    driver.send(ask("get weather"))
    driver.wait(0.5)
    assert '"note": "${x}"' in driver.actions[-1].body["functions"][0]["arguments"]
