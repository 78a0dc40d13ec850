"""The walk against an oracle of its own: what must become of each act in each state, written down by hand.

The tables below come from the vendor's pages on Settings, errors, updates, injection and KeepAlive, and from none of
the tables that the service itself is made of. What is in no row must not happen.
"""

from dataclasses import dataclass

import pytest

from mockagent import catalogue, survey
from mockagent.coverage.walk import walked

WALKED = list(walked(catalogue.requirements(), catalogue.problems, survey.example))

# The states, by what the service may do in them.
BEFORE_WELCOME = "open/silence"
SETTINGS_BEFORE_WELCOME = "settings before welcome/silence"
WELCOMED = "welcomed/silence"
SILENCE = "active/silence"
USER = "active/the user speaks"
THINKING = "active/the agent thinks"
REPLYING = "active/the agent has begun a reply"
SPEAKING = "active/the agent speaks"
FAILED = {
    "failed/silence",
    "failed/the user speaks",
    "failed/the agent thinks",
    "failed/the agent has begun a reply",
    "failed/the agent speaks",
}
BEFORE_SETTINGS = {BEFORE_WELCOME, WELCOMED}

UNREADABLE = {
    "text that is no message": {"MSG-001"},
    "a message of an unknown type": {"MSG-002"},
    "a message that breaks its schema": {"MSG-003"},
    "UpdateThink_Live (not enabled)": {"MSG-010"},
}
BINARY = {"audio": set(), "an empty binary frame": {"AUD-001"}, "a message in a binary frame": {"MSG-005"}}
SETTINGS = {"Settings", "SettingsConfiguration"}
ANSWERED = {
    "UpdatePrompt": "PromptUpdated",
    "UpdateSpeak": "SpeakUpdated",
    "UpdateThink": "ThinkUpdated",
    "UpdateListen": "ListenUpdated",
    "UpdateThink_Live (enabled)": "ThinkLiveUpdated",
    "ForceEndTurn (listen v1)": "Warning FORCE_END_TURN_UNSUPPORTED",
}
"""In V1; early access confirms nothing."""

SPOKEN = "ConversationText assistant"
TYPED = "ConversationText user"
INTERRUPTION = "UserStartedSpeaking"
REFUSED = "InjectionRefused"
INJECTIONS = {
    # act: in silence, while the user speaks, while the agent thinks, replies or speaks
    "InjectAgentMessage": (SPOKEN, REFUSED, REFUSED),
    "InjectAgentMessage default": (SPOKEN, REFUSED, REFUSED),
    "InjectAgentMessage queue": (SPOKEN, REFUSED, None),
    "InjectAgentMessage interrupt": (SPOKEN, SPOKEN, SPOKEN),
}


@dataclass(frozen=True)
class Expected:
    """`answer` comes at once and nothing else does; the client breaks `broke`; the session is open after it or not.

    `later` is what else comes, in that order, until all is said and done.
    """

    answer: tuple[str, ...] = ()
    broke: frozenset[str] = frozenset()
    goes_on: bool = True
    later: tuple[str, ...] = ()


def expected(dialect, state, act):
    """What must become of the act: the first of the cases that is true of it."""
    if act == "close":
        return Expected(goes_on=False)
    if state in FAILED:
        return Expected(broke=broken_alone(dialect, state, act), goes_on=False)
    if state in BEFORE_SETTINGS:
        found = before_settings(dialect, state, act)
        welcome = ("Welcome",) if state == BEFORE_WELCOME else ()
        return Expected(welcome + found.answer, found.broke, found.goes_on, found.later)
    found = in_session(dialect, state, act)
    if state != SETTINGS_BEFORE_WELCOME:
        return found
    return Expected(
        ("Welcome", "SettingsApplied", SPOKEN, *found.answer),
        found.broke | too_early(act),
        found.goes_on,
        found.later,
    )


def before_settings(dialect, state, act):
    if act in SETTINGS:
        return Expected(("SettingsApplied", SPOKEN), later=("audio", "AgentAudioDone"))
    if act == "silence":
        return fatal(dialect, "CLIENT_MESSAGE_TIMEOUT", {"LIV-001"})
    if act in UNREADABLE:
        also = {"SET-001"} if act == "UpdateThink_Live (not enabled)" else set()
        return fatal(dialect, "UNPARSABLE_CLIENT_MESSAGE", UNREADABLE[act] | also)
    if act in BINARY:
        return fatal(dialect, "BINARY_MESSAGE_BEFORE_SETTINGS", BINARY[act] | {"SET-002"})
    also = broken_alone(dialect, state, act)
    return fatal(dialect, "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS", {"SET-001"} | also)


def in_session(dialect, state, act):
    if act in SETTINGS:
        return fatal(dialect, "SETTINGS_ALREADY_APPLIED", {"SET-003"})
    if act == "silence":
        return fatal(dialect, "CLIENT_MESSAGE_TIMEOUT", {"LIV-002"})
    if act in UNREADABLE:
        return fatal(dialect, "UNPARSABLE_CLIENT_MESSAGE", UNREADABLE[act])
    if act in INJECTIONS:
        return injected(state, act)
    if act == "InjectUserMessage":
        return typed(state)
    if act == "ForceEndTurn (listen v2)" and state == USER:
        return Expected((TYPED,), later=GOES_ON[THINKING])
    if act == "FunctionCallResponse" and state == THINKING:
        return Expected((SPOKEN, "AgentStartedSpeaking"), later=("audio", "AgentAudioDone"))
    answer = ANSWERED.get(act) if dialect == "v1" else None
    return Expected((answer,) if answer else (), broken_alone(dialect, state, act), later=GOES_ON[state])


GOES_ON = {
    SILENCE: (),
    SETTINGS_BEFORE_WELCOME: ("audio", "AgentAudioDone"),
    USER: (TYPED, SPOKEN, "AgentStartedSpeaking", "audio", "AgentAudioDone"),
    THINKING: (SPOKEN, "AgentStartedSpeaking", "audio", "AgentAudioDone"),
    REPLYING: ("audio", "AgentAudioDone"),
    SPEAKING: ("AgentAudioDone",),
}
"""What comes in a session whose client has done nothing that matters: the turn goes its way."""


def injected(state, act):
    silence, user, agent = INJECTIONS[act]
    if state == SETTINGS_BEFORE_WELCOME:  # nobody had the floor when it came; the greeting comes first
        return Expected(later=("audio", "AgentAudioDone", SPOKEN, "audio", "AgentAudioDone"))
    outcome = silence if state == SILENCE else user if state == USER else agent
    if outcome is REFUSED:
        return Expected((REFUSED,), later=GOES_ON[state])
    if outcome is None:
        return Expected(later=(*GOES_ON[state], SPOKEN, "audio", "AgentAudioDone"))
    if state == USER:  # it is spoken, and the user soon interrupts it
        return Expected((SPOKEN,), later=(INTERRUPTION, *GOES_ON[USER]))
    rest = GOES_ON[THINKING] if state == THINKING else ()
    return Expected((SPOKEN,), later=("audio", "AgentAudioDone", *rest))


def typed(state):
    """A user's turn, which interrupts what the agent says; one that comes amid another turn comes after it."""
    reply = (SPOKEN, "AgentStartedSpeaking", "audio", "AgentAudioDone")
    if state == SILENCE:
        return Expected((TYPED,), later=reply)
    if state in (USER, THINKING):
        before = (TYPED,) if state == USER else ()
        return Expected(later=(*before, SPOKEN, "AgentStartedSpeaking", INTERRUPTION, TYPED, *reply))
    return Expected((INTERRUPTION, TYPED), later=reply)


def fatal(dialect, code, broke):
    """In early access an Error has no code."""
    error = f"Error {code}" if dialect == "v1" else "Error"
    return Expected((error, "close"), frozenset(broke), goes_on=False)


def broken_alone(dialect, state, act):
    """What the act breaks whenever it is done, whether or not the session survives it."""
    if act in SETTINGS:
        return frozenset({"SET-003"})
    if act == "FunctionCallResponse":
        return frozenset({"FUN-001"})
    if act == "ForceEndTurn (listen v1)" and state not in BEFORE_SETTINGS:
        return frozenset({"TRN-014"})
    return frozenset(UNREADABLE.get(act, BINARY.get(act, set())))


def too_early(act):
    """Before SettingsApplied a client should send Settings and KeepAlive at most; what is no message is never early."""
    is_exempt = act in SETTINGS or act in ("silence", "KeepAlive", "text that is no message")
    return frozenset() if is_exempt else frozenset({"SET-007"})


def name(walked):
    return str(walked.cell).replace("×", "x")


@pytest.mark.parametrize("each", WALKED, ids=name)
def test_what_becomes_of_it_is_what_must(each):
    must = expected(each.cell.dialect, each.cell.group, each.cell.name)
    assert Expected(each.answer, frozenset(each.broke), each.goes_on, each.later) == must


@pytest.mark.parametrize("each", WALKED, ids=name)
def test_the_server_breaks_nothing_on_the_way(each):
    assert each.faults == ()


def test_the_walk_goes_through_each_cell_once():
    cells = [each.cell for each in WALKED]
    assert len(cells) == len(set(cells)) > 450
