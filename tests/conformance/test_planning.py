"""What becomes of a scenario: its cases, what the client is asked to do in each, and which rows they have."""

import pytest

from mockagent.conformance.planning import Limits, for_functions, replayed
from mockagent.scenario.model import ServerCloses


def test_the_rows_of_a_case_are_the_course_what_it_exercises_the_others_and_the_close(cases_of):
    asks = [row.asks for row in cases_of("function_call")["function_call"].rows]
    assert (asks[0], asks[-2:]) == ("course", ["others", "close"])
    assert {"FUN-001", "SET-001", "AUD-001"} <= set(asks)
    assert "FUN-001" not in [row.asks for row in cases_of("greeting_only")["greeting_only"].rows]


def test_each_play_is_a_case_of_its_own_for_a_client_that_can_be_told_which(cases_of):
    assert list(cases_of("voice_or_text")) == ["voice_or_text", "voice_or_text#2"]
    assert list(cases_of("voice_or_text", level=0)) == ["voice_or_text"]


def test_a_client_that_comes_back_has_as_many_connections_as_are_not_refused(cases_of):
    assert cases_of("reconnect_after_503")["reconnect_after_503"].connections == 2
    assert cases_of("barge_in")["barge_in"].connections == 1


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("text_only", "type"),
        ("keep_alive", "send a certain message"),
        ("long_answer", "speak up at the right moment"),
        ("prompt_and_speak_updates", "update the agent"),
        ("injection_refused", "inject"),
        ("silence_timeout", "be silent"),
        ("answer_that_matters", "answer in certain words"),
        ("reconnect_after_503", "come back"),
        ("think_provider_fails", "send Settings with several providers"),
    ],
)
def test_what_a_client_must_be_told_is_not_for_one_that_obeys_nothing(scenario, reason, cases_of):
    assert reason in cases_of(scenario, level=0)[scenario].skipped
    assert cases_of(scenario)[scenario].skipped == ""


@pytest.mark.parametrize(
    "scenario", ["barge_in", "function_call", "fatal_error", "half_open", "slow_providers"]
)
def test_what_the_server_leads_is_for_every_client(scenario, cases_of):
    assert cases_of(scenario, level=0)[scenario].skipped == ""


def test_the_server_hangs_up_for_a_client_that_knows_no_end(cases_of):
    assert isinstance(cases_of("barge_in", level=0)["barge_in"].scenario.steps[-1], ServerCloses)
    assert not isinstance(cases_of("barge_in")["barge_in"].scenario.steps[-1], ServerCloses)


def test_a_function_that_the_client_does_not_define_is_not_called(cases_of):
    case = cases_of("two_functions_at_once", level=0)["two_functions_at_once"]
    assert "get_time" in for_functions(case, ["get_weather"], 0).skipped
    assert for_functions(case, ["get_weather", "get_time"], 0).skipped == ""


def test_a_client_that_obeys_is_told_to_define_a_function(cases_of):
    case = cases_of("function_call")["function_call"]
    assert case.intent["functions"] == ["get_weather"]
    assert for_functions(case, ["get_weather"], 1).intent["do"] == "talk"
    assert for_functions(case, [], 1).intent["do"] == "play"


def test_an_intent_says_which_functions_the_server_is_to_run(cases_of):
    assert cases_of("server_side_function")["server_side_function"].intent["endpoints"] == ["order_status"]
    assert cases_of("function_call")["function_call"].intent["endpoints"] == []
    discarded = cases_of("deferred_call_discarded")["deferred_call_discarded"].intent
    assert (discarded["functions"], discarded["endpoints"]) == (["end_call"], [])


def test_a_talk_that_the_server_ends_is_not_for_the_client_to_end(cases_of):
    assert cases_of("greeting_only")["greeting_only"].intent["replies"] == 1
    assert cases_of("fatal_error")["fatal_error"].intent["replies"] == 2


def test_several_providers_are_to_be_asked_for(cases_of):
    assert cases_of("think_provider_fails")["think_provider_fails"].intent["providers"] == {"think": 2}


def test_a_conversation_is_a_talk_with_so_many_replies(cases_of):
    intent = cases_of("barge_in", speed=4.0)["barge_in"].intent
    assert (intent["do"], intent["replies"], intent["pace"]) == ("talk", 2, 4.0)
    assert [step["do"] for step in intent["steps"]][-2:] == ["hear", "hang_up"]
    said = [step["text"] for step in intent["steps"] if step["do"] == "say"]
    assert said == ["What's the weather in Fremont?", "Just the temperature, please."]


def test_one_injection_is_an_inject_and_anything_else_is_a_play(cases_of):
    assert cases_of("injection_refused")["injection_refused"].intent["do"] == "inject"
    steps = cases_of("prompt_and_speak_updates")["prompt_and_speak_updates"].intent
    assert steps["do"] == "play"
    assert (
        next(step["message"]["type"] for step in steps["steps"] if step["do"] == "update") == "UpdatePrompt"
    )


def test_a_case_may_take_as_long_as_its_play_and_half_as_long_again(cases_of):
    case = cases_of("everyday_call")["everyday_call"]
    assert case.deadline(Limits(10, 15), 1.0) == pytest.approx(10 + 1.5 * case.lasts + 30)
    assert case.deadline(Limits(10, 15), 10.0) == pytest.approx(10 + (1.5 * case.lasts + 15) / 10 + 15)
    assert case.deadline(Limits(case=2.0), 1.0) == 2.0


def test_two_hours_are_a_minute(cases_of):
    assert cases_of("two_hours")["two_hours"].lasts < 61


def test_the_time_of_a_fault_is_time_in_which_nothing_need_happen(cases_of):
    silent = cases_of("half_open", speed=1.0)["half_open"]
    assert silent.pause >= 60
    assert silent.deadline(Limits(), 1.0) > 60
    stalling = cases_of("stall_mid_frame", speed=1.0)["stall_mid_frame"]
    assert (stalling.stalled, silent.stalled) == (3.0, 0.0)


def test_what_plays_a_case_again_names_the_options_that_are_not_the_usual_ones():
    assert replayed(1.0, Limits()) == ""
    limits = Limits(connect=2.0, case=2.5)
    assert replayed(10.0, limits) == " --speed 10 --connect-within 2 --case-within 2.5"
