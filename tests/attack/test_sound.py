"""Sound that unfolds: a text of a mebibyte to be spoken, a file of nothing that lasts for hours."""

import io
from asyncio import Handle
from collections import Counter
from itertools import count

import numpy as np
import pytest
from enemy import BINARY, frame, settings, text

from mockagent.audio import packets, unpacking
from mockagent.audio.pace import speaking_time, within
from mockagent.limits import MOST_SAMPLES_HEARD
from mockagent.protocol.formats import AudioFormat
from mockagent.server import sound

LONG = "This is said for ever and ever. " * 30_000
av = pytest.importorskip("av")


def flac(seconds, rate=8_000):
    """A FLAC file of silence."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate)
        stream.layout = "mono"
        part = av.AudioFrame.from_ndarray(np.zeros((1, rate), np.int16), format="s16", layout="mono")
        part.sample_rate = rate
        for _ in range(seconds):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_a_greeting_of_a_mebibyte_is_spoken_as_far_as_the_limit_and_that_is_said(monkeypatch, raw, server):
    monkeypatch.setattr(sound, "MOST_SAMPLES_SPOKEN", 32_000)
    client = raw(server.url).enter()
    client.send(text(settings(greeting=LONG)))
    client.until("AgentAudioDone")
    assert server.troubles == [
        f"[1] a text of {len(LONG)} characters is too long to be spoken; its speech ends after 2 s"
    ]


@pytest.mark.parametrize(
    "said", [LONG, "9" * 1_000_000, "$" * 99_999, "中" * 99_999, "." * 999_999, "a " * 9]
)
@pytest.mark.parametrize("seconds", [0.01, 1.0, 37.5])
def test_a_text_within_seconds_takes_no_longer(said, seconds):
    begun = within(said, seconds)
    assert said.startswith(begun)
    assert speaking_time(begun) <= max(seconds, 0.6)  # the shortest thing that can be said


def test_a_text_that_is_short_enough_is_left_as_it_is():
    assert within("Just this.", 1.0) == "Just this."


FORMATS = [
    {"encoding": "linear16", "sample_rate": 48_000},
    {"encoding": "mulaw", "sample_rate": 8_000},
    {"encoding": "mp3", "sample_rate": 24_000},
    {"encoding": "opus", "sample_rate": 48_000, "container": "none"},
    {"encoding": "flac", "sample_rate": 24_000},
]


@pytest.fixture
def made_in_a_turn(monkeypatch):
    """How many stretches of sound were made in each turn of a loop that made any, by the number of the turn."""
    made, turn = Counter(), count()
    run, spoken = Handle._run, packets.spoken

    def noted(*what):
        for stretch in spoken(*what):
            made[made_in] += 1
            yield stretch

    def counted(handle):
        nonlocal made_in
        made_in = next(turn)
        run(handle)

    made_in = 0
    monkeypatch.setattr(Handle, "_run", counted)
    monkeypatch.setattr(packets, "spoken", noted)
    return made


@pytest.mark.parametrize("output", FORMATS, ids=lambda output: output["encoding"])
def test_however_long_a_text_is_no_turn_of_the_loop_makes_more_than_a_stretch_of_its_sound(
    raw, server, is_well, made_in_a_turn, output
):
    enemy = raw(server.url).enter()
    enemy.send(text(settings(output=output, greeting=LONG)))
    enemy.until("SettingsApplied")
    while enemy.message()[0] != BINARY:
        pass
    is_well(server)
    assert set(made_in_a_turn.values()) == {1}


def test_no_message_of_flac_unfolds_to_more_than_one_without_compression_could_hold():
    bomb = flac(800)
    assert len(bomb) < 200_000
    decoder = unpacking.CodecDecoder(AudioFormat("flac", 8_000))
    assert MOST_SAMPLES_HEARD - 8_000 < decoder.feed(bomb).size <= MOST_SAMPLES_HEARD
    assert decoder.feed(bomb).size > 0  # and the next message is heard


def test_a_sample_rate_of_one_hertz_does_not_stretch_a_second_to_hours():
    data = bytearray(flac(2))
    rate_at = 8 + 10  # the rate is 20 bits, behind the sizes of blocks and frames (RFC 9639, 8.2)
    data[rate_at : rate_at + 3] = bytes((0, 0, 0x10 | data[rate_at + 2] & 0x0F))
    data[8 + 26 - 8 : 8 + 34] = bytes(16)
    decoder = unpacking.CodecDecoder(AudioFormat("flac", 48_000))
    assert decoder.feed(bytes(data)).size <= MOST_SAMPLES_HEARD


def test_a_bomb_of_flac_leaves_the_others_unharmed(raw, server, is_well):
    enemy = raw(server.url).enter()
    enemy.send(text(settings(input={"encoding": "flac", "sample_rate": 8_000})))
    enemy.until("SettingsApplied")
    enemy.send(frame(BINARY, flac(800)))
    is_well(server)
