"""Compressed speech: what a client joins from the frames of a reply is one stream, as long as what is said."""

import io
from itertools import chain, pairwise, repeat

import av
import numpy as np
import pytest

from mockagent.audio import packets as cutting
from mockagent.audio.coding import encoded
from mockagent.audio.making import at_once
from mockagent.audio.packets import packets, speech_packets, statement_frames
from mockagent.audio.speech import synthesise
from mockagent.protocol.formats import SPEAKABLE, AudioFormat

TEXT = "Twenty one degrees, and sunny."
CODED = [
    AudioFormat(encoding, rate, container, known.default_bitrate)
    for encoding, known in SPEAKABLE.items()
    if known.needs_codec
    for container in known.containers
    for rate in ([8_000, 24_000] if isinstance(known.rates, range) else known.rates)
]
BARE_OPUS = AudioFormat("opus", 48_000, "none", 12_000)
CODEC_DELAY = 3 * 1_152
"""Samples that MP3 and AAC add at the ends, which only a file with a header can tell to leave out."""


def played(frames, format):
    """The samples of a whole stream, and their rate, as the package av hears them."""
    if (format.encoding, format.container) == ("opus", "none"):
        context = av.CodecContext.create("opus", "r")
        context.layout = "mono"
        heard = [each for frame in frames if frame for each in context.decode(av.Packet(frame))]
    else:
        with av.open(io.BytesIO(b"".join(frames))) as file:
            heard = list(file.decode(audio=0))
    resampler = av.AudioResampler(format="s16", layout="mono", rate=format.sample_rate)
    parts = [part.to_ndarray().ravel() for each in (*heard, None) for part in resampler.resample(each)]
    return np.concatenate(parts).astype(float)


@pytest.mark.parametrize("format", CODED, ids=str)
def test_the_stream_is_as_long_as_the_speech_and_sounds_like_it(format):
    speech = synthesise(TEXT, format.sample_rate)
    heard = played(packets(speech, format), format)
    slack = {"mp3": CODEC_DELAY, "aac": CODEC_DELAY}.get(format.encoding, 0.02 * format.sample_rate)
    assert len(speech) - 1 <= len(heard) <= len(speech) + slack + 1
    assert heard.std() == pytest.approx(speech.astype(float).std(), rel=0.25)


@pytest.mark.parametrize("format", CODED, ids=str)
@pytest.mark.parametrize("frame_ms", [10, 20, 50])
def test_there_is_a_frame_for_each_moment(format, frame_ms):
    speech = synthesise(TEXT, format.sample_rate)
    frames = packets(speech, format, frame_ms)
    assert len(frames) == pytest.approx(len(speech) / format.sample_rate * 1000 / frame_ms, abs=1)
    if format.encoding in ("opus", "flac"):
        assert sum(not frame for frame in frames) <= (1 if frame_ms < 50 else len(frames) // 5 + 1)


@pytest.mark.parametrize("format", CODED, ids=str)
def test_the_same_speech_gives_the_same_bytes(format):
    speech = synthesise(TEXT, format.sample_rate)
    assert packets(speech, format) == packets(speech, format)


@pytest.mark.parametrize("format", CODED, ids=str)
@pytest.mark.parametrize("size", [777, 10_000])
def test_in_whatever_stretches_it_comes_it_is_the_same_stream(format, size):
    speech = synthesise(TEXT, format.sample_rate)
    stretches = (speech[start : start + size] for start in range(0, len(speech), size))
    frames = [each for ready in encoded(stretches, len(speech), format, 20) for each in ready]
    assert tuple(frames) == packets(speech, format)


@pytest.mark.parametrize("format", CODED, ids=str)
def test_the_stream_begins_before_the_speech_is_whole(format):
    rate = format.sample_rate
    second = synthesise(TEXT, rate)[:rate]
    parts = encoded(chain([second], repeat(second)), 1_000 * rate, format, 20)
    ready = [frame for _ in range(3) for frame in next(parts)]
    assert 100 <= len(ready) <= 150


@pytest.mark.parametrize("format", [*CODED[:1], *CODED[-1:], BARE_OPUS], ids=str)
def test_silence_of_no_length_is_no_stream(format):
    assert packets(np.zeros(0, np.int16), format) == ()
    assert speech_packets("", format) == ()


@pytest.mark.parametrize("encoding", ["mp3", "opus", "aac"])
def test_more_bits_make_a_larger_stream(encoding):
    rates = [16_000, 32_000, 64_000]
    container = SPEAKABLE[encoding].containers[0]
    sizes = [
        sum(map(len, speech_packets(TEXT, AudioFormat(encoding, 24_000, container, rate)))) for rate in rates
    ]
    assert all(less * 1.5 < more for less, more in pairwise(sizes))


@pytest.mark.parametrize("encoding", ["mp3", "opus", "aac"])
@pytest.mark.parametrize("bitrate", [1, 10**7])
def test_a_bitrate_that_no_codec_has_is_brought_near(encoding, bitrate):
    format = AudioFormat(encoding, 24_000, SPEAKABLE[encoding].containers[0], bitrate)
    assert played(speech_packets(TEXT, format), format).size


def test_bare_opus_has_one_packet_a_frame():
    for frame_ms in (10, 20, 30):
        frames = speech_packets(TEXT, BARE_OPUS, frame_ms=frame_ms)
        assert played(frames, BARE_OPUS).size >= len(synthesise(TEXT, 48_000))


STATEMENTS = ("One moment, please.", "", "It is sunny.", "Anything else?")


@pytest.mark.parametrize("format", [*CODED, AudioFormat("linear16", 24_000, "wav")], ids=str)
def test_the_statements_of_a_reply_make_one_stream(format):
    said = [at_once(statement_frames(STATEMENTS, number, format)) for number in range(len(STATEMENTS))]
    whole = [frame for frames in said for frame in frames]
    spoken = [len(synthesise(text, format.sample_rate)) for text in STATEMENTS]
    assert played(whole, format).size == pytest.approx(sum(spoken), abs=CODEC_DELAY)
    for frames, length in zip(said, spoken, strict=True):
        assert len(frames) == pytest.approx(length / format.sample_rate * 50, abs=1.5)
    for mark in (b"RIFF", b"fLaC", b"OpusHead"):
        assert b"".join(whole).count(mark) <= 1


def test_a_reply_that_begins_with_nothing_to_say_has_its_header_all_the_same():
    wav = AudioFormat("linear16", 24_000, "wav")
    assert at_once(statement_frames(("", "Yes."), 0, wav)) == ()
    assert at_once(statement_frames(("", "Yes."), 1, wav))[0].startswith(b"RIFF")


def test_the_statements_of_a_reply_are_made_once(monkeypatch):
    format, made = AudioFormat("mp3", 22_050, "none", 48_000), []
    statements = (*STATEMENTS, "Said here alone.")
    spoken = cutting.spoken
    monkeypatch.setattr(cutting, "spoken", lambda text, *how: made.append(text) or spoken(text, *how))
    for number in (*range(len(statements)), 2):
        at_once(statement_frames(statements, number, format))
    assert made == list(statements)
