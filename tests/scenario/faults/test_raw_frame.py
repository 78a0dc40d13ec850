"""The fault `frame`: what may be written, the bytes it makes, where it strikes, and who may close over it."""

import pytest

from mockagent import catalogue
from mockagent.errors import ScenarioError
from mockagent.protocol import messages
from mockagent.protocol.events import NO_CLOSE_FRAME, Closed, Dialect, Frame
from mockagent.protocol.wire_frames import Opcode, Payload, WireFrame
from mockagent.scenario.actions import Inflict, Put, Send, Strike
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.inflicting import Inflicting
from mockagent.scenario.faults.leaving import Leaving
from mockagent.scenario.faults.raw_frame import frame_of
from mockagent.scenario.faults.table import FAULTS
from mockagent.scenario.model import Place

FRAME = FAULTS["frame"]
WELCOME = Send(messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6"))
APPLIED = Send(messages.bare("SettingsApplied"))
DONE = Send(messages.bare("AgentAudioDone"))


def strike(**values):
    return Strike("frame", FRAME.values(values), place=Place("f.yaml", 3, 5))


@pytest.mark.parametrize(
    ("values", "frame"),
    [
        ({}, WireFrame(Opcode.TEXT, Payload())),
        ({"text": "é"}, WireFrame(Opcode.TEXT, Payload("é".encode()))),
        ({"base64": "//4="}, WireFrame(Opcode.TEXT, Payload(b"\xff\xfe"))),
        (
            {"text": "a", "fill": "bc", "times": 3, "tail": "d"},
            WireFrame(Opcode.TEXT, Payload(b"a", b"bc", 3, b"d")),
        ),
        (
            {"base64": "", "fill": "AAE=", "times": 2, "opcode": "binary"},
            WireFrame(Opcode.BINARY, Payload(b"", b"\x00\x01", 2)),
        ),
        (
            {"opcode": "ping", "fin": False, "rsv1": True, "masked": True},
            WireFrame(Opcode.PING, Payload(), fin=False, rsv1=True, flipped_mask=True),
        ),
    ],
)
def test_the_frame_that_is_described(values, frame):
    assert frame_of(FRAME.values(values)) == frame


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{text: a, base64: YQ==}", "f.yaml:4:20: frame: expected either text or base64, got both"),
        ("{base64: '~'}", "f.yaml:4:20: frame: expected bytes in base64, got '~'"),
        (
            "{fill: a}",
            "f.yaml:4:20: frame: expected fill and times together: what is repeated, and how often",
        ),
        ("{fill: abc, times: 60000000}", "frame: expected at most 67108864 bytes, got 180000000"),
        ("{text: ab, count: 100000, fill: a, times: 1000}", "got 100200000"),
        ("{before: Welcome, instead_of: Welcome}", "expected either before or instead_of, got both"),
        (
            "{opcode: txt}",
            "expected one of continuation, text, binary, reserved, close, ping, pong, got 'txt'",
        ),
        ("{fin: 1}", "f.yaml:4:26: expected true or false, got 1"),
        ("{text: 1}", "expected a text, which may be empty, got 1"),
        ("{before: Wellcome}", "v1 has no server message 'Wellcome'; did you mean 'Welcome'?"),
        ("{txt: a}", "the fault frame has no parameter 'txt'; did you mean 'text'?"),
        ("{before: Welcome}", "frame never strikes here: nothing follows that it could hit"),
    ],
)
def test_what_may_not_be_written(step, expected):
    text = f"summary: s\nsteps:\n  - client: Settings\n  - fault: {{frame: {step}}}\n"
    with pytest.raises(ScenarioError) as refused:
        catalogue.scenario_of(text, "f.yaml")
    assert expected in str(refused.value)


def deeds(actions):
    """What goes out: the type of a message, or the payloads of the frames."""
    found = []
    for action in actions:
        if isinstance(action, Inflict):
            found += [deed.frame.data for deed in action.deeds]
        else:
            found.append(action.body["type"])
    return found


def test_before_and_in_place_of_what_the_service_says_by_itself():
    opening = [
        strike(text="4", instead_of="SettingsApplied"),
        strike(text="2"),
        strike(text="3", before="SettingsApplied"),
        strike(text="1", before="Welcome"),
    ]
    faults = Inflicting(opening)
    actions = faults.through([WELCOME, APPLIED, APPLIED], 1.0)
    assert deeds(actions) == [b"1", "Welcome", b"2", b"3", b"4", "SettingsApplied"]
    assert [action.meant for action in actions if isinstance(action, Inflict)] == [None, None, None, APPLIED]
    assert faults.is_idle


def test_a_frame_of_the_run_comes_with_each_message_of_its_type():
    faults = Inflicting((), [standing("frame,text=x,before=AgentAudioDone")])
    assert deeds(faults.through([WELCOME, APPLIED, DONE, DONE], 1.0)) == [
        *("Welcome", "SettingsApplied", b"x", "AgentAudioDone", b"x", "AgentAudioDone")
    ]
    faults = Inflicting((), [standing("frame,base64=eA==,instead_of=Welcome")])
    assert deeds(faults.through([WELCOME, DONE], 1.0)) == [b"x", "AgentAudioDone"]


def test_what_frames_make_up_is_known_over_several_steps():
    faults = Inflicting()
    parts = [
        strike(text='{"type":', fin=False),
        strike(opcode="ping", count=2),
        strike(opcode="continuation", text='"Warning"}'),
    ]
    actions = faults.through(parts, 1.0)
    puts = [deed for action in actions for deed in action.deeds]
    assert all(isinstance(deed, Put) for deed in puts)
    assert [deed.message for deed in puts] == [None, None, None, Frame(b'{"type":"Warning"}')]


@pytest.mark.parametrize(
    ("values", "code", "is_answer"),
    [
        ({}, 1000, False),
        ({"may_close": True}, 1000, True),
        ({"may_close": True}, None, True),
        ({"may_close": True}, NO_CLOSE_FRAME, False),
        ({"rsv1": True}, 1002, True),
        ({"rsv1": True}, 1000, False),
        ({"base64": "/w=="}, 1007, True),
    ],
)
def test_who_may_close_over_it(values, code, is_answer):
    leaving = Leaving()
    leaving.struck(strike(**values))
    assert leaving.left(Closed(code)) is is_answer


def test_a_client_that_does_not_close_as_it_must_is_told_so():
    leaving = Leaving()
    leaving.struck(strike(opcode="reserved"))
    assert leaving.remarks == (
        "after frame a client must close with 1002 (RFC 6455, 5); this one had not closed when the session ended",
    )
