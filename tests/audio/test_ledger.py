"""The ledger: frames, bytes and seconds of what a peer sent."""

from mockagent.audio.formats import AudioFormat
from mockagent.audio.ledger import AudioLedger, Tally

LINEAR = AudioFormat("linear16", 16_000)
MULAW = AudioFormat("mulaw", 8_000)
OPUS = AudioFormat("opus", 48_000)


def test_an_empty_ledger_holds_nothing():
    ledger = AudioLedger()
    assert (ledger.frames, ledger.bytes, ledger.seconds) == (0, 0, 0)


def test_frames_add_up_over_formats():
    ledger = AudioLedger()
    for size in (640, 640, 320):
        ledger.add(size, LINEAR)
    ledger.add(4000, MULAW)
    assert ledger.by_format == {LINEAR: Tally(3, 1600), MULAW: Tally(1, 4000)}
    assert (ledger.frames, ledger.bytes, ledger.seconds) == (4, 5600, 0.55)


def test_a_part_of_unknown_length_makes_the_length_unknown():
    ledger = AudioLedger()
    ledger.add(640, LINEAR)
    ledger.add(100, OPUS)
    assert (ledger.frames, ledger.bytes, ledger.seconds) == (2, 740, None)


def test_ten_minutes_of_frames_do_not_drift():
    ledger = AudioLedger()
    for _ in range(30_000):
        ledger.add(640, LINEAR)
    assert ledger.seconds == 600.0
