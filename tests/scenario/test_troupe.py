"""Scripts side by side: who gets a cue, which alternatives fall away, and what becomes of a failure."""

import pytest

from mockagent.protocol.events import Audio, Event, Message, Side
from mockagent.scenario.cues import FirstOf, Happened, StepFailed, TimeUp, Together, Want
from mockagent.scenario.model import Place
from mockagent.scenario.troupe import MOST_HELD, Troupe


class Play:
    """A troupe, and what its scripts and failures have told."""

    def __init__(self):
        self.held = []
        self.told = []
        self.failures = []
        self.troupe = Troupe(self.held, self.failures.append)

    def waits(self, *types, until=None, must=True, held=False):
        """A script that waits for messages of these types, and tells of each."""
        for type in types:
            cue = yield Want(
                lambda cue, type=type: _type(cue) == type,
                until=until,
                expects=type,
                pattern={"type": type},
                takes_held=held,
                must=must,
            )
            self.told.append("time" if isinstance(cue, TimeUp) else type)

    def then(self, wanted, word):
        """A script that waits for others, and tells that they are over."""
        yield wanted
        self.told.append(word)

    def send(self, *types):
        return [self.troupe.take(Happened(message(type))) for type in types]

    def account(self):
        return [(failure.expected, failure.got) for failure in self.failures]


def message(type, at=0.0):
    return Event(at, Side.CLIENT, Message(type, {"type": type}))


def _type(cue):
    return cue.event.content.type if isinstance(cue, Happened) else None


@pytest.fixture
def stage():
    return Play()


def test_a_message_is_taken_by_one_script_only(stage):
    stage.troupe.start(stage.waits("A"))
    stage.troupe.start(stage.waits("A"))
    assert stage.send("A", "A", "A") == [True, True, False]
    assert stage.told == ["A", "A"]


def test_audio_is_heard_by_all(stage):
    def listens():
        yield Want(lambda cue: isinstance(cue.event.content, Audio))
        stage.told.append("heard")

    stage.troupe.start(listens())
    stage.troupe.start(listens())
    assert stage.troupe.take(Happened(Event(0.0, Side.CLIENT, Audio(2))))
    assert stage.told == ["heard", "heard"]


def test_parts_are_played_as_their_lines_come_and_over_when_each_is(stage):
    parts = Together((stage.waits("A", "B"), stage.waits("C")))
    stage.troupe.start(stage.then(parts, "over"))
    stage.send("C", "A")
    assert stage.told == ["C", "A"]
    stage.send("B")
    assert stage.told == ["C", "A", "B", "over"]


def test_the_alternative_whose_line_comes_first_is_played(stage):
    stage.troupe.start(stage.then(FirstOf((stage.waits("A", "B"), stage.waits("C", "D"))), "over"))
    assert stage.send("C", "A", "D") == [True, False, True]
    assert stage.told == ["C", "D", "over"]


def test_an_alternative_may_begin_with_parts(stage):
    parts = stage.then(Together((stage.waits("A"), stage.waits("B"))), "both")
    stage.troupe.start(stage.then(FirstOf((parts, stage.waits("C"))), "over"))
    assert stage.send("B", "C", "A") == [True, False, True]
    assert stage.told == ["B", "A", "both", "over"]


def test_an_alternative_may_begin_with_alternatives(stage):
    inner = stage.then(FirstOf((stage.waits("A"), stage.waits("B"))), "inner")
    stage.troupe.start(stage.then(FirstOf((stage.waits("C"), inner)), "outer"))
    assert stage.send("B", "A", "C") == [True, False, False]
    assert stage.told == ["B", "inner", "outer"]


def test_a_part_may_have_alternatives_that_do_not_touch_the_other_parts(stage):
    either = stage.then(FirstOf((stage.waits("A"), stage.waits("B"))), "either")
    stage.troupe.start(stage.then(Together((either, stage.waits("C"))), "over"))
    assert stage.send("B", "C") == [True, True]
    assert stage.told == ["B", "either", "C", "over"]


def test_what_is_held_decides_between_alternatives_at_once(stage):
    stage.troupe.hold(message("B"))
    alternatives = FirstOf((stage.waits("A", held=True), stage.waits("B", held=True), stage.waits("C")))
    stage.troupe.start(stage.then(alternatives, "over"))
    assert stage.told == ["B", "over"]
    assert (stage.held, stage.send("A", "C")) == ([], [False, False])


def test_what_is_held_is_taken_in_the_order_in_which_it_came(stage):
    for at in range(3):
        stage.troupe.hold(message("A", at))
    stage.troupe.start(stage.waits("A", "A", held=True))
    assert [event.at for event in stage.held] == [2]


def test_what_is_held_is_not_taken_by_who_does_not_want_it_so(stage):
    stage.troupe.hold(message("A"))
    stage.troupe.start(stage.waits("A"))
    assert stage.told == []


def test_only_so_much_is_held(stage):
    for _ in range(MOST_HELD + 1):
        stage.troupe.hold(message("A"))
    assert len(stage.held) == MOST_HELD


def test_time_that_is_up_is_a_failure_or_a_cue(stage):
    stage.troupe.start(stage.waits("A", until=2.0))
    stage.troupe.start(stage.waits("B", until=3.0, must=False))
    assert stage.troupe.wakes_at == 2.0
    stage.troupe.pass_time(1.9)
    assert (stage.told, stage.failures) == ([], [])
    stage.troupe.pass_time(3.0)
    assert (stage.told, stage.account()) == (["time"], [("A", "nothing like it in time")])
    assert stage.failures[0].pattern == {"type": "A"}
    assert (stage.troupe.wakes_at, stage.troupe.wants) == (None, [])


def test_a_part_that_fails_ends_the_whole(stage):
    stage.troupe.start(stage.then(Together((stage.waits("A", until=1.0), stage.waits("B"))), "over"))
    stage.troupe.pass_time(1.0)
    assert stage.account() == [("A", "nothing like it in time")]
    assert stage.send("B") == [False]
    assert stage.told == []


def test_a_whole_may_catch_the_failure_of_a_part(stage):
    def forgiving():
        try:
            yield Together((stage.waits("A", until=1.0), stage.waits("B")))
        except StepFailed as failure:
            stage.told.append(f"no {failure.expected}")
        yield from stage.waits("C")

    stage.troupe.start(forgiving())
    stage.troupe.pass_time(1.0)
    assert stage.send("B", "C") == [False, True]
    assert (stage.told, stage.failures) == (["no A", "C"], [])


def test_an_alternative_that_lapses_leaves_the_others(stage):
    alternatives = FirstOf((stage.waits("A", until=1.0), stage.waits("B", until=2.0)))
    stage.troupe.start(stage.then(alternatives, "over"))
    stage.troupe.pass_time(1.0)
    assert stage.send("A", "B") == [False, True]
    assert (stage.told, stage.failures) == (["B", "over"], [])


def test_when_all_alternatives_lapse_the_failure_names_them_all(stage):
    alternatives = FirstOf((stage.waits("A", until=1.0), stage.waits("B", until=2.0)))
    stage.troupe.start(stage.then(alternatives, "over"))
    stage.troupe.pass_time(1.0)
    stage.troupe.pass_time(2.0)
    assert stage.account() == [("A or B", "nothing like it in time")]
    assert stage.told == []


def test_a_chosen_alternative_that_fails_is_a_failure_of_its_own(stage):
    alternatives = FirstOf((stage.waits("A", "C", until=1.0), stage.waits("B")))
    stage.troupe.start(stage.then(alternatives, "over"))
    stage.send("A")
    stage.troupe.pass_time(1.0)
    assert stage.account() == [("C", "nothing like it in time")]


def test_a_script_that_fails_at_once_fails_without_waiting(stage):
    def fails():
        raise StepFailed(Place("f.yaml", 7), "much", "little")
        yield

    stage.troupe.start(fails())
    stage.troupe.start(stage.then(FirstOf((fails(), stage.waits("A"))), "over"))
    assert stage.account() == [("much", "little")]
    stage.send("A")
    assert stage.told == ["A", "over"]


def test_what_is_unfinished_names_everything_that_is_waited_for(stage):
    assert stage.troupe.unfinished("a close") is None
    inner = FirstOf((stage.waits("A"), stage.waits("B")))
    stage.troupe.start(stage.then(Together((stage.then(inner, ""), stage.waits("C"))), ""))
    stage.troupe.start(stage.waits("D"))
    failure = stage.troupe.unfinished("a close")
    assert (failure.expected, failure.got) == ("A or B and C", "a close")
    assert failure.pattern == {"type": "A"}


def test_a_troupe_that_stops_takes_nothing(stage):
    stage.troupe.start(stage.waits("A", until=1.0))
    stage.troupe.stop()
    stage.troupe.pass_time(1.0)
    assert stage.send("A") == [False]
    assert stage.failures == []


def test_a_script_that_is_left_is_closed(stage):
    def careful():
        try:
            yield from stage.waits("A")
        finally:
            stage.told.append("closed")

    stage.troupe.start(stage.then(FirstOf((careful(), stage.waits("B"))), "over"))
    stage.send("B")
    assert stage.told == ["closed", "B", "over"]
