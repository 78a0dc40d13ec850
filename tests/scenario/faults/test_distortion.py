"""What becomes of the frames of speech: nothing is lost or invented but what the fault says."""

import pytest

from mockagent.protocol.events import Frame
from mockagent.protocol.formats import AudioFormat
from mockagent.scenario.faults.distortion import distorted, format_spoken
from mockagent.scenario.faults.table import FAULTS, Strikes

FRAMES = [bytes([number]) * 320 for number in range(1, 8)]


def leaves(name, **values):
    return list(distorted(name, FRAMES, 0.02, FAULTS[name].values(values)))


def joined(batches):
    return b"".join(frame.data for batch in batches for frame in batch)


@pytest.mark.parametrize("name", [n for n, each in FAULTS.items() if each.strikes is Strikes.NEXT_REPLY])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_fault_of_speech_takes_any_number_of_frames(name, count):
    batches = list(distorted(name, FRAMES[:count], 0.02, FAULTS[name].values()))
    assert any(batches)


@pytest.mark.parametrize("name", [n for n, each in FAULTS.items() if each.strikes is Strikes.NEXT_REPLY])
@pytest.mark.parametrize("waits", [[None], [None, None]])
def test_where_a_frame_is_yet_to_come_so_is_what_becomes_of_it(name, waits):
    frames = [each for frame in FRAMES for each in (*waits, frame)] + waits
    batches = list(distorted(name, frames, 0.02, FAULTS[name].values()))
    assert batches.count(None) == 8 * len(waits)
    assert [batch for batch in batches if batch is not None] == leaves(name)


@pytest.mark.parametrize("name", [n for n, each in FAULTS.items() if each.strikes is Strikes.NEXT_REPLY])
def test_no_fault_asks_for_more_frames_than_have_their_time(name):
    asked = []
    batches = distorted(name, (asked.append(frame) or frame for frame in FRAMES), 0.02, FAULTS[name].values())
    for number, _ in enumerate(batches, 1):
        assert len(asked) <= number + 1


def test_odd_frames_hold_the_same_speech():
    batches = list(distorted("odd_audio", FRAMES[:6], 0.02, {}))
    assert [len(frame.data) for (frame,) in batches] == [319, 321] * 3
    assert joined(batches) == b"".join(FRAMES[:6])


def test_a_last_odd_frame_without_a_partner_loses_a_byte():
    assert [len(frame.data) for (frame,) in leaves("odd_audio")] == [319, 321] * 3 + [319]


def test_an_empty_frame_comes_beside_the_first():
    batches = leaves("empty_audio")
    assert batches[0] == (Frame(FRAMES[0], True), Frame(b"", True))
    assert joined(batches) == b"".join(FRAMES)


def test_late_speech_begins_so_many_frames_later():
    batches = leaves("late_audio", seconds=0.06)
    assert batches[:3] == [(), (), ()]
    assert batches[3:] == [(Frame(data, True),) for data in FRAMES]


def test_bursts_come_when_their_last_frame_is_due():
    assert [len(batch) for batch in leaves("bursty_audio", seconds=0.06)] == [0, 0, 3, 0, 0, 3, 1]
    assert joined(leaves("bursty_audio", seconds=0.06)) == b"".join(FRAMES)


def test_noise_is_as_long_as_the_speech_and_nothing_like_it():
    batches = leaves("corrupted_audio")
    assert [len(frame.data) for (frame,) in batches] == [320] * 7
    assert all(len(set(frame.data)) > 100 for (frame,) in batches)


def test_only_the_first_frame_comes_as_text():
    assert [frame.binary for (frame,) in leaves("binary_as_text")] == [False] + [True] * 6


@pytest.mark.parametrize(
    ("declared", "spoken"), [("linear16", "mulaw"), ("mulaw", "linear16"), ("alaw", "linear16")]
)
def test_speech_in_another_encoding_than_declared(declared, spoken):
    format = AudioFormat(declared, 8000, "wav")
    assert format_spoken("misencoded_audio", format) == AudioFormat(spoken, 8000, "wav")
    assert format_spoken("late_audio", format) is format
