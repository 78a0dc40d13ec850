"""How each dialect words what the server says, and where each keeps what a client said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("agent", "prompt"),
    [
        ({"think": {"prompt": "Be brief."}}, "Be brief."),
        ({"think": [{"prompt": "Be brief."}, {"prompt": "Be long."}]}, "Be brief."),
        ({"think": {"instructions": "Be brief."}}, "Be brief."),
        ({"instructions": "Be brief.", "think_model": "m"}, "Be brief."),
        ({"think": []}, ""),
        (ID, ""),
    ],
)
def test_the_prompt_of_either_dialect(agent, prompt):
    assert messages.prompt_of({"agent": agent}) == prompt


def test_functions_by_name():
    listed = [{"name": "here"}, {"name": "there", "endpoint": {"url": "x"}}, {"name": 5}, "odd", {}]
    functions = messages.functions_of({"agent": {"think": [{"functions": listed}]}})
    assert list(functions) == ["here", "there"]
    assert [messages.runs_on_server(each, Dialect.V1) for each in functions.values()] == [False, True]


def test_a_url_in_a_function_means_the_server_only_in_early_access():
    function = {"name": "there", "url": "https://example.com"}
    assert not messages.runs_on_server(function, Dialect.V1)
    assert messages.runs_on_server(function, Dialect.EARLY_ACCESS)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, True),
        ({"flags": {}}, True),
        ({"flags": {"history": True}}, True),
        ({"flags": {"history": False}}, False),
        ({"settings": {"flags": {"history": False}}}, False),
        ({"flags": {"history": True}, "settings": {"flags": {"history": False}}}, True),
    ],
)
def test_history_is_wanted_unless_it_is_not(body, wanted):
    assert messages.wants_history(body) is wanted


def test_greeting_and_tags():
    assert messages.greeting_of({"agent": {"greeting": "Hello!"}}) == "Hello!"
    assert messages.greeting_of({"agent": {"greeting": None}}) == messages.greeting_of({"agent": ID}) == ""
    assert messages.tags_of({"tags": ["a", 5, "b"]}) == ("a", "b")
    assert messages.tags_of({"tags": "a"}) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    (
        "agent",
        "flags",
        "settings",
        "tags",
        "functions",
        "function_call_id",
        "id",
        "name",
        "content",
        "message",
    )
)
AGENT = st.dictionaries(st.sampled_from(("think", "greeting", "functions", "instructions")), JSON)


@given(st.dictionaries(FIELDS, JSON | AGENT | AGENT.map(lambda agent: {"think": agent})))
def test_no_body_is_too_odd_to_read(body):
    assert all(isinstance(call, FunctionCall) for call in messages.calls_of(body))
    result = messages.result_of(body)
    texts = (result.id, result.name, result.content, *messages.tags_of(body), *messages.functions_of(body))
    readings = (messages.injected_text, messages.prompt_of, messages.added_prompt, messages.greeting_of)
    assert all(isinstance(text, str) for text in (*texts, *(read(body) for read in readings)))
    assert messages.wants_history(body) in (True, False)


@pytest.mark.parametrize(
    ("dialect", "function", "endpoint"),
    [
        (Dialect.V1, {}, None),
        (Dialect.V1, {"url": "http://h/"}, None),
        (Dialect.V1, {"endpoint": {"url": "http://h/"}}, messages.Endpoint("http://h/")),
        (
            Dialect.V1,
            {"endpoint": {"url": "http://h/", "method": "put", "headers": {"a": "1", "b": 2}}},
            messages.Endpoint("http://h/", "PUT", (("a", "1"),)),
        ),
        (Dialect.V1, {"endpoint": "odd"}, messages.Endpoint("")),
        (Dialect.EARLY_ACCESS, {"endpoint": {"url": "http://h/"}}, None),
        (
            Dialect.EARLY_ACCESS,
            {"url": "http://h/", "method": "", "headers": [{"key": "a", "value": "1"}, {"key": "b"}, 5]},
            messages.Endpoint("http://h/", "POST", (("a", "1"),)),
        ),
    ],
)
def test_where_a_function_of_the_server_is(dialect, function, endpoint):
    assert messages.endpoint_of(function, dialect) == endpoint


def test_the_providers_are_told_in_the_order_of_fallback():
    def providers(think):
        return messages.providers_of({"agent": {"think": think}}, "think")

    assert providers({"provider": {"type": "open_ai"}}) == ("open_ai",)
    assert providers([{"provider": {"type": "a"}}, {"provider": {"type": "b"}}]) == ("a", "b")
    assert providers([]) == providers({}) == ("",)
    assert messages.providers_of({}, "speak") == ("",)


def test_only_the_flat_form_is_flat():
    assert messages.is_flat({"agent": {"instructions": "Be brief."}})
    assert not messages.is_flat({"agent": {"think": {}}})
    assert not messages.is_flat({"agent": "an id"})


def test_languages_are_told_by_the_multilingual_model_only():
    def heard(model, languages):
        provider = {"type": "deepgram", "model": model, "language_hints": ["en", 7]}
        return messages.languages_heard({"agent": {"listen": {"provider": provider}}}, languages)

    assert heard("flux-general-multi", ["en", "es"]) == {
        "languages_hinted": ["en"],
        "languages": ["en", "es"],
    }
    assert heard("flux-general-multi", []) == {"languages_hinted": ["en"]}
    assert heard("nova-3", ["en"]) == {}


def test_a_result_that_says_nothing_is_empty():
    assert messages.result_of({}) == FunctionResult("", "", "", "")


def test_calls_that_are_cancelled_are_named():
    assert messages.function_calls_cancelled(CALLS) == {
        "type": "FunctionCallCancelled",
        "functions": [{"id": "1", "name": "weather"}, {"id": "2", "name": "time"}],
    }


@pytest.mark.parametrize(
    ("settings", "context"),
    [
        ({"agent": {"context": {"messages": [{"content": "a"}, "b"]}}}, [{"content": "a"}]),
        ({"context": {"messages": [{"content": "a"}]}}, [{"content": "a"}]),
        ({"agent": {"context": {"messages": {"content": "a"}}}}, []),
        ({"agent": {}}, []),
    ],
)
def test_the_earlier_conversation_of_either_dialect(settings, context):
    assert messages.context_of(settings) == context


def test_a_call_without_arguments_has_none():
    assert [call.arguments for call in messages.calls_of({"function_call_id": "1"})] == ["{}"]
    assert [call.arguments for call in messages.calls_of({"functions": [{"id": "1"}]})] == ["{}"]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [({"required": ["a", 1, ["b"]]}, {"a"}), ({"required": "a"}, set()), ({}, set()), (None, set())],
)
def test_the_arguments_that_a_function_requires(parameters, names):
    assert messages.required_arguments({"parameters": parameters}) == names


def test_the_names_of_functions_are_those_that_are_names():
    functions = [{"name": "a"}, {"name": 5}, "b", {}, {"name": "a"}]
    assert list(messages.function_names({"agent": {"think": {"functions": functions}}})) == ["a", "a"]
