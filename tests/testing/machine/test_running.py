"""The state machine against our own server and client, and against such as are wrong in one way each."""

import re

import pytest
import wrong_clients as clients
from hypothesis import HealthCheck, Phase
from hypothesis import settings as trials
from wrong_server import between

from mockagent.testing import replay, run_state_machine, serving

QUICKLY = trials(
    max_examples=20,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SHRUNK = trials(QUICKLY, max_examples=100)
UNSHRUNK = trials(SHRUNK, phases=[Phase.generate])
"""For what is only to be found: what it shrinks to is one test's business, and takes a while on a socket."""
SPEED = 4.0
MOST_LEFT = 4
"""Messages that shrinking may leave of a session: two are enough, but on a busy machine it is not sure of each."""
SHORT = 2.5
"""The patience with those that are wrong: they may be late as well, and are found out all the same."""


@pytest.fixture(scope="module")
def server():
    with serving(speed=SPEED, expect_finished=False, allow_findings=True) as running:
        yield running


def test_our_own_server_is_right_in_v1(server):
    run_state_machine(server, settings=QUICKLY, speed=SPEED, strict=True)
    kinds = {message["type"] for message in server.messages}
    assert "Settings" in kinds
    assert len(kinds) >= 6  # which of them are drawn changes with Hypothesis, and with the machine
    assert any(finding.binds == "client" for finding in server.findings)  # what is not allowed was done too


def test_our_own_server_is_right_in_early_access(server):
    run_state_machine(server, dialect="early-access", settings=QUICKLY, speed=SPEED, strict=True)
    assert any(session.dialect == "early-access" and session.sent for session in server.sessions)


def never_acknowledges(body, memory):
    return None if body["type"] == "PromptUpdated" else body


def answers_after_error(body, memory):
    return [body, {"type": "AgentAudioDone"}] if body["type"] == "Error" else body


def welcomes_twice(body, memory):
    return [body, body] if body["type"] == "Welcome" else body


def keeps_settings_for_the_next(body, memory):
    if body["type"] == "SettingsApplied":
        memory["configured"] = memory["session"]
    if body["type"] == "Welcome" and memory.get("configured", memory["session"]) != memory["session"]:
        return [body, {"type": "SettingsApplied"}]
    return body


def says_it_in_other_words(body, memory):
    is_said = body["type"] == "ConversationText" and body["role"] == "user"
    return {**body, "content": body["content"].upper() + "!"} if is_said else body


@pytest.mark.parametrize(
    ("alter", "what"),
    [
        (never_acknowledges, "expected PromptUpdated from the server"),
        (answers_after_error, "CLS-001"),
        (welcomes_twice, "OPN-003"),
        (keeps_settings_for_the_next, "SET-00[56]|TRN-006"),
        (says_it_in_other_words, "TRN-0|HIS-002|expected ConversationText"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_server_that_is_wrong_in_one_way_is_found_out(server, alter, what):
    with between(server.url, alter) as url, pytest.raises(AssertionError, match=what):
        run_state_machine(url, settings=UNSHRUNK, speed=SPEED, patience=SHORT, strict=True)


def never_refuses(body, memory):
    return None if body["type"] == "InjectionRefused" else body


def test_a_server_that_ought_to_refuse_is_found_out_while_it_greets(server):
    greets = {**clients.SETTINGS, "agent": {**clients.SETTINGS["agent"], "greeting": "Good morning. " * 20}}
    with between(server.url, never_refuses) as url, pytest.raises(AssertionError, match="InjectionRefused"):
        run_state_machine(url, opening=greets, settings=UNSHRUNK, speed=SPEED, patience=SHORT)


def acknowledges_twice(body, memory):
    return [body, body] if body["type"] == "PromptUpdated" else body


def test_what_is_found_shrinks_and_is_written_down_to_be_done_again(server, tmp_path):
    with between(server.url, acknowledges_twice) as url:
        with pytest.raises(AssertionError, match="UPD-001") as caught:
            run_state_machine(url, settings=SHRUNK, steps=6, speed=SPEED, traces=tmp_path)
        written = sorted(tmp_path.iterdir())
        assert str(written[-1]) in str(caught.value)
        with pytest.raises(AssertionError, match="UPD-001"):
            replay(url, *written, speed=SPEED)
    ours = re.findall(r'"from":"client","message":{"type":"(\w+)"', written[-1].read_text("utf-8"))
    told = [type for type in ours if type != "KeepAlive"]
    assert (told[0], told[-1]) == ("Settings", "UpdatePrompt")
    assert len(told) <= MOST_LEFT
    replay(server, *written, speed=SPEED)


def test_a_right_client_is_right():
    run_state_machine(clients.client(clients.right), settings=QUICKLY, strict=True)


@pytest.mark.parametrize(
    ("react", "what"),
    [
        (clients.never_answers, "expected FunctionCallResponse to call_1 from the client"),
        (clients.answers_another, "FUN-001"),
        (clients.greets_with_settings_again, "SET-003"),
        (clients.speaks_up_late, "FUN-001"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_client_that_is_wrong_in_one_way_is_found_out(react, what):
    with pytest.raises(AssertionError, match=what):
        run_state_machine(clients.client(react), settings=UNSHRUNK, patience=SHORT, strict=True)


def test_a_client_that_does_not_end_is_found_out():
    import threading

    released = threading.Event()

    def stays(url):
        clients.client(clients.right)(url)
        released.wait(30)

    try:
        with pytest.raises(AssertionError, match="expected the client to end after its session"):
            run_state_machine(stays, settings=trials(UNSHRUNK, max_examples=2), patience=0.3)
    finally:
        released.set()


def test_a_client_that_never_comes_is_found_out():
    with pytest.raises(AssertionError, match="expected the client to connect"):
        run_state_machine(lambda url: None, settings=trials(UNSHRUNK, max_examples=1), patience=0.2)


def test_a_server_that_is_not_there_is_found_out():
    with pytest.raises(AssertionError, match="to let a client in"):
        run_state_machine("ws://127.0.0.1:9/v1/agent/converse", settings=trials(UNSHRUNK, max_examples=1))
