"""What counts as a sign of life."""

import pytest

from mockagent.fuzz import stimuli
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect
from mockagent.protocol.messages import FunctionCall


@pytest.mark.parametrize("dialect", Dialect)
def test_an_answer_to_an_earlier_call_is_none(dialect):
    first, second = (stimuli.turn_with_a_call(dialect, "get_weather", number) for number in (1, 2))
    late = messages.function_call_response(dialect, FunctionCall(first.call, "get_weather", "{}"), "sunny")
    assert first.is_answer(late)
    assert not second.is_answer(late)


def test_an_answer_that_names_no_call_is_one():
    stimulus = stimuli.turn_with_a_call(Dialect.V1, "get_weather", 1)
    assert stimulus.is_answer({"type": "FunctionCallResponse", "name": "get_weather", "content": "sunny"})


@pytest.mark.parametrize(
    "body", [None, [], "FunctionCallResponse", {}, {"type": "KeepAlive", "id": "probe_1"}]
)
def test_what_is_no_answer(body):
    assert not stimuli.turn_with_a_call(Dialect.V1, "get_weather", 1).is_answer(body)
