"""Settings that the script refuses: the Error comes in place of SettingsApplied."""

import pytest

from mockagent.protocol.codes import CODES
from mockagent.scenario.opening import refuses_settings

REFUSALS = [code.name for code in CODES.values() if code.refuses_settings]


def test_some_errors_refuse_settings_and_others_do_not():
    assert "INVALID_AGENT_ID" in REFUSALS
    assert "FAILED_TO_THINK" not in REFUSALS


@pytest.mark.parametrize("opening", ["", "- client: Settings\n"])
@pytest.mark.parametrize("name", REFUSALS)
def test_the_error_comes_in_place_of_settings_applied(start, opening, name):
    driver = start(f"{opening}- error: {name}").to_welcome()
    driver.send(driver.settings())
    assert driver.take() == ["Welcome", f"Error {name}", "(closes)"]
    assert driver.player.ending == "finished"


def test_any_other_error_comes_after_it(start):
    driver = start("- error: INTERNAL_SERVER_ERROR").begin()
    assert driver.take() == ["Error INTERNAL_SERVER_ERROR", "(closes)"]


@pytest.mark.parametrize("steps", ["- agent: Hello.\n- error: INVALID_SETTINGS", "- server: SettingsApplied"])
def test_settings_are_applied_where_something_else_comes_first(scenario, steps):
    assert not refuses_settings(scenario(steps).steps)


def test_a_message_written_whole_refuses_as_well(scenario):
    steps = scenario("- server: {type: Error, code: INVALID_SETTINGS, description: No.}").steps
    assert refuses_settings(steps)
