"""Sendings as scenarios: every near-miss of a server is accepted by the language, or is said to be beyond it."""

from collections import Counter

import pytest

from mockagent import catalogue
from mockagent.fuzz.as_scenario import CannotSay, as_scenario
from mockagent.fuzz.near_miss import Kind, Opcode, Payload, Wire, binary, message, text
from mockagent.fuzz.sending import Await, Say, Sending, fault_of
from mockagent.fuzz.stimuli import type_of
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches
from mockagent.scenario.faults.raw_frame import frame_of
from mockagent.scenario.model import FaultStrikes, ServerSends

WELCOME = Say(message(messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6")))
APPLIED = Say(message(messages.bare("SettingsApplied")))
BEGUN = (WELCOME, Await("Settings"), APPLIED)
SPOKE = Say(message({"type": "UserStartedSpeaking"}))
AFTER = "and a script begins after that"
BEYOND = {
    Kind.FRAME: {"the last message is not all there; after it a client answers nothing but pings": 4},
    Kind.ORDER: {
        f"Settings of the client is waited for before Welcome, {AFTER}": 24,
        f"SettingsConfiguration of the client is waited for before Welcome, {AFTER}": 12,
    },
    Kind.TIME: {
        f"the server waits before SettingsApplied, {AFTER}": 4,
        f"the server is silent before SettingsApplied, {AFTER}": 4,
    },
}
"""Why near-misses of a kind are no scenarios, and of how many that is so; of the other kinds all are."""
PROVED = {Kind.SCHEMA: 10}
"""Of this kind only one in so many is proved: they differ in nothing but the bytes of one frame."""


def written(sending, function="get_weather", **more):
    judge = Judge(catalogue.requirements(), Switches(), sending.dialect)
    return as_scenario(sending, function, judge, catalogue.problems, summary="s", **more)


def sent(*steps, **more):
    return Sending(Dialect.V1, Side.SERVER, steps, **more)


def steps(*said, **more):
    """The steps as they stand in the file, of which each is proved."""
    text = written(sent(*said), **more)
    catalogue.scenario_of(text, "f.yaml")
    return [line[4:] for line in text.partition("steps:\n")[2].splitlines() if line.startswith("  - ")]


ENDS = ["user: mockagent probe", "call: {get_weather: {location: Fremont}}", "server: {closes: 1000}"]


@pytest.mark.parametrize("kind", Kind)
def test_every_near_miss_is_a_scenario_that_is_accepted_or_is_said_to_be_none(kind):
    beyond, number = Counter(), 0
    for dialect in Dialect:
        for near_miss in catalogue.corpus().near_misses(dialect, Side.SERVER, kind=kind):
            try:
                file = written(fault_of(near_miss).sending)
            except CannotSay as error:
                beyond[str(error)] += 1
                continue
            number += 1
            if number % PROVED.get(kind, 1) == 0:
                assert_exact(catalogue.scenario_of(file, "f.yaml"), near_miss)
    assert beyond == BEYOND.get(kind, {})
    assert number > 20


def assert_exact(scenario, near_miss):
    """Each of its frames is played byte for byte: as a fault, as a message of the script, or by the service itself."""
    faults = [step for step in scenario.steps if isinstance(step, FaultStrikes) and step.fault == "frame"]
    played = {frame_of(step.values).data for step in faults}
    played |= {message(step.body).data for step in scenario.steps if isinstance(step, ServerSends)}
    for wire in near_miss.wires:
        assert wire.data in played or type_of(wire.data) in ("Welcome", "SettingsApplied"), near_miss.id


def test_frames_before_welcome_and_before_settings_applied_stand_at_the_top():
    assert steps(Say(text(""))) == ["fault: {frame: {text: '', before: Welcome}}", "client: Settings", *ENDS]
    assert steps(WELCOME, Say(text("a")), Await("Settings"), Say(text("b"))) == [
        "fault: {frame: {text: 'a'}}",
        "fault: {frame: {text: 'b', before: SettingsApplied}}",
        "client: Settings",
        *ENDS,
    ]


def test_what_the_service_would_say_by_itself_is_replaced_where_it_is_wrong():
    wrong = Say(message({"type": "SettingsApplied", "more": 1}))
    assert steps(WELCOME, Await("Settings"), wrong)[0] == (
        """fault: {frame: {text: '{"type":"SettingsApplied","more":1}', instead_of: SettingsApplied}}"""
    )
    assert steps(WELCOME, Await("Settings"), wrong, APPLIED)[0] == (
        """fault: {frame: {text: '{"type":"SettingsApplied","more":1}', before: SettingsApplied}}"""
    )
    assert steps(WELCOME, APPLIED, Await("Settings"))[:2] == [
        """fault: {frame: {text: '{"type":"SettingsApplied"}'}}""",
        "fault: no_settings_applied",
    ]


def test_what_is_right_is_a_step_and_what_is_wrong_a_frame():
    early = message({"type": "AgentAudioDone"})
    assert steps(*BEGUN, SPOKE, Say(early), Await("UpdatePrompt"), Say(message({"type": "PromptUpdated"})))[
        1:-3
    ] == [
        "server: UserStartedSpeaking",
        """fault: {frame: {text: '{"type":"AgentAudioDone"}'}}""",
        "client: UpdatePrompt",
        "server: PromptUpdated",
    ]


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        (binary(b"\x01\xff"), "{base64: 'Af8=', opcode: binary}"),
        (text(bytes(640)), "{text: '', fill: \"\\u0000\", times: 640}"),
        (
            Wire(Opcode.TEXT, Payload(b"\xff", b"x", 5, b"y")),
            "{base64: '/w==', fill: 'eA==', tail: 'eQ==', times: 5, may_close: true}",
        ),
        (
            Wire(Opcode.BINARY, Payload(fill=b"x", times=1_048_577)),
            "{text: '', fill: 'x', times: 1048577, opcode: binary, may_close: true}",
        ),
        (text("a", rsv1=True), "{text: 'a', rsv1: true, may_close: true}"),
        (text("a", flipped_mask=True), "{text: 'a', masked: true, may_close: true}"),
        (text('{"type":"Error","x":"${y}"}'), """{text: '{"type":"Error","x":"${y}"}'}"""),
    ],
)
def test_a_frame_is_written_with_what_it_has(wire, frame):
    assert steps(*BEGUN, Say(wire))[1] == f"fault: {{frame: {frame}}}"


def test_the_same_frame_over_and_over_is_one_step():
    ping = Say(Wire(Opcode.PING, Payload(b"a")))
    assert steps(*BEGUN, *[ping] * 70)[1] == "fault: {frame: {text: 'a', opcode: ping, count: 70}}"


def test_waits_between_frames_and_after_them():
    later = Say(text("a", after=1.5))
    file = written(sent(*BEGUN, later, silent_for=2.0))
    assert [line for line in file.splitlines() if "wait" in line] == ["  - wait: 1.5 s", "  - wait: 2 s"]


def test_after_a_close_the_client_has_to_close():
    close = Say(Wire(Opcode.CLOSE, Payload(b"\x03\xe8")))
    assert steps(*BEGUN, close, function=None)[1:] == [
        "fault: {frame: {base64: 'A+g=', opcode: close, may_close: true}}",
        "wait: 3 s",
        "client: {closes: true}",
    ]


@pytest.mark.parametrize(
    ("sending", "function", "reason"),
    [
        (Sending(Dialect.V1, Side.CLIENT, (Say(text("a")),)), "f", "these frames are a client's"),
        (sent(*BEGUN, Say(text("a", fin=False))), "f", "the last message is not all there"),
        (sent(*BEGUN, Say(text("a"))), None, "define no function, and a scenario cannot wait for a pong"),
        (sent(Await("Settings"), WELCOME), "f", "Settings of the client is waited for before Welcome"),
        (sent(WELCOME, Say(text("a", after=1.0))), "f", "the server waits before SettingsApplied"),
        (sent(WELCOME, silent_for=1.0), "f", "the server is silent before SettingsApplied"),
    ],
)
def test_what_cannot_be_said_is_told(sending, function, reason):
    with pytest.raises(CannotSay, match=reason):
        written(sending, function)


def test_the_head_of_the_file_says_what_it_is():
    file = written(sent(*BEGUN, Say(text("a"))), remarks=["hung: x"])
    assert file.splitlines()[:4] == [
        "# hung: x",
        "# With may_close: true in its frames a client that closes over them, in good order, is right, too.",
        "summary: 's'",
        "switches: {history: false, latency_report: false}",
    ]
    steps = catalogue.scenario_of(file, "f.yaml").steps
    assert [type(each) for each in steps].count(FaultStrikes) == 1
