"""What a server that plays freely cannot be asked for, and how the client leads the rest."""

from collections import Counter

import pytest

from mockagent import catalogue
from mockagent.conformance.server.freedom import freely
from mockagent.conformance.server.planning import Terms, server_cases
from mockagent.conformance.server.speech import Voice, voiced
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import Line
from mockagent.scenario.model import AgentTurn, Interruption, Trigger, UserTurn


def case_of(name, words=Words.FREE, is_here=True):
    scenario = catalogue.proved_scenario(catalogue.find_scenario(name))
    return server_cases([scenario], catalogue.requirements(), Terms(words, is_here))[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fatal_error", "send Error FAILED_TO_THINK"),
        ("half_open", "inflict the fault"),
        ("warnings", "send Warning"),
        ("abrupt_close", "close the connection"),
        ("two_hours", "last for two hours"),
        ("reconnect_after_503", "refuse or lose connections"),
        ("speculative_call_cancelled", "think ahead"),
        ("backchannel", "sign of attention"),
        ("think_provider_fails", "have a provider fail"),
        ("fallback_providers", "speak without being spoken to"),
        ("server_side_function", "call a function of its own"),
        ("dynamic_injection", "invite-only"),
    ],
)
def test_what_nobody_tells_the_server_to_do_does_not_apply(name, reason):
    assert reason in case_of(name).skipped
    assert case_of(name, Words.EXACT).skipped == ""


@pytest.mark.parametrize(
    "name",
    [
        "everyday_call",
        "barge_in",
        "function_call",
        "listen_updates",
        "force_end_turn_unsupported",
        "silence_timeout",
    ],
)
def test_what_the_client_leads_does(name):
    assert case_of(name).skipped == ""


def test_a_server_elsewhere_cannot_call_a_function_on_this_machine():
    assert "on this machine" in case_of("function_over_http", Words.EXACT, is_here=False).skipped


def steps(*lines):
    return tuple(Line((n,), step) for n, step in enumerate(lines))


INTERRUPTED = AgentTurn(texts=("A long story.",), interrupted=Interruption(after=1.5))
LISTENS = UserTurn(text="Stop.", lasts=1.0, trigger=Trigger.TIMER)


def test_the_user_interrupts_by_themselves():
    turn, user = (line.step for line in freely(steps(INTERRUPTED, LISTENS)))
    assert turn.interrupted == Interruption(after=None, by=Trigger.SPEECH)
    assert user.trigger is Trigger.AUDIO


@pytest.mark.parametrize(
    ("voice", "trigger", "by", "wav", "told"),
    [
        (Voice.TONES, Trigger.AUDIO, Trigger.SPEECH, None, "in tones for speech"),
        (Voice.TEXT, Trigger.TEXT, Trigger.TEXT, None, "sent as InjectUserMessage"),
        (Voice.ESPEAK, Trigger.AUDIO, Trigger.SPEECH, b"Stop.", "by espeak-ng"),
    ],
)
def test_a_turn_is_spoken_as_the_voice_can_and_that_is_told(voice, trigger, by, wav, told):
    counts = Counter()
    lines = voiced(freely(steps(INTERRUPTED, LISTENS)), voice, str.encode, counts)
    turn, user = (line.step for line in lines)
    assert (user.trigger, turn.interrupted.by, user.wav) == (trigger, by, wav)
    assert counts == {told: 1}


def test_a_recording_is_played_whatever_the_voice():
    user = UserTurn(text="Stop.", lasts=1.0, wav=b"RIFF")
    (line,) = voiced(steps(user), Voice.TEXT, str.encode, Counter())
    assert line.step.wav == b"RIFF"
