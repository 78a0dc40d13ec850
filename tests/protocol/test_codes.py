"""The table of codes: the same codes as the schemas know, each of them a message that can be sent."""

import re
from pathlib import Path

import pytest

import mockagent
from mockagent import catalogue
from mockagent.protocol import codes
from mockagent.protocol.codes import CODES, Kind, Wording
from mockagent.protocol.events import Dialect, Side

DEFINITIONS = catalogue.read_schema("common/server.json")["$defs"]
CORE = [Path(mockagent.__file__).parent / name for name in ("protocol", "scenario")]

every_code = pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)


@pytest.mark.parametrize(("kind", "definition"), [(Kind.ERROR, "errorCode"), (Kind.WARNING, "warningCode")])
def test_the_schemas_know_the_same_codes(kind, definition):
    assert set(codes.of_kind(kind)) == set(DEFINITIONS[definition]["enum"])


def test_no_code_stands_twice():
    assert len(CODES) == len(codes.of_kind(Kind.ERROR)) + len(codes.of_kind(Kind.WARNING))


@every_code
def test_each_code_makes_a_message_that_fits_its_schema(code):
    if code.kind is Kind.WARNING:
        assert catalogue.problems(Dialect.V1, Side.SERVER, codes.warning(code.name)) == ()
        return
    for dialect in Dialect:
        body = codes.error(dialect, code.name)
        assert catalogue.problems(dialect, Side.SERVER, body) == ()
        assert codes.FIELD not in str(body)


@every_code
def test_only_an_error_is_fatal_and_has_words_for_early_access(code):
    assert code.is_fatal == bool(code.message) == (code.kind is Kind.ERROR)


def test_other_words_take_the_place_of_those_of_the_table():
    assert codes.warning("SLOW_THINK_REQUEST", "Slow.")["description"] == "Slow."
    assert codes.error(Dialect.V1, "FAILED_TO_THINK", "No.") == {
        "type": "Error",
        "code": "FAILED_TO_THINK",
        "description": "No.",
    }
    assert codes.error(Dialect.EARLY_ACCESS, "FAILED_TO_THINK", "No.") == {"type": "Error", "message": "No."}


def test_what_live_was_seen_to_say_is_said_as_it_says_it():
    assert CODES["SLOW_THINK_REQUEST"].wording is Wording.OBSERVED
    assert codes.warning("SLOW_THINK_REQUEST") == {
        "type": "Warning",
        "description": "We have now waited 5 seconds for a think response.",
        "code": "SLOW_THINK_REQUEST",
    }


def test_a_refusal_of_a_requirement_is_an_error_of_the_table():
    refusals = [each.refusal for each in catalogue.requirements().values() if each.refusal]
    assert {CODES[refusal.code].kind for refusal in refusals} == {Kind.ERROR}
    usual = catalogue.requirements()["LIV-002"].refusal
    assert usual.description == CODES["CLIENT_MESSAGE_TIMEOUT"].description


def test_the_core_names_no_code_that_the_table_does_not_have():
    sources = [path.read_text("utf-8") for folder in CORE for path in folder.rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', text)}
    assert "SERVER_GOING_AWAY" in named
    assert named <= set(CODES)


def test_each_dialect_has_its_own_words_for_an_error():
    assert codes.error(Dialect.V1, "FAILED_TO_SPEAK") == {
        "type": "Error",
        "code": "FAILED_TO_SPEAK",
        "description": "Failed to speak. Please check your agent.speak settings.",
    }
    assert codes.error(Dialect.EARLY_ACCESS, "FAILED_TO_SPEAK") == {
        "type": "Error",
        "message": "Failed to Speak, check your Speak configuration",
    }
    assert codes.error(Dialect.EARLY_ACCESS, "FAILED_TO_THINK") == {
        "type": "Error",
        "message": "Failed to think. Please check your agent.think settings.",
    }


def test_the_errors_that_may_come_in_place_of_settings_applied():
    assert {code.name for code in codes.CODES.values() if code.refuses_settings} == {
        *(
            "UNPARSABLE_CLIENT_MESSAGE",
            "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS",
            "BINARY_MESSAGE_BEFORE_SETTINGS",
        ),
        *("INVALID_SETTINGS", "INVALID_AGENT_ID", "AGENT_ID_NOT_SUPPORTED"),
        *("FAILED_TO_START_LISTENING", "FAILED_TO_LISTEN"),
    }
