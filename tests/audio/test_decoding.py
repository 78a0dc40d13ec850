"""A client's stream is heard in every encoding that Settings can name, whatever wraps it; and garbage is only data."""

import io
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockagent.audio.decoder import CannotDecode
from mockagent.audio.decoding import decoder_for
from mockagent.audio.detection import SpeechDetector, SpeechStarted, SpeechStopped
from mockagent.audio.ogg import OggPackets
from mockagent.audio.packets import packets
from mockagent.audio.pcm import decode, encode
from mockagent.audio.speech import synthesise
from mockagent.protocol.formats import INPUT_ENCODINGS, SAMPLE_WIDTHS, AudioFormat

DATA = Path(__file__).parent / "data"
TEXT = "Hello there, can you hear me?"
RATES = {"amr-nb": 8_000, "g729": 8_000, "speex": 8_000, "opus": 48_000, "ogg-opus": 48_000}


def format_of(encoding):
    return AudioFormat(encoding, RATES.get(encoding, 16_000))


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def silence_and_speech(rate):
    rest = np.zeros(rate, np.int16)
    return np.concatenate([rest, synthesise(TEXT, rate), rest])


def speex():
    return [packet for packet, _ in OggPackets().feed((DATA / "hello.spx").read_bytes())][2:]


def messages(encoding):
    """The speech in this encoding, as a client would send it, and its seconds."""
    rate = format_of(encoding).sample_rate
    sound = silence_and_speech(rate)
    lasts = len(sound) / rate
    match encoding:
        case "linear16" | "mulaw" | "alaw":
            return cut(encode(sound, format_of(encoding)), 641), lasts
        case "linear32":
            return cut((sound / 32768).astype("<f4").tobytes(), 641), lasts
        case "flac":
            return packets(sound, AudioFormat("flac", rate)), lasts
        case "opus":
            return packets(sound, AudioFormat("opus", rate, "none", 24_000)), lasts
        case "ogg-opus":
            return packets(sound, AudioFormat("opus", rate, "ogg", 24_000)), lasts
        case "amr-nb":
            return cut((DATA / "speech.amr").read_bytes(), 640), 3.9
        case "speex":
            return speex(), 1.98
        case _:
            return cut((DATA / f"hello.{encoding}").read_bytes(), 50), 1.98


@pytest.mark.parametrize("encoding", INPUT_ENCODINGS)
def test_every_encoding_of_settings_is_decoded_to_its_length(encoding):
    """With the package av none is left out: what it could not decode would be counted by its arrival."""
    decoder = decoder_for(format_of(encoding))
    sent, lasts = messages(encoding)
    heard = np.concatenate([decoder.feed(message) for message in sent] + [decoder.finish()])
    assert len(heard) / decoder.sample_rate == pytest.approx(lasts, abs=0.07)
    assert heard.astype(float).std() > 500


@pytest.mark.parametrize("encoding", INPUT_ENCODINGS)
def test_speech_is_detected_in_every_encoding(encoding):
    detector = SpeechDetector(format_of(encoding))
    sent, _ = messages(encoding)
    events = [event for message in sent for event in detector.feed(message)]
    assert isinstance(events[0], SpeechStarted)
    if encoding in ("amr-wb", "g729", "speex"):  # recordings without silence around them
        assert events[0].at < 0.3
    else:
        assert events[0].at == pytest.approx(1.0, abs=0.15)
        assert isinstance(events[-1], SpeechStopped)


@pytest.mark.parametrize("encoding", ["flac", "amr-nb", "amr-wb", "g729", "ogg-opus"])
@pytest.mark.parametrize("size", [13, 333, 5_000])
def test_a_stream_may_be_cut_anywhere(encoding, size):
    whole = b"".join(messages(encoding)[0])
    decoder = decoder_for(format_of(encoding))
    heard = sum(len(decoder.feed(part)) for part in cut(whole, size)) + len(decoder.finish())
    assert heard / decoder.sample_rate == pytest.approx(messages(encoding)[1], abs=0.1)


@pytest.mark.parametrize("encoding", ["opus", "speex", "flac"])
def test_what_is_wrapped_in_ogg_is_unwrapped(encoding):
    match encoding:
        case "speex":
            sent, lasts = cut((DATA / "hello.spx").read_bytes(), 200), 1.98
        case _:
            sent = packets(silence_and_speech(16_000), AudioFormat(encoding, 16_000, "ogg", 24_000))
            lasts = len(silence_and_speech(16_000)) / 16_000
    decoder = decoder_for(AudioFormat(encoding, 16_000))
    heard = sum(len(decoder.feed(message)) for message in (*sent, *sent))
    assert heard / decoder.sample_rate == pytest.approx(2 * lasts, abs=0.1)


@pytest.mark.parametrize("size", [1, 7, 44, 1_000])
@pytest.mark.parametrize("encoding", ["linear16", "mulaw"])
def test_the_header_of_a_wav_file_is_no_sound(encoding, size):
    format = AudioFormat(encoding, 16_000)
    file = io.BytesIO()
    with wave.open(file, "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(16_000)
    data = encode(synthesise(TEXT, 16_000), format)
    decoder = decoder_for(format)
    stream = file.getvalue() + data
    heard = [decoder.feed(part) for part in (stream[:size].ljust(4, b"?") if size < 4 else stream[:size],)]
    heard += [decoder.feed(part) for part in cut(stream[max(size, 4) :], 640)]
    sound = np.concatenate(heard)
    if size >= 4:
        assert sound.tolist() == decode(data, format).tolist()
    else:
        assert len(sound) > 0


def test_a_file_that_only_begins_like_wav_is_sound():
    decoder = decoder_for(AudioFormat("mulaw", 8_000))
    assert len(decoder.feed(b"RIFF\0\0\0\0AVI " + bytes(100))) == 112


def test_an_encoding_that_nothing_decodes_is_refused():
    with pytest.raises(CannotDecode, match="vorbis"):
        decoder_for(AudioFormat("vorbis", 48_000))


def test_without_the_codecs_compressed_encodings_are_refused_with_the_reason():
    program = (
        "import sys; sys.modules['av'] = None\n"
        "from mockagent.audio.decoder import CannotDecode\n"
        "from mockagent.audio.decoding import decoder_for\n"
        "from mockagent.protocol.formats import INPUT_ENCODINGS, AudioFormat\n"
        "for encoding in INPUT_ENCODINGS:\n"
        "    try: decoder_for(AudioFormat(encoding, 8000))\n"
        "    except CannotDecode as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], timeout=60, check=True, capture_output=True, text=True
    )
    coded = [encoding for encoding in INPUT_ENCODINGS if encoding not in SAMPLE_WIDTHS]
    assert done.stdout.splitlines() == [f"{each} cannot be decoded without the package av" for each in coded]


MESSAGE = st.binary(max_size=300) | st.sampled_from([b"OggS", b"fLaC", b"RIFF", b"#!AMR\n", b"{}"]).flatmap(
    lambda mark: st.binary(max_size=200).map(lambda rest: mark + rest)
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(INPUT_ENCODINGS), st.lists(MESSAGE, max_size=12))
def test_garbage_is_only_data(encoding, sent):
    detector = SpeechDetector(format_of(encoding))
    for message in sent:
        detector.feed(message)
    assert detector.heard_for >= 0


@pytest.mark.parametrize("encoding", INPUT_ENCODINGS)
def test_long_garbage_is_only_data_and_what_follows_is_still_heard(encoding):
    detector = SpeechDetector(format_of(encoding))
    noise = np.random.default_rng(5).bytes(30_000)
    for part in cut(noise, 311):
        detector.feed(part)
    before = detector.heard_for
    sent, lasts = messages(encoding)
    for message in sent:
        detector.feed(message)
    if encoding not in ("linear16", "linear32"):  # a sample cut in two by garbage stays cut
        assert detector.heard_for - before > lasts / 2


@settings(deadline=None)
@given(st.lists(st.integers(1, 400), max_size=80))
def test_pages_may_be_cut_anywhere(sizes):
    data = (DATA / "hello.spx").read_bytes()
    whole = OggPackets().feed(data)
    assert whole[0][1] and not any(first for _, first in whole[1:])
    pages, found, at = OggPackets(), [], 0
    for size in sizes:
        found += pages.feed(data[at : at + size])
        at += size
    assert found + pages.feed(data[at:]) == whole
