"""Functions that the server runs, in memory: what is asked of whoever calls endpoints, and what comes of it."""

import pytest

from mockagent.protocol.configuration import Endpoint
from mockagent.protocol.events import Dialect
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import CallFunction, Send
from mockagent.scenario.outcomes import Failed, NotCalled, Returned
from mockagent.scenario.part import Ending

ASK = {"type": "InjectUserMessage", "content": "Hi"}
PARAMETERS = {"description": "d", "parameters": {"type": "object"}}
THERE = {
    "name": "f",
    **PARAMETERS,
    "endpoint": {"url": "http://127.0.0.1:1/f", "method": "put", "headers": {"x-key": "hush"}},
}
ALSO = {"name": "g", **PARAMETERS, "endpoint": {"url": "http://127.0.0.1:1/g"}}
HERE = {"name": "h", **PARAMETERS}
QUIET = Switches(history=False, latency_report=False, agent_started_speaking=False, function_within=3.0)


@pytest.fixture
def calling(start):
    """Gives a driver that has just asked for the functions of a `call` step, and what it did then."""

    def call(step, *, after="- agent: Thanks.", switches=QUIET, **options):
        driver = start(f"- user: Hi\n  when: text\n- {step}\n{after}", switches=switches, **options)
        driver.begin(driver.settings(functions=[THERE, ALSO, HERE]))
        driver.send(ASK)
        driver.wait(0.25)
        assert driver.take()[0] == "user: Hi"
        driver.called = [action for action in driver.actions if isinstance(action, CallFunction)]
        return driver

    return call


def sent(driver, type):
    return [a.body for a in driver.actions if isinstance(a, Send) and a.body["type"] == type]


def test_what_is_called_is_what_settings_define(calling):
    (action,) = calling("call: {f: {a: 1}}").called
    assert (action.call.id, action.call.name, action.call.arguments) == ("call-1", "f", '{"a": 1}')
    assert action.endpoint == Endpoint("http://127.0.0.1:1/f", "PUT", (("x-key", "hush"),))


def test_no_secret_is_in_the_repr_of_an_action(calling):
    (action,) = calling("call: {f: {}}").called
    assert "hush" not in repr(action)
    assert "127.0.0.1" not in repr(action)


def test_its_result_is_told_kept_and_remembered(calling):
    more = "- agent: It says ${found}."
    driver = calling("call: {f: {}}\n  as: found", after=more, switches=Switches(function_within=3.0))
    driver.ends("call-1", Returned("blue"))
    assert driver.take()[:3] == ["result blue", "History of f = blue", "assistant: It says blue."]
    (response,) = sent(driver, "FunctionCallResponse")
    assert response == {"type": "FunctionCallResponse", "id": "call-1", "name": "f", "content": "blue"}


def test_a_failure_is_a_warning_and_the_agent_goes_on(calling):
    driver = calling("call: {f: {}}\n  as: found", after="- agent: Alas. ${found.error}")
    driver.ends("call-1", Failed("its endpoint answered with status 500"))
    words = "The function f failed: its endpoint answered with status 500."
    assert driver.take()[:2] == ["Warning FUNCTION_CALL_FAILED", f"assistant: Alas. {words}"]
    assert sent(driver, "Warning") == [
        {"type": "Warning", "code": "FUNCTION_CALL_FAILED", "description": words}
    ]
    assert sent(driver, "FunctionCallResponse") == []
    driver.wait(2)
    assert driver.player.ending is Ending.FINISHED


def test_an_empty_object_stands_for_what_must_not_be_called(calling):
    driver = calling("call: {f: {}}")
    driver.ends("call-1", NotCalled())
    assert driver.take()[:2] == ["result {}", "assistant: Thanks."]


def test_what_takes_too_long_is_dropped_and_has_failed(calling):
    driver = calling("call: {f: {}}")
    driver.wait(2.9)
    assert driver.take() == []
    driver.wait(0.2)
    assert driver.take()[:2] == ["(drops call-1)", "Warning FUNCTION_CALL_FAILED"]
    (warning,) = sent(driver, "Warning")
    assert warning["description"] == "The function f failed: its endpoint did not answer in time."


def test_what_answers_after_it_was_given_up_changes_nothing(calling):
    driver = calling("call: {f: {}}")
    driver.wait(3.5)
    driver.take()
    driver.ends("call-1", Returned("late"))
    assert driver.take() == []


@pytest.mark.parametrize("first", ["call-1", "call-2"])
def test_several_run_side_by_side_and_each_is_told_as_it_ends(calling, first):
    driver = calling("call: {f: {}, g: {}}")
    assert [action.call.name for action in driver.called] == ["f", "g"]
    other = {"call-1": "call-2", "call-2": "call-1"}[first]
    driver.ends(first, Returned("one"))
    assert driver.take() == ["result one"]
    driver.ends(other, Failed("x"))
    assert driver.take()[:2] == ["Warning FUNCTION_CALL_FAILED", "assistant: Thanks."]


def test_only_those_still_running_are_dropped_when_the_time_is_up(calling):
    driver = calling("call: {f: {}, g: {}}")
    driver.ends("call-1", Returned("one"))
    driver.take()
    driver.wait(3)
    assert driver.take()[:2] == ["(drops call-2)", "Warning FUNCTION_CALL_FAILED"]


@pytest.mark.parametrize(
    ("word", "told"), [("result: 'ok'", "result ok"), ("fails: no.", "Warning FUNCTION_CALL_FAILED")]
)
def test_what_the_scenario_says_comes_of_it_needs_no_call(calling, word, told):
    driver = calling(f"call: {{f: {{}}}}\n  {word}")
    assert driver.called == []
    driver.wait(0.15)
    assert driver.take()[:2] == [told, "assistant: Thanks."]


def test_the_reason_that_the_scenario_gives_is_in_the_warning(calling):
    driver = calling("call: {f: {}}\n  fails: the shop is closed.")
    driver.wait(0.2)
    (warning,) = sent(driver, "Warning")
    assert warning["description"] == "The function f failed: the shop is closed."


def test_results_for_some_leave_the_others_to_their_endpoints(calling):
    driver = calling("call: {f: {}, g: {}}\n  results: {g: written}")
    assert [action.call.name for action in driver.called] == ["f"]
    driver.wait(0.2)
    assert driver.take() == ["result written"]
    driver.ends("call-1", Returned("called"))
    assert driver.take()[:2] == ["result called", "assistant: Thanks."]


def test_calls_of_both_sides_in_one_request(calling):
    driver = calling("call: {f: {}, h: {}}")
    driver.send({"type": "FunctionCallResponse", "id": "call-2", "name": "h", "content": "here"})
    assert driver.take() == []
    driver.ends("call-1", Returned("there"))
    assert driver.take()[:2] == ["result there", "assistant: Thanks."]


def test_a_warning_that_the_script_mentions_is_not_sent_twice(calling):
    mention = "- server: {type: Warning, code: FUNCTION_CALL_FAILED, description: d}\n- agent: Thanks."
    driver = calling("call: {f: {}}", after=mention)
    driver.ends("call-1", Failed("x"))
    assert driver.take()[:2] == ["Warning FUNCTION_CALL_FAILED", "assistant: Thanks."]


def test_a_part_that_fails_drops_what_the_other_one_called(start):
    typed = "    - user: Hi\n      when: text\n    - call: {f: {}}\n"
    other = "    - client: UpdatePrompt\n      within: 1 s\n"
    steps = f"- any_order:\n  -\n{typed}  -\n{other}"
    driver = start(steps, switches=QUIET)
    driver.begin(driver.settings(functions=[THERE]))
    driver.send(ASK)
    driver.wait(1.5)
    assert driver.take()[-2:] == ["(PUT for call-1)", "(drops call-1)"]


def test_a_client_that_leaves_meanwhile_is_told_what_was_waited_for(calling):
    driver = calling("call: {f: {}}")
    driver.close()
    (unmet,) = driver.player.unmet
    assert "expected the end of f, got a close (1000)" in str(unmet)


def test_after_the_close_a_result_is_not_told(calling):
    driver = calling("call: {f: {}}")
    driver.close()
    driver.take()
    driver.ends("call-1", Returned("late"))
    assert driver.take() == []


class TestEarlyAccess:
    """The dialect that has neither the Warning nor a response of the server."""

    def calling(self, start, **function):
        found = {"name": "f", **PARAMETERS, "url": "http://127.0.0.1:1/", **function}
        driver = start(
            "- user: Hi\n- call: {f: {}}\n  as: found\n- agent: It says ${found}.",
            dialect=Dialect.EARLY_ACCESS,
            switches=QUIET,
        )
        driver.begin(driver.settings(functions=[found]))
        driver.stream(1.1)
        driver.wait(0.5)
        driver.take()
        return driver

    def test_its_headers_are_a_list(self, start):
        driver = self.calling(start, headers=[{"key": "x-key", "value": "hush"}], method="get")
        (action,) = [action for action in driver.actions if isinstance(action, CallFunction)]
        assert action.endpoint == Endpoint("http://127.0.0.1:1/", "GET", (("x-key", "hush"),))

    def test_the_result_is_for_the_agent_alone(self, start):
        driver = self.calling(start)
        driver.ends("call-1", Returned("blue"))
        assert driver.take()[0] == "assistant: It says blue."

    def test_and_so_is_a_failure(self, start):
        driver = self.calling(start)
        driver.ends("call-1", Failed("x"))
        assert driver.take()[0] == 'assistant: It says {"error": "The function f failed: x."}.'


def test_the_house_agent_calls_what_has_an_endpoint(at_home):
    driver = at_home()
    driver.begin(driver.settings(functions=[THERE]))
    driver.wait(2)
    driver.send({"type": "InjectUserMessage", "content": "f, please"})
    driver.wait(0.5)
    assert driver.take()[-1] == "(PUT for call-1)"
    driver.ends("call-1", Returned("blue"))
    assert driver.take()[:2] == ["result blue", "assistant: f says: blue"]
