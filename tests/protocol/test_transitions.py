"""The table of what may happen when, held against grids written down by hand, cell by cell."""

from itertools import product

import pytest

from mockagent.protocol import transitions
from mockagent.protocol.events import Closed, Dialect, Message, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.transitions import IRREGULAR, TRANSITIONS, Phase, Turn, consequence, move

# A letter is the turn that follows, a dot leaves the turn as it is, a dash forbids.
TURNS = {
    "s": Turn.SILENCE,
    "u": Turn.USER,
    "t": Turn.THINKING,
    "r": Turn.REPLYING,
    "a": Turn.SPEAKING,
    ".": None,
}
IN_AN_ACTIVE_SESSION = """
                                                    silence user thinking replying speaking
    UserStartedSpeaking                                u     u      u        u        u
    ConversationText of the user                       -     t      t        -        -
    ConversationText of an InjectUserMessage           t     t      t        t        t
    ConversationText of a user who only signals attention  . .    .        .        .
    AgentThinking                                      -     -      .        -        -
    FunctionCalling                                    -     -      .        -        -
    FunctionCallRequest                                -     .      .        .        .
    ConversationText of the assistant                  r     -      r        r        .
    ConversationText of an interrupting InjectAgentMessage  r  r    r        r        r
    AgentStartedSpeaking                               -     -      .        .        -
    audio                                              -     -      -        a        a
    AgentAudioDone                                     -     -      -        -        s
    LatencyReport                                      .     .      .        .        .
    History                                            .     .      .        .        .
    PromptUpdated                                      .     .      .        .        .
    InjectionRefused                                   .     .      .        .        .
    FunctionCallResponse                               .     .      .        .        .
    FunctionCallCancelled                              .     .      .        .        .
    Warning                                            .     .      .        .        .
    Error                                              .     .      .        .        .
    Welcome                                            -     -      -        -        -
    SettingsApplied                                    -     -      -        -        -
"""

PHASES = {
    "o": Phase.OPEN,
    "e": Phase.EARLY,
    "w": Phase.WELCOMED,
    "c": Phase.CONFIGURING,
    "a": Phase.ACTIVE,
    "f": Phase.FAILED,
    "x": Phase.CLOSED,
    ".": None,
}
IN_EACH_PHASE = """
                                open early welcomed configuring active failed closed
    client Settings              e     -      c         -         -      -      -
    client SettingsConfiguration e     -      c         -         -      -      -
    client audio                 -     .      -         .         .      .      -
    client KeepAlive             -     .      -         .         .      .      -
    client UpdatePrompt          -     .      -         .         .      .      -
    client InjectAgentMessage    -     .      -         .         .      .      -
    client InjectUserMessage     -     .      -         .         .      .      -
    client FunctionCallResponse  -     .      -         .         .      .      -
    client close                 x     x      x         x         x      x      x
    server Welcome               w     c      -         -         -      -      -
    server SettingsApplied       -     -      -         a         -      -      -
    server Warning               -     -      .         -         .      -      -
    server Error                 -     -      f         f         f      -      -
    server History               -     -      -         -         .      -      -
    server UserStartedSpeaking   -     -      -         -         .      -      -
    server close                 x     x      x         x         x      x      x
"""


def rows(grid, width):
    for line in grid.strip().splitlines()[1:]:
        words = line.split()
        yield " ".join(words[:-width]), words[-width:]


TURN_CELLS = [
    (name, turn, cell)
    for name, cells in rows(IN_AN_ACTIVE_SESSION, 5)
    for turn, cell in zip(Turn, cells, strict=True)
]
PHASE_CELLS = [
    (*name.split(), phase, cell)
    for name, cells in rows(IN_EACH_PHASE, 7)
    for phase, cell in zip(PHASES.values(), cells, strict=False)
]


@pytest.mark.parametrize(("name", "turn", "cell"), TURN_CELLS)
def test_each_turn_of_an_active_session(name, turn, cell):
    row = move(Side.SERVER, name, Phase.ACTIVE, turn)
    assert (row is None) == (cell == "-")
    if row is not None:
        assert row.to_turn is TURNS[cell]


@pytest.mark.parametrize(("side", "name", "phase", "cell"), PHASE_CELLS)
def test_each_phase(side, name, phase, cell):
    row = move(Side(side), name, phase, Turn.SILENCE)
    assert (row is None) == (cell == "-")
    if row is not None:
        assert row.to_phase is PHASES[cell]


def test_the_turn_matters_in_active_sessions_only():
    for (side, name), phase in product(TRANSITIONS, Phase):
        if phase is not Phase.ACTIVE:
            assert len({move(side, name, phase, turn) for turn in Turn}) == 1, (side, name, phase)


def test_a_client_may_do_the_same_in_every_turn():
    for (side, name), phase in product(TRANSITIONS, Phase):
        if side is Side.CLIENT:
            assert len({move(side, name, phase, turn) for turn in Turn}) == 1, (name, phase)


def test_no_state_has_two_rows_for_the_same():
    for (key, moves), phase, turn in product(TRANSITIONS.items(), Phase, Turn):
        assert sum(phase in row.phases and turn in row.turns for row in moves) <= 1, (key, phase, turn)


def test_every_type_of_every_dialect_is_in_the_table():
    for side in Side:
        types = {type for (_, sender), each in TYPES.items() if sender is side for type in each}
        named = {name for sender, name in TRANSITIONS if sender is side}
        assert named - CONTENTS.keys() == types - {"ConversationText"}


def test_settings_applied_without_welcome_is_forbidden_and_makes_the_session_active_all_the_same():
    key = (Side.SERVER, "SettingsApplied")
    for turn in Turn:
        assert move(*key, Phase.EARLY, turn) is None
        assert consequence(*key, Phase.EARLY, turn).to_phase is Phase.ACTIVE


def test_but_for_what_is_irregular_only_what_is_allowed_moves_a_session():
    assert list(IRREGULAR) == [(Side.SERVER, "SettingsApplied")]
    for (side, name), phase, turn in product(TRANSITIONS, Phase, Turn):
        row = IRREGULAR.get((side, name))
        if row is None or phase not in row.phases:
            assert consequence(side, name, phase, turn) is move(side, name, phase, turn)
        else:
            assert move(side, name, phase, turn) is None


def test_what_is_in_no_row_is_forbidden():
    for side, phase, turn in product(Side, Phase, Turn):
        assert move(side, "Hello", phase, turn) is None


# The rules about order say no exactly where the table does.

ORDER = {
    *("OPN-001", "OPN-003", "SET-001", "SET-002", "SET-003", "SET-005", "SET-006", "AUD-006", "AUD-007"),
    *("AUD-008", "TRN-001", "TRN-002", "TRN-003", "TRN-004", "TRN-006", "FUN-007", "CLS-001"),
}
INJECTED = {"type": "InjectAgentMessage", "message": "Wait!", "behavior": "interrupt"}
CONTENTS = {
    transitions.USER_TEXT: {"type": "ConversationText", "role": "user", "content": "Hello"},
    transitions.TYPED_TEXT: {"type": "ConversationText", "role": "user", "content": "Hello"},
    transitions.BACKCHANNEL_TEXT: {
        "type": "ConversationText",
        "role": "user",
        "content": "Mhm.",
        "conversational_behavior": "backchannel",
    },
    transitions.AGENT_TEXT: {"type": "ConversationText", "role": "assistant", "content": "Hello"},
    transitions.INTERRUPTING_TEXT: {"type": "ConversationText", "role": "assistant", "content": "Wait!"},
    transitions.AUDIO: 960,
    transitions.CLOSE: Closed(),
}
ON_THE_WAY = {
    Phase.OPEN: (),
    Phase.EARLY: ("Settings",),
    Phase.WELCOMED: ("Welcome",),
    Phase.CONFIGURING: ("Welcome", "Settings"),
    Phase.ACTIVE: ("Welcome", "Settings", "SettingsApplied"),
    Phase.FAILED: ("Welcome", "Settings", "Error"),
}
REPLY = (Side.SERVER, CONTENTS[transitions.AGENT_TEXT])
TO_THE_TURN = {
    Turn.SILENCE: (),
    Turn.USER: ((Side.SERVER, "UserStartedSpeaking"),),
    Turn.THINKING: ((Side.SERVER, "UserStartedSpeaking"), (Side.SERVER, CONTENTS[transitions.USER_TEXT])),
    Turn.REPLYING: (REPLY,),
    Turn.SPEAKING: (REPLY, (Side.SERVER, 960)),
}
STATES = [
    *((phase, Turn.SILENCE) for phase in ON_THE_WAY if phase is not Phase.ACTIVE),
    *((Phase.ACTIVE, turn) for turn in Turn),
]


def steps_to(phase, turn, name):
    yield from ((Side.CLIENT if type == "Settings" else Side.SERVER, type) for type in ON_THE_WAY[phase])
    yield from TO_THE_TURN[turn]
    if name == transitions.TYPED_TEXT:
        yield Side.CLIENT, {"type": "InjectUserMessage", "content": "Hello"}
    if name == transitions.INTERRUPTING_TEXT:
        yield Side.CLIENT, INJECTED


@pytest.mark.parametrize(("phase", "turn"), STATES)
def test_the_rules_about_order_report_what_the_table_forbids(judge, events, phase, turn):
    for side, name in TRANSITIONS:
        is_typed = name in (transitions.TYPED_TEXT, transitions.INTERRUPTING_TEXT)
        if name not in CONTENTS and name not in TYPES[Dialect.V1, side]:
            continue  # of the other dialect
        if side is Side.CLIENT and phase is Phase.FAILED:
            continue  # what a client had under way when the server failed is not judged
        if is_typed and phase is not Phase.ACTIVE:
            continue  # nothing was injected yet
        seen = judge(*steps_to(phase, turn, name))
        assert (seen.session.phase, seen.session.turn) == (phase, turn)
        readable = Message(name, {"type": name})
        (event,) = events((side, CONTENTS.get(name, readable), 1.0))
        assert seen.session.name_of(event) == name
        is_allowed = seen.session.allows(side, name) is not None
        reported = {each.requirement.id for each in seen.observe(event)} & ORDER
        assert is_allowed == (not reported), (side, name, reported)
