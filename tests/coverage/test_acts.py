"""Which act an event of the client is."""

from dataclasses import replace

import pytest

from mockagent.coverage import acts
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    Malformed,
    Message,
    Problem,
    Side,
    Tolerance,
)
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches

FLUX = {"agent": {"listen": {"provider": {"type": "deepgram", "version": "v2"}}}}


def message(type, *problems, **body):
    return Message(type, {"type": type, **body}, problems)


def problem(refused_from):
    return Problem("/x", "required", "something", "nothing", refused_from)


@pytest.mark.parametrize(
    ("content", "act"),
    [
        (message("KeepAlive"), "KeepAlive"),
        (message("InjectAgentMessage"), "InjectAgentMessage default"),
        (message("InjectAgentMessage", behavior="queue"), "InjectAgentMessage queue"),
        (message("KeepAlive", problem(Tolerance.STRICT)), "KeepAlive"),
        (message("KeepAlive", problem(Tolerance.FAITHFUL)), acts.BROKEN),
        (message("SettingsConfiguration"), acts.UNKNOWN),
        (message("ForceEndTurn"), acts.UNSUPPORTED),
        (message("UpdateThink_Live"), acts.NOT_ENABLED),
        (Audio(640), acts.AUDIO),
        (Audio(0), acts.EMPTY),
        (Audio(20, json=True), acts.JSON_AS_AUDIO),
        (Malformed("JSON", "x", 1), acts.MALFORMED),
        (Elapsed("silence"), acts.STAY_SILENT),
        (Elapsed("first settings"), acts.STAY_SILENT),
        (Elapsed("answer"), None),
        (Closed(1000), acts.CLOSE),
    ],
)
def test_what_the_client_does_has_one_name(content, act):
    assert acts.act_of(Session(), Event(1.0, Side.CLIENT, content)) == act
    assert act is None or act in acts.acts(Dialect.V1)


def test_what_settings_and_switches_say_tells_acts_apart():
    session = replace(Session(switches=Switches(think_live=True)), settings=FLUX)
    assert acts.act_of(session, Event(1.0, Side.CLIENT, message("ForceEndTurn"))) == acts.OBEYED
    assert acts.act_of(session, Event(1.0, Side.CLIENT, message("UpdateThink_Live"))) == acts.ENABLED


def test_early_access_has_no_behaviors():
    session = Session(Dialect.EARLY_ACCESS)
    found = acts.act_of(session, Event(1.0, Side.CLIENT, message("InjectAgentMessage", behavior="queue")))
    assert found == "InjectAgentMessage"
    assert found in acts.acts(Dialect.EARLY_ACCESS)
