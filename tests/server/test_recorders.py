"""Several recorders as one."""

from mockagent.protocol.events import Audio, Event, Side
from mockagent.server.recorders import together


class Listing:
    wants_audio = False

    def __init__(self):
        self.calls = []

    def record(self, event, violations, breaks):
        self.calls.append((event, violations, breaks))


def test_none_is_none():
    assert together([]) is None
    assert together([None, None]) is None


def test_one_stands_for_itself():
    one = Listing()
    assert together([None, one]) is one


def test_each_is_told_of_every_event():
    one, two = Listing(), Listing()
    call = (Event(1.0, Side.CLIENT, Audio(2)), (), frozenset({"AUD-001"}))
    together([one, None, two]).record(*call)
    assert one.calls == two.calls == [call]
