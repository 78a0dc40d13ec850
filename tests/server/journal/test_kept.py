"""What is kept of a session: runs of audio, bounds, counts that know none."""

from types import SimpleNamespace

import pytest

from mockagent.protocol.events import Audio, Dialect, Event, Message, Side
from mockagent.protocol.session import Session
from mockagent.server.journal import kept as module
from mockagent.server.journal.kept import OTHERS, Heard, Kept, weight_of

NOTHING = frozenset()
CLIENT, SERVER = Side


def a_guest(number=1, secret=""):
    return SimpleNamespace(
        id=f"id-{number}",
        number=number,
        dialect=Dialect.V1,
        secret=secret,
        connection=None,
        header=lambda: "header",
        lasted=1.0,
    )


@pytest.fixture
def kept():
    return Kept(a_guest(), set())


def audio(kept, at, sender=CLIENT, size=640, frames=1, violations=(), **more):
    kept.record(Event(at, sender, Audio(size, frames, size // frames, **more)), violations, NOTHING)


def said(kept, type="KeepAlive", at=1.0, sender=CLIENT, **more):
    kept.record(Event(at, sender, Message(type, {"type": type, **more})), (), NOTHING)


def contents(kept):
    return [
        (entry.event.at, entry.event.sender, getattr(entry.event.content, "frames", None))
        for entry in kept.entries
    ]


def test_frames_of_a_run_are_one_event_and_each_sides_run_its_own(kept):
    for at, sender in [(0.1, CLIENT), (0.2, SERVER), (0.3, CLIENT), (0.4, CLIENT), (0.5, SERVER)]:
        audio(kept, at, sender)
    assert contents(kept) == [(0.4, CLIENT, 3), (0.5, SERVER, 2)]
    audio(kept, 0.6, CLIENT, 1280, 2)
    assert contents(kept) == [(0.5, SERVER, 2), (0.6, CLIENT, 5)]
    assert kept.entries[1].event.content == Audio(5 * 640, 5, 640)


def test_a_run_ends_with_whatever_comes_between_and_after_a_second(kept):
    audio(kept, 0.1)
    said(kept, at=0.2)
    audio(kept, 0.3)
    audio(kept, 1.4)
    assert contents(kept) == [(0.1, CLIENT, 1), (0.2, CLIENT, None), (0.3, CLIENT, 1), (1.4, CLIENT, 1)]


def test_a_frame_with_something_wrong_is_in_no_run(kept):
    violation = SimpleNamespace(requirement=SimpleNamespace(id="AUD-002"))
    audio(kept, 0.1)
    audio(kept, 0.2, violations=(violation,))
    audio(kept, 0.3, json=True)
    audio(kept, 0.4)
    assert [frames for _, _, frames in contents(kept)] == [1, 1, 1, 1]
    assert kept.entries[1].violations == (violation,)
    assert kept.violations == {"AUD-002": 1}


def test_no_audio_is_kept_but_its_length(kept):
    audio(kept, 0.1, data=bytes(640))
    audio(kept, 0.2, json=True, data=b'{"type": "KeepAlive"}')
    assert [entry.event.content.data for entry in kept.entries] == [b"", b""]
    assert kept.heard(CLIENT) == Heard(1280, 2)
    assert kept.heard(SERVER) == Heard()


def test_frames_that_are_no_event_yet_count_as_heard():
    guest = a_guest()
    kept = Kept(guest, set())
    audio(kept, 0.1, CLIENT)
    guest.connection = SimpleNamespace(uncounted=lambda side: (320, 1) if side is CLIENT else (0, 0))
    assert (kept.heard(CLIENT), kept.heard(SERVER)) == (Heard(960, 2), Heard())


def test_the_oldest_events_are_dropped_and_counted(kept, monkeypatch):
    monkeypatch.setattr(module, "MOST_EVENTS", 3)
    for number in range(5):
        said(kept, at=float(number))
    assert [at for at, _, _ in contents(kept)] == [2.0, 3.0, 4.0]
    assert (kept.dropped, kept.said[CLIENT]["KeepAlive"]) == (2, 5)
    assert [number for number, _, _ in kept.messages(CLIENT, "KeepAlive")] == [3, 4, 5]


def test_great_messages_are_dropped_sooner_but_never_the_newest(kept, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    for number in range(5):
        said(kept, "UpdatePrompt", at=float(number), prompt="x" * 4000)
    assert [at for at, _, _ in contents(kept)] == [3.0, 4.0]
    said(kept, "UpdatePrompt", at=5.0, prompt="x" * 40_000)
    assert [at for at, _, _ in contents(kept)] == [5.0]
    said(kept, at=6.0)
    assert kept.weight < 10_000


def test_types_that_nobody_knows_are_counted_together_once_there_are_many(kept):
    for number in range(150):
        said(kept, f"Bogus{number}")
    said(kept, "x" * 1000)
    said(kept, "ForceEndTurn")
    counted = kept.said[CLIENT]
    assert len(counted) <= 102
    assert (counted[OTHERS], counted["ForceEndTurn"]) == (51, 1)


def test_findings_are_all_counted_and_the_first_are_kept(kept, monkeypatch):
    monkeypatch.setattr(module, "MOST_FINDINGS", 2)
    for _ in range(3):
        kept.find(SimpleNamespace(requirement="AUD-002"))
    assert (len(kept.findings), kept.found) == (2, {"AUD-002": 3})


def test_a_session_that_is_over_lets_go_of_its_connection(kept):
    kept.close(SimpleNamespace(ending="finished", lasted=2.5))
    assert kept._guest is None
    assert (kept.header, kept.ending, kept.lasted) == ("header", "finished", 2.5)


def test_what_is_kept_beside_the_events_is_weighed_once_the_session_is_over(kept):
    kept._session = Session(settings={"type": "Settings", "tags": ["x" * 1000]}, prompt="y" * 500)
    kept.close(SimpleNamespace(ending="finished", lasted=2.5))
    assert 1500 < kept.weight < 2000


def test_who_watches_is_told_of_messages_and_of_the_end():
    told = []
    kept = Kept(a_guest(), {told.append})
    audio(kept, 0.1)
    assert told == []
    said(kept)
    kept.close(SimpleNamespace(ending="finished", lasted=2.5))
    assert told == [kept, kept]


def test_the_weight_of_a_value_grows_with_its_text_however_deep_it_lies():
    deep = "x" * 1000
    for _ in range(5000):
        deep = [deep]
    assert weight_of(deep) > 5000
    assert weight_of({"type": "A", "key" * 1000: {"b": ["x" * 1000]}}) > 4000
    assert weight_of({"type": "KeepAlive"}) < 200
