"""Actions in, actions out: what is hit, by which fault, and in which order; and that the same dice give the same."""

import random

import pytest

from mockagent.protocol import messages
from mockagent.protocol.events import Dialect
from mockagent.scenario.actions import Close, Inflict, Send, Speak, Strike
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.faults.inflicting import STRIKES_AFTER, Inflicting
from mockagent.scenario.faults.table import FAULTS

TEXT = Send(messages.conversation_text("assistant", "Hello"))
DONE = Send(messages.bare("AgentAudioDone"))
WELCOME = Send(messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6"))
APPLIED = Send(messages.bare("SettingsApplied"))
TALK = [WELCOME, APPLIED, TEXT, Speak("Hello"), DONE, TEXT, Speak("Hello"), DONE]


def strike(name, **values):
    return Strike(name, FAULTS[name].values(values), FAULTS[name].breaks)


def words(actions):
    """Each action in a few words: what is sent, and what a fault makes of it."""
    return [_word(action) for action in actions]


def _word(action):
    match action:
        case Send(body=body):
            return body["type"]
        case Speak(fault=fault):
            return f"speech with {fault.fault}" if fault else "speech"
        case Inflict(strike=struck, deeds=deeds, meant=meant, is_first=is_first):
            hit = f" for {meant.body['type']}" if meant else ""
            return f"{'' if is_first else 'later '}{struck.fault} x{len(deeds)}{hit}"
        case Close(code=code):
            return f"close {code}"
    return "?"


def test_without_faults_every_action_passes_as_it_is():
    faults = Inflicting()
    assert faults.is_idle
    assert faults.through(TALK, 1.0) == TALK


def test_a_step_hits_once_what_comes_next_and_nothing_after_it():
    faults = Inflicting()
    assert words(faults.through([strike("duplicated"), DONE, DONE], 1.0)) == [
        "duplicated x2 for AgentAudioDone",
        "AgentAudioDone",
    ]
    assert faults.is_idle


def test_with_a_type_it_waits_for_that():
    faults = Inflicting()
    out = faults.through([strike("duplicated", type="AgentAudioDone"), TEXT, DONE], 1.0)
    assert words(out) == ["ConversationText", "duplicated x2 for AgentAudioDone"]


def test_what_has_nothing_to_hit_in_a_message_waits_for_another():
    faults = Inflicting(is_wrong=lambda body: "content" not in body)
    out = faults.through([strike("missing_field", field="content"), DONE, TEXT], 1.0)
    assert words(out) == ["AgentAudioDone", "missing_field x1 for ConversationText"]


def test_a_field_is_missing_whose_loss_is_wrong():
    faults = Inflicting(is_wrong=lambda body: "content" not in body)
    (hit,) = faults.through([strike("missing_field"), TEXT], 1.0)
    assert hit.deeds[0].frame.data == b'{"type":"ConversationText","role":"assistant"}'


def test_a_delayed_message_comes_when_its_time_has_come():
    faults = Inflicting()
    assert words(faults.through([strike("delayed", seconds=2.0), TEXT, DONE], 1.0)) == [
        "delayed x0 for ConversationText",
        "AgentAudioDone",
    ]
    assert faults.wakes_at == 3.0
    assert faults.fallen_due(2.9) == []
    assert words(faults.fallen_due(3.0)) == ["later delayed x1"]
    assert faults.is_idle


def test_two_messages_change_places_and_one_without_another_comes_alone():
    faults = Inflicting()
    assert words(faults.through([strike("reordered"), TEXT, DONE], 1.0)) == [
        "reordered x0 for ConversationText",
        "AgentAudioDone",
        "later reordered x1",
    ]
    faults.through([strike("reordered"), TEXT], 1.0)
    assert words(faults.fallen_due(2.0)) == ["later reordered x1"]
    faults.through([strike("reordered"), TEXT], 3.0)
    assert words(faults.through([Close()], 3.1)) == ["later reordered x1", "close None"]


def test_a_fault_of_the_run_never_touches_the_opening_and_hits_all_that_follows():
    faults = Inflicting((), [standing("duplicated")])
    out = words(faults.through(TALK, 1.0))
    assert out[:2] == ["Welcome", "SettingsApplied"]
    assert [word for word in out[2:] if not word.startswith("duplicated")] == ["speech", "speech"]


def test_pairs_of_messages_change_places_in_a_whole_run():
    faults = Inflicting((), [standing("reordered")])
    assert (
        words(faults.through([TEXT, DONE, TEXT, DONE], 1.0))
        == [
            "reordered x0 for ConversationText",
            "AgentAudioDone",
            "later reordered x1",
        ]
        * 2
    )


def test_an_extra_message_of_the_run_comes_before_each_message():
    faults = Inflicting((), [standing("malformed_json")])
    assert words(faults.through([APPLIED, TEXT, DONE], 1.0)) == [
        "SettingsApplied",
        "malformed_json x1",
        "ConversationText",
        "malformed_json x1",
        "AgentAudioDone",
    ]


def test_what_strikes_once_a_connection_strikes_a_while_after_settings_are_applied():
    faults = Inflicting((), [standing("tcp_reset")])
    assert faults.wakes_at is None
    faults.applied(2.0)
    assert faults.wakes_at == 2.0 + STRIKES_AFTER
    (due,) = faults.fallen_due(3.0)
    assert words(faults.through([due], 3.0)) == ["tcp_reset x1"]
    assert faults.wakes_at is None


def test_of_several_faults_one_hits_and_in_time_each_does():
    dice = random.Random(3).random
    faults = Inflicting((), [standing("duplicated"), standing("fragmented")], dice=dice)
    out = words(faults.through([TEXT] * 40, 1.0))
    assert len(out) == 40
    assert {word.split()[0] for word in out} == {"duplicated", "fragmented"}


@pytest.mark.parametrize("seed", range(5))
def test_the_same_dice_give_the_same_faults(seed):
    def run():
        dice = random.Random(seed).random
        flags = ["duplicated:0.3", "unknown_type:0.3", "odd_audio:0.5", "no_welcome:0.5", "fragmented:0.2"]
        return words(Inflicting((), list(map(standing, flags)), dice=dice).through(TALK * 5, 1.0))

    assert run() == run()


def test_other_dice_give_others():
    def run(seed):
        return words(
            Inflicting((), [standing("duplicated:0.5")], dice=random.Random(seed).random).through(
                [TEXT] * 20, 1.0
            )
        )

    assert len({tuple(run(seed)) for seed in range(5)}) == 5
