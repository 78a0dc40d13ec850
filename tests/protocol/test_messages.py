"""How each dialect words what the server says, and where each keeps what a client said."""

import json

import odd
import pytest
from hypothesis import given

from mockagent import catalogue
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.messages import FunctionCall, FunctionResult, Latencies

V1, EARLY_ACCESS = Dialect
ID = "fc553ec9-5874-49ca-a47c-b670d525a4b3"
CALLS = (FunctionCall("1", "weather", '{"in": "Fremont"}'), FunctionCall("2", "time", "{}"))
LATENCIES = Latencies(total=0.3, tts=0.1, ttt=0.2)


def said_in(dialect):
    yield messages.welcome(dialect, ID)
    yield messages.conversation_text("assistant", "Hello!")
    yield messages.agent_thinking("Where is that?")
    yield messages.agent_started_speaking(LATENCIES)
    yield messages.injection_refused("No.")
    yield messages.error(dialect, "FAILED_TO_THINK", "No thought came.")
    yield from messages.function_call_requests(dialect, CALLS)
    yield from map(messages.bare, ("SettingsApplied", "UserStartedSpeaking", "AgentAudioDone"))
    if dialect is V1:
        yield messages.latency_report(LATENCIES)
        yield messages.history_statement("user", "Hello!")
        yield messages.history_calls([(CALLS[0], "sunny"), (CALLS[1], "noon")])
        yield messages.warning("PROMPT_TOO_LONG", "The prompt is too long.")
        yield messages.function_call_response(dialect, CALLS[0], "sunny")
        yield from map(messages.bare, ("PromptUpdated", "SpeakUpdated", "ThinkUpdated", "ListenUpdated"))


@pytest.mark.parametrize("dialect", Dialect)
def test_everything_said_fits_its_schema(dialect):
    for body in said_in(dialect):
        assert catalogue.schemas().problems(dialect, Side.SERVER, body) == (), body["type"]


@pytest.mark.parametrize("dialect", Dialect)
def test_a_clients_answer_fits_its_schema_and_is_read_back(dialect):
    body = messages.function_call_response(dialect, CALLS[0], "sunny")
    assert catalogue.schemas().problems(dialect, Side.CLIENT, body) == ()
    assert messages.result_of(body) == FunctionResult("1", "weather" if dialect is V1 else "", "sunny")


def test_v1_asks_for_all_calls_at_once_and_early_access_one_by_one():
    assert len(messages.function_call_requests(V1, CALLS)) == 1
    assert len(messages.function_call_requests(EARLY_ACCESS, CALLS)) == 2


def test_calls_are_read_back():
    (request,) = messages.function_call_requests(V1, CALLS)
    assert tuple(messages.calls_of(request)) == CALLS
    each = messages.function_call_requests(EARLY_ACCESS, CALLS)
    found = [call for body in each for call in messages.calls_of(body)]
    assert [call.name for call in found] == ["weather", "time"]
    assert [json.loads(call.arguments) for call in found] == [json.loads(call.arguments) for call in CALLS]


@pytest.mark.parametrize("dialect", Dialect)
def test_acknowledgements_are_types_of_their_dialect(dialect):
    table = messages.ACKNOWLEDGEMENTS[dialect]
    assert set(table) <= set(TYPES[dialect, Side.CLIENT])
    assert set(table.values()) <= set(TYPES[dialect, Side.SERVER])
    assert table[messages.SETTINGS[dialect]] == "SettingsApplied"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"message": "Hello"}, "Hello"),
        ({"content": "Hello"}, "Hello"),
        ({"message": "Hello", "content": "Bye"}, "Hello"),
        ({"is_dynamic": True}, ""),
        ({"message": 5}, ""),
    ],
)
def test_the_text_of_an_injection(body, text):
    assert messages.injected_text(body) == text


def test_a_result_that_says_nothing_is_empty():
    assert messages.result_of({}) == FunctionResult("", "", "", "")


def test_calls_that_are_cancelled_are_named():
    assert messages.function_calls_cancelled(CALLS) == {
        "type": "FunctionCallCancelled",
        "functions": [{"id": "1", "name": "weather"}, {"id": "2", "name": "time"}],
    }


def test_a_call_without_arguments_has_none():
    assert [call.arguments for call in messages.calls_of({"function_call_id": "1"})] == ["{}"]
    assert [call.arguments for call in messages.calls_of({"functions": [{"id": "1"}]})] == ["{}"]


@given(
    odd.objects(
        "functions", "function_calls", "function_call_id", "id", "name", "content", "message", "prompt"
    )
)
def test_no_body_is_too_odd_to_read(body):
    assert all(isinstance(call, FunctionCall) for call in messages.calls_of(body))
    assert all(isinstance(response, str) for _, response in messages.completed_calls(body))
    result = messages.result_of(body)
    texts = (result.id, result.name, result.content, *messages.statement_of(body))
    readings = (messages.injected_text, messages.added_prompt, messages.typed_text)
    assert all(isinstance(text, str) for text in (*texts, *(read(body) for read in readings)))
    assert messages.is_dynamic(body) in (True, False)
