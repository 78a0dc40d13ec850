"""The floor: one reply at a time, each in its order of messages, and none after it was cut."""

import pytest

from mockagent.protocol.events import Dialect
from mockagent.protocol.injection import Outcome
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import Hush, Send, Speak
from mockagent.scenario.cues import ReplyBegan, ReplyEnded
from mockagent.scenario.floor import Floor
from mockagent.scenario.reply import Reply


class Watched:
    """A floor, what it wanted done, and what it told."""

    def __init__(self, dialect=Dialect.V1, switches=None):
        self.actions, self.cues = [], []
        quiet = Switches(history=False, latency_report=False)
        self.floor = Floor(dialect, switches or quiet, self.actions.append, self.cues.append)

    def take(self):
        done = [_word(action) for action in self.actions]
        self.actions.clear()
        return done

    def told(self):
        told = [(type(cue), cue.at, cue.reply) for cue in self.cues]
        self.cues.clear()
        return told


def _word(action):
    match action:
        case Send(body={"type": "ConversationText", "content": text}):
            return text
        case Send(body={"type": type}):
            return type
        case Speak(wav=None):
            return "speaks"
        case Speak():
            return "plays"
        case Hush():
            return "hush"


@pytest.fixture
def watched():
    return Watched()


def test_a_reply_is_said_and_told(watched):
    reply = Reply(("Hello!",))
    watched.floor.say(reply, 1.0)
    assert watched.take() == ["Hello!", "speaks"]
    assert (watched.told(), reply.began_at) == ([(ReplyBegan, 1.0, reply)], 1.0)
    watched.floor.spoken(2.0)
    assert watched.take() == ["AgentAudioDone"]
    assert watched.told() == [(ReplyEnded, 2.0, reply)]
    assert (reply.is_over, reply.was_cut, watched.floor.current) == (True, False, None)


def test_the_next_reply_waits_for_the_end_of_the_first(watched):
    first, second = Reply(("One.",)), Reply(("Two.",))
    watched.floor.say(first, 0.0)
    watched.floor.say(second, 0.5)
    assert watched.take() == ["One.", "speaks"]
    watched.floor.spoken(1.0)
    assert watched.take() == ["AgentAudioDone", "Two.", "speaks"]
    assert second.began_at == 1.0


def test_several_statements_are_one_reply(watched):
    watched.floor.say(Reply(("One.", "Two."), asked_at=0.0), 0.5)
    assert watched.take() == ["One.", "AgentStartedSpeaking", "speaks"]
    watched.floor.spoken(1.5)
    assert watched.take() == ["Two.", "speaks"]
    watched.floor.spoken(2.5)
    assert watched.take() == ["AgentAudioDone"]


def test_one_recording_holds_all_the_statements(watched):
    watched.floor.say(Reply(("One.", "Two."), wav=b"RIFF", asked_at=0.0), 0.5)
    assert watched.take() == ["One.", "AgentStartedSpeaking", "Two.", "plays"]
    watched.floor.spoken(1.5)
    assert watched.take() == ["AgentAudioDone"]


def test_a_reply_that_is_cut_ends_without_agent_audio_done(watched):
    reply, later = Reply(("One.",)), Reply(("Two.",))
    watched.floor.say(reply, 0.0)
    watched.floor.say(later, 0.0)
    watched.take(), watched.told()
    watched.floor.clear(0.4)
    assert watched.take() == ["hush"]
    assert watched.told() == [(ReplyEnded, 0.4, reply), (ReplyEnded, 0.4, later)]
    assert (reply.was_cut, later.was_cut, later.began_at) == (True, True, None)
    watched.floor.spoken(0.5)
    assert watched.take() == []


def test_clearing_an_empty_floor_does_nothing(watched):
    watched.floor.clear(1.0)
    assert (watched.take(), watched.told()) == ([], [])


def test_a_replacement_comes_before_those_that_wait(watched):
    watched.floor.say(Reply(("One.",)), 0.0)
    watched.floor.say(Reply(("Two.",)), 0.0)
    watched.take()
    watched.floor.replace(Reply(("Stop!",)), 0.5)
    assert watched.take() == ["hush", "Stop!", "speaks"]
    watched.floor.spoken(1.5)
    assert watched.take() == ["AgentAudioDone", "Two.", "speaks"]


@pytest.mark.parametrize(
    ("outcome", "before", "after"),
    [
        (Outcome.SPEAK, ["Look!", "speaks"], []),
        (Outcome.WAIT, [], ["AgentAudioDone", "Look!", "speaks"]),
        (Outcome.REPLACE, ["hush", "Look!", "speaks"], ["AgentAudioDone"]),
        (Outcome.REFUSE, [], ["AgentAudioDone"]),
    ],
)
def test_an_injection_is_handled_as_was_decided(watched, outcome, before, after):
    if outcome is not Outcome.SPEAK:
        watched.floor.say(Reply(("One.",)), 0.0)
        watched.take()
    watched.floor.inject("Look!", outcome, 0.5)
    assert watched.take() == before
    if after:
        watched.floor.spoken(1.0)
        assert watched.take() == after


def test_an_injection_of_nothing_is_not_spoken(watched):
    watched.floor.inject(" \n", Outcome.SPEAK, 0.0)
    assert watched.take() == []


@pytest.mark.parametrize(
    ("dialect", "switches", "keeps", "expected"),
    [
        (Dialect.V1, Switches(), True, ["Hi", "History", "AgentStartedSpeaking", "speaks"]),
        (Dialect.V1, Switches(), False, ["Hi", "AgentStartedSpeaking", "speaks"]),
        (Dialect.V1, Switches(history=False), True, ["Hi", "AgentStartedSpeaking", "speaks"]),
        (Dialect.V1, Switches(agent_started_speaking=False), True, ["Hi", "History", "speaks"]),
        (Dialect.EARLY_ACCESS, Switches(), True, ["Hi", "AgentStartedSpeaking", "speaks"]),
    ],
)
def test_what_accompanies_a_reply_to_the_user(dialect, switches, keeps, expected):
    watched = Watched(dialect, switches)
    watched.floor.keeps_history = keeps
    watched.floor.say(Reply(("Hi",), asked_at=0.0), 0.5)
    assert watched.take() == expected


def test_a_report_of_latencies_follows_a_reply_to_the_user_only():
    watched = Watched(switches=Switches(history=False))
    for asked_at, expected in ((None, ["AgentAudioDone"]), (0.0, ["AgentAudioDone", "LatencyReport"])):
        watched.floor.say(Reply(("Hi",), asked_at=asked_at), 0.5)
        watched.take()
        watched.floor.spoken(1.5)
        assert watched.take() == expected


def test_what_a_reply_breaks_is_said_with_its_text_and_speech(watched):
    breaks = frozenset({"TRN-002"})
    watched.floor.say(Reply(("Hi",), breaks=breaks), 0.0)
    assert [action.breaks for action in watched.actions] == [breaks, breaks]
