"""One line for an Error or a Warning: what it unfolds to, and what it says where it cannot."""

import pytest

from mockagent.errors import ScenarioError
from mockagent.protocol import codes
from mockagent.protocol.codes import Kind
from mockagent.protocol.events import Dialect
from mockagent.scenario import model

EARLY = "dialect: early-access\n"


def only_step(scenario):
    (step,) = scenario.steps
    return step


@pytest.fixture
def flaw(scenario):
    def of(steps, more=""):
        with pytest.raises(ScenarioError) as raised:
            scenario(steps, more)
        return [found.text for found in raised.value.flaws]

    return of


@pytest.mark.parametrize("name", codes.of_kind(Kind.ERROR))
def test_an_error_is_one_line(scenario, name):
    step = only_step(scenario(f"- error: {name}"))
    assert step.body == codes.error(Dialect.V1, name)
    assert step == model.ServerSends(body=step.body, place=step.place)


@pytest.mark.parametrize("name", codes.of_kind(Kind.WARNING))
def test_a_warning_is_one_line(scenario, name):
    assert only_step(scenario(f"- warning: {name}")).body == codes.warning(name)


def test_other_words_stand_beside_it(scenario):
    step = only_step(scenario("- warning: SLOW_THINK_REQUEST\n  description: Slow, ${greeting}."))
    assert step.body["description"] == "Slow, ${greeting}."


def test_early_access_says_the_words_alone(scenario):
    step = only_step(scenario("- error: FAILED_TO_SPEAK", EARLY))
    assert step.body == {"type": "Error", "message": "Failed to Speak, check your Speak configuration"}


def test_an_error_before_other_steps_leaves_the_close_to_them(scenario):
    first, _ = scenario("- error: INTERNAL_SERVER_ERROR\n- server: {closes: 1011}").steps
    assert first.stays_open


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("- error: FAILED_TO_THNIK", "unknown code 'FAILED_TO_THNIK'; did you mean 'FAILED_TO_THINK'?"),
        ("- warning: PROMPT_TO_LONG", "unknown code 'PROMPT_TO_LONG'; did you mean 'PROMPT_TOO_LONG'?"),
        ("- warning: FAILED_TO_SPEEK", "unknown code 'FAILED_TO_SPEEK'; did you mean 'FAILED_TO_SPEAK'?"),
        (
            "- error: SLOW_THINK_REQUEST",
            "SLOW_THINK_REQUEST is the code of a Warning; write `warning: SLOW_THINK_REQUEST`",
        ),
        (
            "- warning: SERVER_GOING_AWAY",
            "SERVER_GOING_AWAY is the code of an Error; write `error: SERVER_GOING_AWAY`",
        ),
        ("- error: {code: X}", "expected the code of an Error, got a mapping with code"),
    ],
)
def test_what_is_wrong_is_told(flaw, step, text):
    assert flaw(step) == [text]


def test_early_access_has_no_warning(flaw):
    assert flaw("- warning: SLOW_THINK_REQUEST", EARLY) == [
        "expected no warning: early-access has no Warning message"
    ]
