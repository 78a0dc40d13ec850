"""What gives cause for a code."""

import pytest

from mockagent import catalogue
from mockagent.protocol.causes import WANTED_BY, causes, wanting
from mockagent.protocol.codes import CODES
from mockagent.protocol.events import Audio, Event, Malformed, Message, Side

C, S = Side.CLIENT, Side.SERVER
WELCOME = (S, {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"})
STORED = "fc553ec9-5874-49ca-a47c-b670d525a4b3"
TEXT_FIRST, AUDIO_FIRST = "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS", "BINARY_MESSAGE_BEFORE_SETTINGS"
FIXED = "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"


def test_every_code_and_requirement_of_the_table_exists():
    assert set(WANTED_BY) <= set(CODES)
    assert set(WANTED_BY.values()) <= set(catalogue.requirements())


def test_a_code_is_wanted_to_have_a_cause_only_where_the_table_says_so():
    assert wanting({"code": "SETTINGS_ALREADY_APPLIED"}) == {"SET-012"}
    assert wanting({"code": "SLOW_THINK_REQUEST"}) == wanting({"code": []}) == wanting({}) == frozenset()


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ((C, "KeepAlive"), {TEXT_FIRST}),
        ((C, Malformed("JSON", "x", 1)), {TEXT_FIRST}),
        ((C, 640), {TEXT_FIRST, AUDIO_FIRST}),
        ((S, "UserStartedSpeaking"), set()),
    ],
)
def test_what_comes_before_settings_is_remembered(judge, step, given):
    assert judge(WELCOME, step).session.causes == given


def test_a_stored_agent_gives_cause_for_both_of_its_errors(judge, settings):
    given = judge(WELCOME, (C, settings(agent=STORED))).session.causes
    assert given == {"INVALID_AGENT_ID", "AGENT_ID_NOT_SUPPORTED"}


def test_requests_that_can_be_turned_down_give_cause(session, settings):
    assert session((C, "ForceEndTurn")).causes == {"FORCE_END_TURN_UNSUPPORTED"}
    assert len(session((C, {"type": "InjectAgentMessage", "message": "x"})).causes) == 2
    assert session((C, settings())).causes == {"SETTINGS_ALREADY_APPLIED"}
    assert session((C, "KeepAlive"), (C, 640)).causes == frozenset()


def listen(**provider):
    return C, {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", **provider}}}


def test_an_update_of_listening_gives_cause_where_it_changes_what_is_fixed(session):
    assert session(listen(keyterms=["fish"])).causes == frozenset()
    assert session(listen(model="nova-2")).causes == {FIXED}


def test_nobody_can_say_what_is_fixed_where_settings_do_not_say_how_to_listen(session, settings):
    agent = {key: value for key, value in settings()["agent"].items() if key != "listen"}
    for unknown in (settings(agent=agent), settings(agent=STORED)):
        assert FIXED in session(listen(model="nova-2"), settings=unknown).causes


@pytest.mark.parametrize(
    "content", [Malformed("JSON", "x", 1), Audio(2), Message("KeepAlive", {"type": "KeepAlive"})]
)
def test_in_a_configured_session_nothing_comes_too_early(session, content):
    assert list(causes(session(), Event(9.0, C, content))) == []


def test_a_server_gives_cause_for_nothing(session):
    assert list(causes(session(), Event(9.0, S, Message("ForceEndTurn", {"type": "ForceEndTurn"})))) == []


WANT_A_CAUSE = {"SET-012", "SET-013", "SET-014", "SET-015", "TRN-012", "UPD-005", "UPD-006", "INJ-004"}


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.name)
def test_a_code_without_a_cause_breaks_what_the_table_says_and_nothing_else_of_it(broken_in_session, code):
    body = {"type": code.kind.value, "code": code.name, "description": "x"}
    assert set(broken_in_session((S, body))) & WANT_A_CAUSE == wanting(body)
