"""Every bundled scenario is played from end to end, each branch of it; whoever plays it wrongly is told how."""

from dataclasses import replace
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.scenario.model import Scenario
from mockagent.testing.client import lines_to_play


def plays() -> list[object]:
    return [
        pytest.param(path, number, id=f"{path.stem}-{number}")
        for path in catalogue.bundled_scenarios()
        for number in range(len(lines_to_play(catalogue.load_scenario(path))))
    ]


def bundled(name: str) -> Scenario:
    return catalogue.proved_scenario(catalogue.find_scenario(name))


@pytest.mark.parametrize(("path", "number"), plays())
def test_both_parts_are_played_to_the_end_and_nobody_breaks_a_rule(path: Path, number: int, plays_out):
    scenario = catalogue.proved_scenario(path)
    plays_out(scenario, lines_to_play(scenario)[number])


def test_a_client_that_leaves_too_soon_is_told_where_it_was_waited_for(complaints_of):
    scenario = bundled("barge_in")
    said = complaints_of(scenario, lines_to_play(scenario)[0][:2])
    assert (
        "barge_in.yaml:9: expected audio of the user's turn (or an InjectUserMessage), got a close (1000)"
        in said
    )


def test_a_client_that_says_something_else_is_told_how_near_it_came(complaints_of):
    scenario = bundled("prompt_and_speak_updates")
    first, second, third, *_ = lines_to_play(scenario)[0]
    wrong = replace(third.step, pattern={"type": "UpdatePrompt", "prompt": "Be nice."})
    said = complaints_of(scenario, (first, second, replace(third, step=wrong)))
    assert "prompt_and_speak_updates.yaml:8: expected UpdatePrompt with" in said
    assert 'nearest: UpdatePrompt, where /prompt: expected a text containing "formal", got "Be nice."' in said


def test_a_client_that_answers_wrongly_is_told_what_was_asked_for(complaints_of):
    scenario = bundled("answer_that_matters")
    said = complaints_of(scenario, lines_to_play(scenario)[0][:4], book_table="No table is free.")
    assert (
        "answer_that_matters.yaml:8: expected an answer of book_table: a text in which /confirmed|booked/"
        in said
    )
    assert 'got "No table is free."' in said


def test_a_function_without_a_result_is_really_called(plays_out, endpoint):
    scenario = bundled("function_over_http")
    plays_out(scenario, lines_to_play(scenario)[0])
    (request,) = endpoint.seen
    assert (request.method, request.body) == ("POST", '{"order": "1042"}')


def test_a_function_that_the_scenario_lets_fail_is_not(plays_out, endpoint):
    scenario = bundled("failing_function")
    plays_out(scenario, lines_to_play(scenario)[0])
    assert endpoint.connections == 0
