"""Clients in processes of their own: what each verdict is given for."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from mockagent import catalogue
from mockagent.fuzz.outcomes import Verdict
from mockagent.fuzz.sending import fault_of
from mockagent.fuzzing.campaign import campaign
from mockagent.fuzzing.client import Client
from mockagent.fuzzing.peer import PeerFailed

CLIENT = str(Path(__file__).with_name("bad_client.py"))
BROKEN = "v1/server/ConversationText#text:truncated"
SOME = (
    "v1/server/Welcome#text:truncated",
    "v1/server/ConversationText/role#required",
    BROKEN,
    "v1/server/ConversationText#frame:fragmented",
    "v1/server/ConversationText#frame:ping-flood",
    "v1/server/PromptUpdated#text:truncated",
    "v1/server/audio#audio:odd",
    "v1/server/Welcome#order:silence",
    "v1/server/SettingsApplied#order:open",
    "v1/server/ConversationText#frame:unfinished",
    "v1/server/ConversationText#frame:close-999",
)


def fuzzed(how, *ids, within=3.0, shrinks_for=6.0):
    faults = [fault_of(catalogue.corpus().get(each)) for each in ids]
    told = []
    peer = Client([sys.executable, CLIENT, *([how] if how else [])], os.environ, within=within)
    results = asyncio.run(campaign(faults, [peer], told.append, shrinks_for=shrinks_for))
    return results, [each for each in told if type(each).__name__ == "Tried"]


def test_a_good_client_lives_through_all_of_it_in_few_processes():
    results, tried = fuzzed("", *SOME)
    said = {each.fault.origin: (each.outcome.verdict.value, each.outcome.detail) for each in tried}
    assert results.failed == 0, said
    assert said.pop("v1/server/PromptUpdated#text:truncated")[0] == "not reached"
    assert said.pop("v1/server/ConversationText#frame:close-999") == ("survived", "closed with 1002")
    assert said.pop("v1/server/ConversationText#frame:unfinished") == ("survived", "answered a ping")
    assert set(said.values()) == {("survived", "answered with FunctionCallResponse")}


@pytest.mark.parametrize(
    ("how", "verdict", "detail"),
    [
        ("hangs", Verdict.HUNG, "a function call was not answered in 1 s"),
        ("closes", Verdict.REFUSED, "closed with 1003"),
        ("raises", Verdict.CRASHED, "KeyError: 'type'"),
        ("dies", Verdict.CRASHED, "the command ended with status 9"),
        ("kills", Verdict.CRASHED, "the command ended with status 134"),
        ("talks", Verdict.LEAKED, "the API key came in a frame"),
        ("forks", Verdict.LEAKED, "1 processes outlived the command"),
        ("no-functions", Verdict.SURVIVED, "answered a ping"),
    ],
)
def test_what_a_client_is_said_to_have_done(how, verdict, detail):
    results, (tried,) = fuzzed(how, BROKEN, within=1.0 if how == "hangs" else 3.0, shrinks_for=0.5)
    assert tried.outcome.verdict is verdict
    assert tried.outcome.detail.startswith(detail)
    assert bool(results.found) is (verdict not in (Verdict.REFUSED, Verdict.SURVIVED))


def test_a_failure_is_reduced_to_the_frame_that_matters():
    (found,) = fuzzed("dies", BROKEN, shrinks_for=20.0)[0].found
    (wire,) = found.sending.wires
    assert wire.data == b""


def test_a_command_that_never_connects_is_said_at_once():
    with pytest.raises(PeerFailed, match=r"ended without a connection to ws://.*: I would rather not"):
        fuzzed("stays-away", BROKEN)
