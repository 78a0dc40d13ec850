"""Two views of one session: what comes of a fault is put down to it, and nothing else is."""

from mockagent.catalogue import requirements
from mockagent.protocol import messages
from mockagent.protocol.events import Audio, Dialect, Event, Malformed, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase, Turn
from mockagent.scenario.faults.onlookers import Onlookers

NOISE = Malformed("JSON", "something else", 3)


def server(at, content):
    if isinstance(content, dict):
        content = Message(content["type"], content)
    return Event(at, Side.SERVER, content)


def opened():
    onlookers = Onlookers(Judge(requirements()))
    onlookers.see(server(0.0, Opened()))
    onlookers.see(server(0.1, messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6")))
    onlookers.see(Event(0.2, Side.CLIENT, Message("Settings", {"type": "Settings"})))
    onlookers.see(server(0.2, messages.bare("SettingsApplied")))
    return onlookers


def broken(sight):
    return {violation.requirement.id for violation in sight.violations}


def test_before_any_fault_there_is_one_view():
    onlookers = opened()
    sight = onlookers.see(server(1.0, messages.bare("AgentAudioDone")))
    assert broken(sight) == {"AUD-008"}
    assert sight.meant == sight.violations
    assert sight.of_faults == frozenset()
    assert onlookers.session is onlookers.judge.session


def test_what_a_fault_breaks_and_what_follows_from_it_is_of_the_fault():
    onlookers = opened()
    onlookers.mean(server(1.0, messages.conversation_text("assistant", "Hello")))
    assert onlookers.see(server(1.0, NOISE), is_meant=False).of_faults == {"MSG-006"}
    after = onlookers.see(server(1.1, Audio(320)))
    assert broken(after) == after.of_faults == {"AUD-007", "TRN-004"} & broken(after)
    assert after.of_faults


def test_what_would_be_broken_anyway_is_not_of_the_fault():
    onlookers = opened()
    onlookers.part()
    sight = onlookers.see(server(1.0, messages.bare("AgentAudioDone")))
    assert (broken(sight), sight.of_faults) == ({"AUD-008"}, frozenset())


def test_the_service_goes_by_what_it_meant():
    onlookers = opened()
    onlookers.mean(server(1.0, messages.conversation_text("assistant", "Hello")))
    assert (onlookers.session.turn, onlookers.judge.session.turn) == (Turn.REPLYING, Turn.SILENCE)


def test_a_client_is_judged_by_what_it_could_see():
    """SettingsApplied was meant and never sent: the client that does not wait for it breaks the rule all the same."""
    onlookers = Onlookers(Judge(requirements()))
    onlookers.see(server(0.0, Opened()))
    onlookers.see(server(0.1, messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6")))
    onlookers.see(Event(0.2, Side.CLIENT, Message("Settings", {"type": "Settings"})))
    onlookers.mean(server(0.2, messages.bare("SettingsApplied")))
    sight = onlookers.see(Event(0.3, Side.CLIENT, Audio(320)))
    assert broken(sight) == {"SET-007"}
    assert (sight.meant, sight.of_faults) == ((), frozenset())
    assert onlookers.session.phase is Phase.ACTIVE


def test_without_welcome_a_client_that_waits_for_settings_applied_is_right():
    onlookers = Onlookers(Judge(requirements()))
    onlookers.see(server(0.0, Opened()))
    onlookers.mean(server(0.1, messages.welcome(Dialect.V1, "0a59f732-a99b-4a48-a69e-a2fbaac8cbb6")))
    onlookers.see(Event(0.2, Side.CLIENT, Message("Settings", {"type": "Settings"})))
    assert onlookers.see(server(0.2, messages.bare("SettingsApplied"))).of_faults == {"OPN-001"}
    for at in (0.3, 0.4):
        assert onlookers.see(Event(at, Side.CLIENT, Audio(320))).violations == ()
        assert onlookers.see(server(at, messages.bare("UserStartedSpeaking"))).violations == ()


def test_switches_hold_in_both_views():
    onlookers = opened()
    onlookers.part()
    onlookers.hold_by(Switches(silence_for=3.0))
    assert onlookers.session.switches == onlookers.judge.session.switches == Switches(silence_for=3.0)
