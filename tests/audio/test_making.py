"""Frames come in order, each is made once, and whoever comes for them waits for one piece of the work at most."""

import threading
import time

import pytest

from mockagent.audio.making import Frames, Part, at_once

PIECES = [[b"a", b"b"], [], [b"c"], [b"d", b"e"]]
ALL = (b"a", b"b", b"c", b"d", b"e")


class Workshop:
    """Gives the pieces, and notes how many it has given."""

    def __init__(self):
        self.given = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.given == len(PIECES):
            raise StopIteration
        self.given += 1
        return PIECES[self.given - 1]


@pytest.fixture
def shop():
    return Workshop()


@pytest.fixture
def frames(shop):
    return Frames(shop, 100)


def test_a_piece_is_made_when_somebody_comes_to_it(shop, frames):
    comes = iter(frames)
    assert shop.given == 0
    seen = []
    for frame in comes:
        seen.append((frame, shop.given))
    assert seen == [
        *((None, 1), (b"a", 1), (b"b", 1)),
        *((None, 2), (None, 3), (b"c", 3)),
        *((None, 4), (b"d", 4), (b"e", 4)),
    ]


def test_whoever_comes_after_shares_what_is_made(shop, frames):
    first, second = iter(frames), iter(frames)
    assert [next(first) for _ in range(3)] == [None, b"a", b"b"]
    assert [next(second) for _ in range(2)] == [b"a", b"b"]
    assert at_once(second) == (b"c", b"d", b"e")
    assert at_once(first) == (b"c", b"d", b"e")
    assert shop.given == len(PIECES)
    assert list(frames) == list(ALL)


@pytest.mark.parametrize(("start", "end"), [(0, 2), (1, 4), (2, None), (0, 0), (4, 9)])
def test_a_part_is_some_of_them(frames, start, end):
    assert at_once(Part(frames, start, end)) == ALL[start:end]


def test_a_part_that_begins_late_makes_a_piece_at_a_time(frames):
    assert list(Part(frames, 3, None)) == [None, None, None, None, b"d", b"e"]


def test_threads_share_them_too():
    begun = threading.Barrier(4)

    def pieces():
        for number in range(200):
            time.sleep(0)  # the others may run, and come for the same
            yield [bytes([number])]

    frames = Frames(pieces(), 0)
    found = []

    def take():
        begun.wait()
        found.append(at_once(frames))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [tuple(bytes([number]) for number in range(200))] * 4
