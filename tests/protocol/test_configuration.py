"""What a Settings asks for, wherever its dialect keeps it."""

import odd
import pytest
from hypothesis import given

from mockagent.protocol import configuration
from mockagent.protocol.events import Dialect

ID = "fc553ec9-5874-49ca-a47c-b670d525a4b3"


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
    assert configuration.prompt_of({"agent": agent}) == prompt


def test_functions_by_name():
    listed = [{"name": "here"}, {"name": "there", "endpoint": {"url": "x"}}, {"name": 5}, "odd", {}]
    functions = configuration.functions_of({"agent": {"think": [{"functions": listed}]}})
    assert list(functions) == ["here", "there"]
    assert [configuration.runs_on_server(each, Dialect.V1) for each in functions.values()] == [False, True]


def test_a_url_in_a_function_means_the_server_only_in_early_access():
    function = {"name": "there", "url": "https://example.com"}
    assert not configuration.runs_on_server(function, Dialect.V1)
    assert configuration.runs_on_server(function, Dialect.EARLY_ACCESS)


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
    assert configuration.wants_history(body) is wanted


def test_greeting_and_tags():
    assert configuration.greeting_of({"agent": {"greeting": "Hello!"}}) == "Hello!"
    assert (
        configuration.greeting_of({"agent": {"greeting": None}})
        == configuration.greeting_of({"agent": ID})
        == ""
    )
    assert configuration.tags_of({"tags": ["a", 5, "b"]}) == ("a", "b")
    assert configuration.tags_of({"tags": "a"}) == ()


@pytest.mark.parametrize(
    ("dialect", "function", "endpoint"),
    [
        (Dialect.V1, {}, None),
        (Dialect.V1, {"url": "http://h/"}, None),
        (Dialect.V1, {"endpoint": {"url": "http://h/"}}, configuration.Endpoint("http://h/")),
        (
            Dialect.V1,
            {"endpoint": {"url": "http://h/", "method": "put", "headers": {"a": "1", "b": 2}}},
            configuration.Endpoint("http://h/", "PUT", (("a", "1"),)),
        ),
        (Dialect.V1, {"endpoint": "odd"}, configuration.Endpoint("")),
        (Dialect.EARLY_ACCESS, {"endpoint": {"url": "http://h/"}}, None),
        (
            Dialect.EARLY_ACCESS,
            {"url": "http://h/", "method": "", "headers": [{"key": "a", "value": "1"}, {"key": "b"}, 5]},
            configuration.Endpoint("http://h/", "POST", (("a", "1"),)),
        ),
    ],
)
def test_where_a_function_of_the_server_is(dialect, function, endpoint):
    assert configuration.endpoint_of(function, dialect) == endpoint


def test_the_providers_are_told_in_the_order_of_fallback():
    def providers(think):
        return configuration.providers_of({"agent": {"think": think}}, "think")

    assert providers({"provider": {"type": "open_ai"}}) == ("open_ai",)
    assert providers([{"provider": {"type": "a"}}, {"provider": {"type": "b"}}]) == ("a", "b")
    assert providers([]) == providers({}) == ("",)
    assert configuration.providers_of({}, "speak") == ("",)


def test_where_a_function_is_called_is_not_shown_by_accident():
    endpoint = configuration.Endpoint("https://h/?key=a-secret", "PUT", (("authorization", "a-secret"),))
    assert repr(endpoint) == "Endpoint(method='PUT')"


@pytest.mark.parametrize("field", ["instructions", "listen_model", "think_model", "speak_model"])
def test_only_the_flat_form_is_flat(field):
    assert configuration.is_flat({"agent": {field: "a"}})
    assert not configuration.is_flat({"agent": {"think": {}}})
    assert not configuration.is_flat({"agent": "an id"})


def test_languages_are_told_by_the_multilingual_model_only():
    def heard(model, languages):
        provider = {"type": "deepgram", "model": model, "language_hints": ["en", 7]}
        return configuration.languages_heard({"agent": {"listen": {"provider": provider}}}, languages)

    assert heard("flux-general-multi", ["en", "es"]) == {
        "languages_hinted": ["en"],
        "languages": ["en", "es"],
    }
    assert heard("flux-general-multi", []) == {"languages_hinted": ["en"]}
    assert heard("nova-3", ["en"]) == {}


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
    assert configuration.context_of(settings) == context


@pytest.mark.parametrize(
    ("parameters", "names"),
    [({"required": ["a", 1, ["b"]]}, {"a"}), ({"required": "a"}, set()), ({}, set()), (None, set())],
)
def test_the_arguments_that_a_function_requires(parameters, names):
    assert configuration.required_arguments({"parameters": parameters}) == names


def test_the_names_of_functions_are_those_that_are_names():
    functions = [{"name": "a"}, {"name": 5}, "b", {}, {"name": "a"}]
    assert list(configuration.function_names({"agent": {"think": {"functions": functions}}})) == ["a", "a"]


AGENT = odd.objects("think", "listen", "speak", "greeting", "functions", "instructions", "context")


@given(odd.objects("agent", "flags", "settings", "tags", "context", agent=AGENT))
def test_no_settings_are_too_odd_to_read(body):
    texts = (
        configuration.prompt_of(body),
        configuration.greeting_of(body),
        configuration.listen_version(body),
        *configuration.tags_of(body),
        *configuration.function_names(body),
        *configuration.providers_of(body, "speak"),
    )
    assert all(isinstance(text, str) for text in texts)
    flags = (configuration.wants_history, configuration.is_flat, configuration.names_stored_agent)
    assert all(read(body) in (True, False) for read in flags)
    for function in configuration.functions_of(body).values():
        assert all(isinstance(name, str) for name in configuration.required_arguments(function))
        for dialect in Dialect:
            assert bool(configuration.endpoint_of(function, dialect)) is configuration.runs_on_server(
                function, dialect
            )
