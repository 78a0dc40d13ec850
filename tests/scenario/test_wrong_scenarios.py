"""Wrong scenario files: each is refused with exactly what its first lines expect, and editors see most of it."""

from pathlib import Path

import pytest

from mockagent.catalogue import proved_scenario, schemas
from mockagent.errors import ScenarioError
from mockagent.yaml_nodes import load

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))

NOT_YAML = frozenset(
    [
        "alias_bomb",
        "alias_to_itself",
        "duplicate_key",
        "empty_file",
        "tab",
        "tag",
        "two_documents",
        "unclosed_bracket",
    ]
)
"""Files that a schema never sees."""

BEYOND_A_SCHEMA = frozenset(
    [
        "after_a_fault_that_ends_it",
        "after_an_error",
        "after_the_close",
        "after_the_silence",
        "answer_of_an_unknown_function",
        "attempt_that_is_refused_and_played",
        "bad_regular_expression",
        "before_nothing_that_takes_time",
        "before_the_close",
        "branch_of_the_agent",
        "branches_begin_alike",
        "cancelled_answer_kept",
        "early_access_type_in_v1",
        "fails_of_the_client",
        "fails_with_a_result",
        "fault_of_the_opening_too_late",
        "interrupted_after_the_end",
        "interrupted_answer_kept",
        "interrupted_by_nobody",
        "interrupted_call_by_nobody",
        "longer_than_a_session",
        "name_from_one_branch",
        "never_settings",
        "one_name_for_two_functions",
        "order_of_a_stranger",
        "order_of_the_server",
        "reason_without_code",
        "repeated_after_the_end",
        "repeated_too_often",
        "result_of_the_client",
        "says_without_text",
        "server_message_incomplete",
        "server_message_mistyped",
        "speculates_when_typed",
        "stays_for_a_while",
        "stays_in_early_access",
        "text_turn_in_early_access",
        "unknown_name",
        "unknown_requirement",
        "v1_type_in_early_access",
        "warning_in_early_access",
        "wav_missing",
        "wav_outside_the_folder",
        "wav_that_is_none",
        "within_less_than_it_takes",
    ]
)
"""Files whose flaw lies between several values, in another file or in a message's own schema."""


def expected_flaws(path):
    lines = path.read_text("utf-8").splitlines()
    return [f"{path}:{line.removeprefix('# expects: ')}" for line in lines if line.startswith("# expects: ")]


def test_there_are_many_of_them():
    assert len(WRONG) >= 60


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_each_is_refused_with_exactly_what_it_expects(path):
    with pytest.raises(ScenarioError) as raised:
        proved_scenario(path)
    assert str(raised.value).splitlines() == expected_flaws(path)


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_an_editor_sees_the_flaw_unless_no_schema_can(path):
    if path.stem in NOT_YAML:
        with pytest.raises(ScenarioError):
            load(path.read_text("utf-8"), str(path))
        return
    document = load(path.read_text("utf-8"), str(path)).value
    problems = schemas().conforms("files/scenario.json", document)
    is_beyond = path.stem in BEYOND_A_SCHEMA or path.stem.startswith(("unproved_", "breaks_"))
    assert bool(problems) is not is_beyond
