"""What the client says fits what the scenario asks for, and its schema."""

import pytest

from mockagent import catalogue
from mockagent.client.sayings import Sayings, fitting
from mockagent.protocol import configuration
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import TYPES, path_of
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario.lines import Line
from mockagent.scenario.matching import matches
from mockagent.scenario.model import AgentTurn, Call, CallTurn, ClientSends, UserTurn


def sayings(dialect: Dialect = Dialect.V1, **answers: str) -> Sayings:
    return Sayings(
        dialect,
        lambda type: catalogue.read_schema(path_of(dialect, Side.CLIENT, type))["examples"][0],
        answers,
    )


@pytest.mark.parametrize(
    ("pattern", "example", "value"),
    [
        ("*", "as it is", "as it is"),
        ("~formal", "Be formal.", "Be formal."),
        ("~formal", "Be nice.", "formal"),
        ("=~", "x", "~"),
        ("exactly", "x", "exactly"),
        ("/confirmed|booked/", "x", "confirmed"),
        (r"/^a\.b$/", "x", "a.b"),
        (7, "x", 7),
        (None, "x", None),
        ([1, "~two"], "x", [1, "two"]),
        ({"a": {"b": "*"}}, {"a": {"c": 1}}, {"a": {"c": 1, "b": "something"}}),
        ({"a": {"b": 2}}, "no object", {"a": {"b": 2}}),
    ],
)
def test_a_value_fits_its_pattern_and_stays_near_the_example(pattern, example, value):
    assert fitting(pattern, example) == value
    assert matches(pattern, value)


def test_a_regular_expression_beyond_it_is_said_so():
    with pytest.raises(ValueError, match=r"no text that fits /\^\[0-9\]\+\$/"):
        fitting("/^[0-9]+$/", "x")


@pytest.mark.parametrize(
    ("dialect", "type"), [(dialect, type) for dialect in Dialect for type in TYPES[dialect, Side.CLIENT]]
)
def test_every_message_is_valid(dialect, type):
    body = sayings(dialect).message({"type": type})
    assert catalogue.schemas().problems(dialect, Side.CLIENT, body) == ()


def test_the_words_of_a_dynamic_injection_are_left_to_the_service():
    body = sayings().message({"type": "InjectAgentMessage", "is_dynamic": True})
    assert body == {"type": "InjectAgentMessage", "is_dynamic": True}
    assert catalogue.schemas().problems(Dialect.V1, Side.CLIENT, body) == ()


def test_settings_in_the_flat_form_are_valid():
    pattern = {"type": "SettingsConfiguration", "agent": {"instructions": "*", "think_model": "own"}}
    line = Line((0,), ClientSends(pattern=pattern))
    body = sayings(Dialect.EARLY_ACCESS).settings([line])
    assert matches(pattern, body)
    assert catalogue.schemas().problems(Dialect.EARLY_ACCESS, Side.CLIENT, body) == ()


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("server_side", [True, None])
def test_settings_define_what_is_called_and_who_runs_it(dialect, server_side):
    turn = CallTurn(calls=(Call("get_weather", {"location": "Fremont"}, server_side=server_side),))
    body = sayings(dialect).settings([Line((0,), turn)])
    assert catalogue.schemas().problems(dialect, Side.CLIENT, body) == ()
    defined = configuration.functions_of(body)
    assert list(defined) == ["get_weather"]
    assert configuration.runs_on_server(defined["get_weather"], dialect) is bool(server_side)


def test_settings_say_what_their_own_step_asks_for():
    step = ClientSends(pattern={"type": "Settings", "audio": {"input": {"encoding": "mulaw"}}})
    body = sayings().settings([Line((0,), step)])
    assert body["audio"]["input"]["encoding"] == "mulaw"
    assert body["agent"]["think"]["provider"]["type"] == "open_ai"


def test_each_injected_statement_is_another():
    speaker = sayings()
    bodies = [speaker.message({"type": "InjectAgentMessage", "behavior": "queue"}) for _ in range(2)]
    assert bodies[0]["message"] != bodies[1]["message"]
    assert speaker.message({"type": "InjectAgentMessage", "message": "~wait"})["message"] == "wait"


def test_a_typed_turn_says_its_text_or_what_is_asked_for():
    assert sayings().typed(UserTurn(text="Hi there.", lasts=1.0))["content"] == "Hi there."
    assert sayings().typed(UserTurn(text="Hi there.", lasts=1.0, pattern="~bye"))["content"] == "bye"


def test_an_answer_is_the_one_given_by_hand_or_fits_the_call():
    turn = CallTurn(calls=(Call("a", {}, answer="~yes"), Call("b", {})))
    speaker = sayings(b="sunny")
    assert speaker.answer(FunctionCall("1", "a"), turn.calls)["content"] == "yes"
    assert speaker.answer(FunctionCall("2", "b"), turn.calls) == {
        "type": "FunctionCallResponse",
        "id": "2",
        "name": "b",
        "content": "sunny",
    }


def test_an_answer_in_early_access_has_its_own_shape():
    turn = CallTurn(calls=(Call("a", {}),))
    assert sayings(Dialect.EARLY_ACCESS).answer(FunctionCall("1", "a"), turn.calls) == {
        "type": "FunctionCallResponse",
        "function_call_id": "1",
        "output": '{"result": "something"}',
    }


@pytest.fixture
def failing():
    """Sayings for a turn in which two think providers and one speak provider fail."""
    said = sayings()
    said.settings((Line((0,), AgentTurn(texts=("Hello.",), think_fails=2, speak_fails=1)),))
    return said


def test_settings_name_a_provider_more_than_the_lines_let_fail():
    turn = AgentTurn(texts=("Hello.",), think_fails=2, speak_fails=1)
    calls = CallTurn(calls=(Call(name="here", arguments={}),))
    body = sayings().settings((Line((0,), calls), Line((1,), turn)))
    assert catalogue.schemas().problems(Dialect.V1, Side.CLIENT, body) == ()
    assert [len(configuration.providers_of(body, part)) for part in ("think", "speak")] == [3, 2]
    assert "here" in configuration.functions_of(body)


@pytest.mark.parametrize(
    ("type", "part", "number"), [("UpdateThink", "think", 3), ("UpdateSpeak", "speak", 2)]
)
def test_an_update_names_as_many_unless_the_scenario_says_which(failing, type, part, number):
    body = failing.message({"type": type})
    assert catalogue.schemas().problems(Dialect.V1, Side.CLIENT, body) == ()
    assert len(body[part]) == number
    asked = {"provider": {"type": "deepgram", "model": "x"}}
    assert isinstance(failing.message({"type": type, part: asked})[part], dict)


def test_one_provider_will_do_where_all_fail():
    body = sayings().settings((Line((0,), AgentTurn(texts=("Hello.",), think_fails=float("inf"))),))
    assert isinstance(body["agent"]["think"], dict)
