"""Sound that unfolds: a text of a mebibyte to be spoken, a file of nothing that lasts for hours."""

import io

import numpy as np
import pytest
from enemy import BINARY, frame, settings, text

from mockagent.audio import remembering, unpacking
from mockagent.audio.pace import speaking_time, within
from mockagent.audio.remembering import remembered
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


def test_what_is_remembered_is_counted_in_bytes(monkeypatch):
    monkeypatch.setattr(remembering, "MOST_BYTES_REMEMBERED", 1_200)
    monkeypatch.setattr(remembering, "_kept", type(remembering._kept)())
    monkeypatch.setattr(remembering, "_weight", 0)
    made = []

    @remembered
    def frames(text, count=1):
        made.append(text)
        return (bytes(400),) * count

    assert frames("a") is frames("a")
    frames("b")
    frames("a")
    assert made == ["a", "b"]
    frames("large", 5)
    frames("a")
    assert made == ["a", "b", "large", "a"]
    assert remembering._weight <= 1_200
