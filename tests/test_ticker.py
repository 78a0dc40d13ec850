"""Speech leaves on an absolute schedule: on a loop whose time the tests turn, frame by frame."""

import heapq
from itertools import count

import pytest

from mockagent.ticker import TICKS_EVERY, Stream, Ticker

PERIOD = 0.02
TEN_MINUTES = [b"frame"] * 30_000
A_TRIFLE = 1e-6


class Loop:
    """An event loop without a world: `run_until` turns its time, and `stall` lets it pass unused."""

    def __init__(self):
        self.now = 0.1
        self._calls = []
        self._order = count()

    def time(self):
        return self.now

    def call_soon(self, callback):
        return self.call_at(self.now, callback)

    def call_at(self, when, callback):
        heapq.heappush(self._calls, (when, next(self._order), callback))
        return callback

    def run_until(self, end):
        while self._calls and self._calls[0][0] <= end:
            when, _, callback = heapq.heappop(self._calls)
            self.now = max(self.now, when)
            callback()
        self.now = max(self.now, end)

    def stall(self, seconds):
        self.now += seconds

    @property
    def is_idle(self):
        return not self._calls


class Listener:
    """Notes when each frame of one stream came, and when it was over."""

    def __init__(self, loop):
        self._loop = loop
        self.came_at = []
        self.done_at = []

    def send(self, frame):
        self.came_at.append(self._loop.now)

    def done(self):
        self.done_at.append(self._loop.now)

    def stream(self, frames, period=PERIOD):
        return Stream(frames, period, self.send, self.done)


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def ticker(loop):
    return Ticker(loop)


def lateness(listener, started_at, period=PERIOD):
    return [at - started_at - number * period for number, at in enumerate(listener.came_at)]


@pytest.mark.parametrize("speed", [1, 3, 50])
def test_no_frame_of_ten_minutes_is_early_or_a_tick_late_at_any_speed(loop, ticker, speed):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream(TEN_MINUTES, PERIOD / speed))
    loop.run_until(started_at + 600 / speed + 1)
    late = lateness(listener, started_at, PERIOD / speed)
    assert len(late) == len(TEN_MINUTES)
    assert min(late) > -A_TRIFLE
    assert max(late) < TICKS_EVERY + A_TRIFLE


@pytest.mark.parametrize("seconds", [0.5, 61.3, 599.99])
def test_at_every_moment_exactly_what_is_due_has_gone_out(loop, ticker, seconds):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream(TEN_MINUTES))
    loop.run_until(started_at + seconds + TICKS_EVERY / 2)
    # A frame every 20 ms and one at the very start.
    assert len(listener.came_at) == int(seconds * 50 + A_TRIFLE) + 1


def test_where_a_frame_is_empty_nothing_goes_out_and_its_time_passes(loop, ticker):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream([b"one", b"", b"", b"two", b""]))
    loop.run_until(started_at + 1)
    assert [at - started_at for at in listener.came_at] == pytest.approx([0, 0.06], abs=TICKS_EVERY)
    assert listener.done_at[0] - started_at == pytest.approx(0.08, abs=TICKS_EVERY)


def test_the_first_frame_goes_out_at_once(loop, ticker):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream([b"only"]))
    loop.run_until(started_at)
    assert (listener.came_at, listener.done_at) == ([started_at], [started_at])


def test_a_loop_that_was_held_up_sends_what_was_missed_and_keeps_the_schedule(loop, ticker):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream(TEN_MINUTES))
    loop.run_until(started_at + 1.001)
    loop.stall(2.0)
    loop.run_until(started_at + 10 + TICKS_EVERY)
    late = lateness(listener, started_at)
    assert max(late[51:150]) > 1.9
    assert max(late[152:]) < TICKS_EVERY + A_TRIFLE
    assert len(late) == 501


def test_a_stream_that_is_stopped_sends_nothing_more_and_is_never_done(loop, ticker):
    listener, other = Listener(loop), Listener(loop)
    stream = listener.stream(TEN_MINUTES)
    ticker.start(stream)
    ticker.start(other.stream(TEN_MINUTES))
    loop.run_until(loop.now + 5)
    sent = len(listener.came_at)
    ticker.stop(stream)
    loop.run_until(loop.now + 700)
    assert (len(listener.came_at), listener.done_at) == (sent, [])
    assert len(other.came_at) == len(TEN_MINUTES)


def test_a_stream_stopped_by_a_frame_of_its_own_stops_in_the_midst_of_what_is_due(loop, ticker):
    listener = Listener(loop)
    stream = listener.stream([b"frame"] * 5)

    def send(frame):
        listener.send(frame)
        if len(listener.came_at) == 3:
            ticker.stop(stream)

    stream.send = send
    ticker.start(stream)
    loop.stall(10)
    loop.run_until(loop.now + 1)
    assert (len(listener.came_at), listener.done_at) == (3, [])


def test_a_stream_stopped_by_another_in_the_same_tick_sends_nothing(loop, ticker):
    first, second = Listener(loop), Listener(loop)
    stopped = second.stream(TEN_MINUTES)
    ticker.start(Stream(TEN_MINUTES, PERIOD, lambda frame: ticker.stop(stopped), first.done))
    ticker.start(stopped)
    loop.run_until(loop.now + 1)
    assert second.came_at == []


def test_a_stream_begun_when_another_is_done_goes_on_without_a_gap(loop, ticker):
    first, second, started_at = Listener(loop), Listener(loop), loop.now
    ticker.start(Stream([b"frame"] * 3, PERIOD, first.send, lambda: ticker.start(second.stream(TEN_MINUTES))))
    loop.run_until(started_at + 1)
    assert second.came_at[0] - first.came_at[-1] < TICKS_EVERY + A_TRIFLE


def test_nothing_ticks_while_nobody_speaks(loop, ticker):
    listener = Listener(loop)
    ticker.start(listener.stream([b"frame"] * 10))
    loop.run_until(loop.now + 1)
    assert len(listener.done_at) == 1
    assert loop.is_idle
    ticker.start(listener.stream([b"frame"]))
    loop.run_until(loop.now + 1)
    assert len(listener.came_at) == 11


def test_what_is_due_after_until_waits_however_late_the_tick_is(loop):
    listener, ticker = Listener(loop), Ticker(loop)
    stream = listener.stream([b"frame"] * 100)
    stream.until = loop.now + 0.5
    ticker.start(stream)
    loop.stall(5.0)
    loop.run_until(loop.now + 1.0)
    assert len(listener.came_at) == 26
    assert listener.done_at == []
    stream.until = float("inf")
    loop.run_until(loop.now + 1.0)
    assert len(listener.came_at) == 100
    assert len(listener.done_at) == 1


def test_a_stream_that_should_have_begun_earlier_keeps_to_its_schedule(loop):
    listener, ticker = Listener(loop), Ticker(loop)
    should = loop.now
    loop.stall(0.07)
    ticker.start(listener.stream([b"frame"] * 10), should)
    loop.run_until(loop.now)
    assert len(listener.came_at) == 4
    loop.run_until(should + 9 * PERIOD + TICKS_EVERY)
    assert len(listener.done_at) == 1


def test_catching_up_sends_what_is_due_and_tells_of_the_end_once(loop):
    listener, ticker = Listener(loop), Ticker(loop)
    stream = listener.stream([b"frame"] * 3)
    ticker.start(stream)
    ticker.catch_up(stream, loop.now + 2 * PERIOD)
    assert (len(listener.came_at), len(listener.done_at)) == (3, 1)
    loop.run_until(loop.now + 1.0)
    assert (len(listener.came_at), len(listener.done_at)) == (3, 1)
    assert loop.is_idle


def in_the_making(pieces):
    """The frames of each piece; before them, None for the time that it took to make it."""
    for frames in pieces:
        yield None
        yield from frames


def test_a_stream_that_is_made_as_it_goes_out_keeps_the_schedule(loop, ticker):
    listener, started_at = Listener(loop), loop.now
    ticker.start(listener.stream(in_the_making([[b"frame"] * 50] * 20)))
    loop.run_until(started_at + 30)
    late = lateness(listener, started_at)
    assert len(late) == 1_000
    assert min(late) > -A_TRIFLE
    assert max(late) < TICKS_EVERY + A_TRIFLE
    assert listener.done_at == [listener.came_at[-1]]


def test_the_next_frames_are_made_before_they_are_due(loop, ticker):
    listener, made_at = Listener(loop), []

    def frames():
        for _ in range(3):
            made_at.append(len(listener.came_at))
            yield None
            yield b"frame"

    ticker.start(listener.stream(frames()))
    loop.run_until(loop.now + 1)
    assert made_at == [0, 1, 2]


def test_between_two_pieces_that_are_late_all_others_have_their_turn(loop, ticker):
    """A stream that is behind by a hundred pieces makes one, and one only, each time that the loop comes round."""
    listener, made, seen = Listener(loop), [], []

    def frames():
        for number in range(100):
            made.append(number)
            yield None
            yield b"frame"

    def somebody_else():
        seen.append(len(made))
        if len(made) < 100:
            loop.call_soon(somebody_else)

    ticker.start(listener.stream(frames()))
    loop.stall(10)
    loop.call_soon(somebody_else)
    loop.run_until(loop.now)
    assert seen == list(range(1, 101))
    assert len(listener.came_at) == 100


def test_who_is_to_catch_up_learns_that_a_frame_is_not_made_yet(loop, ticker):
    listener = Listener(loop)
    stream = listener.stream([b"one", None, b"two", b"three"])
    ticker.start(stream)
    assert not ticker.catch_up(stream, loop.now + 0.02)
    assert ticker.catch_up(stream, loop.now + 0.02)
    assert len(listener.came_at) == 2
    assert not listener.done_at


def test_a_stream_that_fails_leaves_the_others_their_frames(loop, ticker):
    listener = Listener(loop)

    def broken():
        yield b"frame"
        raise RuntimeError("cannot be made")

    ticker.start(Listener(loop).stream(broken()))
    ticker.start(listener.stream([b"frame"] * 10))
    with pytest.raises(RuntimeError):
        loop.run_until(loop.now + 1)
    loop.run_until(loop.now + 1)
    assert len(listener.came_at) == 10
    assert loop.is_idle
