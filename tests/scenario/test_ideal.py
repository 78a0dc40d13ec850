"""The ideal client: what it sends for each pattern, and what its Settings define."""

import pytest

from mockagent.protocol.configuration import functions_of, providers_of
from mockagent.protocol.events import Dialect
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario import ideal, model
from mockagent.scenario.lines import Line, plays_of
from mockagent.scenario.matching import matches
from mockagent.scenario.model import Scenario


@pytest.mark.parametrize(
    "pattern",
    [
        {"type": "UpdatePrompt"},
        {"type": "UpdatePrompt", "prompt": "~formal"},
        {"type": "UpdateSpeak", "speak": {"provider": {"type": "=deepgram", "model": "*"}}},
        {"type": "UpdateThink", "think": [1, True, None, "x"]},
    ],
)
def test_a_message_fits_its_pattern(pattern):
    message = ideal.message_for(pattern)
    assert message.type == pattern["type"]
    assert matches(pattern, message.body)


def test_an_injection_says_something_unless_the_service_is_to_find_the_words():
    assert ideal.message_for({"type": "InjectAgentMessage"}).body["message"]
    dynamic = {"type": "InjectAgentMessage", "is_dynamic": True}
    assert ideal.message_for(dynamic).body == dynamic


def test_settings_in_the_flat_form_stay_flat():
    pattern = {"type": "SettingsConfiguration", "agent": {"instructions": "Be kind."}}
    steps = (model.ClientSends(pattern=pattern),)
    scenario = Scenario(name="n", summary="s", steps=steps, dialect=Dialect.EARLY_ACCESS)
    assert ideal.settings_of(scenario, plays_of(scenario)[0]) == pattern


def test_settings_hold_what_is_asked_and_define_every_function_called():
    scenario = Scenario(
        name="n",
        summary="s",
        steps=(
            model.ClientSends(pattern={"type": "Settings", "agent": {"think": {"prompt": "~kind"}}}),
            model.CallTurn(
                calls=(
                    model.Call(name="f", arguments={}),
                    model.Call(name="g", arguments={}, server_side=True),
                )
            ),
        ),
    )
    settings = ideal.settings_of(scenario, plays_of(scenario)[0])
    assert matches(scenario.steps[0].pattern, settings)
    assert {name: bool(each.get("endpoint")) for name, each in functions_of(settings).items()} == {
        "f": False,
        "g": True,
    }


def test_early_access_has_settings_of_its_own():
    scenario = Scenario(
        name="n",
        summary="s",
        dialect=Dialect.EARLY_ACCESS,
        steps=(model.CallTurn(calls=(model.Call(name="f", arguments={}, server_side=True),)),),
    )
    settings = ideal.settings_of(scenario, plays_of(scenario)[0])
    assert settings["type"] == "SettingsConfiguration"
    assert functions_of(settings)["f"]["url"]


def test_what_is_typed_is_the_line_unless_a_pattern_says_more():
    step = model.UserTurn(text="Hello", lasts=1.0)
    assert ideal.typed_for(step).body["content"] == "Hello"
    assert ideal.typed_as(step) is None
    asked = model.UserTurn(text="Hello", lasts=1.0, pattern="~hi")
    assert ideal.typed_for(asked).body["content"] == "hi"
    assert ideal.typed_as(asked) == {"type": "InjectUserMessage", "content": "~hi"}


def test_an_answer_is_to_the_call_that_is_pending():
    pending = FunctionCall("id-1", "f")
    call = model.Call(name="f", arguments={}, answer="~sunny")
    assert ideal.answer_to(pending, call, Dialect.V1).body == {
        "type": "FunctionCallResponse",
        "id": "id-1",
        "name": "f",
        "content": "sunny",
    }


def test_only_injections_right_after_a_reply_come_during_it():
    reply = model.AgentTurn(texts=("Hello",), lasts=1.0)
    injection = model.ClientSends(pattern={"type": "InjectAgentMessage"})
    pause = model.Pause(seconds=1.0)
    lines = tuple(Line((n,), step) for n, step in enumerate([reply, injection, injection, pause, injection]))
    assert ideal.injections_after(lines, 0) == list(lines[1:3])
    assert ideal.injections_after(lines, 3) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("${kept.a.0} and ${greeting}", "‹kept.a.0› and ${greeting}"), ("plain", "plain")],
)
def test_captured_names_are_written_as_such_and_presets_are_left(text, expected):
    step = ideal.with_any_answer(model.AgentTurn(texts=(text,), lasts=1.0))
    assert step.texts == (expected,)


@pytest.mark.parametrize(
    ("think", "number"),
    [("*", 2), ({"prompt": "x"}, 2), ([{"prompt": "x"}], 1), ([{"prompt": "x"}, {}, {}], 3)],
)
def test_settings_name_the_providers_that_fail_unless_they_are_an_array_already(think, number):
    scenario = Scenario(
        name="n",
        summary="s",
        steps=(
            model.ClientSends(pattern={"type": "Settings", "agent": {"think": think}}),
            model.CallTurn(calls=(model.Call(name="f", arguments={}),)),
            model.AgentTurn(texts=("x",), think_fails=1),
        ),
    )
    settings = ideal.settings_of(scenario, plays_of(scenario)[0])
    assert len(providers_of(settings, "think")) == number
    assert list(functions_of(settings)) == ["f"]
