"""Formats: what bytes mean in time, and what Settings ask for."""

import subprocess
import sys

import pytest

from mockagent.catalogue import read_schema
from mockagent.protocol.events import Dialect
from mockagent.protocol.formats import (
    INPUT_ENCODINGS,
    SPEAKABLE,
    AudioFormat,
    input_format,
    output_format,
    unspeakable,
)

V1, EARLY = Dialect.V1, Dialect.EARLY_ACCESS


@pytest.mark.parametrize(
    ("encoding", "rate", "width", "twenty_milliseconds"),
    [
        ("linear16", 24_000, 2, 960),
        ("linear16", 44_100, 2, 1764),
        ("linear32", 16_000, 4, 1280),
        ("mulaw", 8_000, 1, 160),
        ("alaw", 8_000, 1, 160),
    ],
)
def test_bytes_are_time_for_encodings_of_a_constant_rate(encoding, rate, width, twenty_milliseconds):
    format = AudioFormat(encoding, rate)
    assert format.is_counted
    assert format.sample_width == width
    assert format.bytes_per_second == width * rate
    assert format.size_of(0.02) == twenty_milliseconds
    assert format.duration_of(twenty_milliseconds) == pytest.approx(0.02, abs=1e-12)


def test_a_length_becomes_whole_samples():
    assert AudioFormat("linear16", 11_025).size_of(0.02) % 2 == 0
    assert AudioFormat("linear16", 8_000).size_of(0.00013) == 2


@pytest.mark.parametrize("encoding", ["opus", "ogg-opus", "flac", "mp3", "amr-nb", "LINEAR16", ""])
def test_other_encodings_have_no_length(encoding):
    format = AudioFormat(encoding, 16_000)
    assert not format.is_counted
    assert format.duration_of(1000) is None
    for ask in (lambda: format.sample_width, lambda: format.bytes_per_second, lambda: format.size_of(1.0)):
        with pytest.raises(ValueError, match="no fixed number"):
            ask()


@pytest.mark.parametrize(
    ("settings", "dialect", "expected"),
    [
        ({}, V1, AudioFormat("linear16", 24_000)),
        ({}, EARLY, AudioFormat("linear16", 16_000)),
        ({"audio": {}}, V1, AudioFormat("linear16", 24_000)),
        ({"audio": {"input": {"encoding": "mulaw", "sample_rate": 8000}}}, V1, AudioFormat("mulaw", 8_000)),
        ({"audio": {"input": {"encoding": "opus"}}}, V1, AudioFormat("opus", 24_000)),
        ({"audio": {"input": {"sample_rate": 48000.0}}}, EARLY, AudioFormat("linear16", 48_000)),
        ({"audio": {"output": {"sample_rate": 8000}}}, V1, AudioFormat("linear16", 24_000)),
    ],
)
def test_the_input_format_of_settings(settings, dialect, expected):
    assert input_format(settings, dialect) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({}, AudioFormat("linear16", 24_000)),
        ({"sample_rate": 16000, "container": "wav"}, AudioFormat("linear16", 16_000, "wav")),
        ({"encoding": "mulaw"}, AudioFormat("mulaw", 8_000)),
        ({"encoding": "alaw"}, AudioFormat("alaw", 8_000)),
        ({"encoding": "alaw", "sample_rate": 16000}, AudioFormat("alaw", 16_000)),
        ({"encoding": "mp3"}, AudioFormat("mp3", 22_050, "none", 48_000)),
        ({"encoding": "mp3", "bitrate": 32000}, AudioFormat("mp3", 22_050, "none", 32_000)),
        ({"encoding": "aac", "sample_rate": 16000}, AudioFormat("aac", 16_000, "none", 48_000)),
        ({"encoding": "opus"}, AudioFormat("opus", 48_000, "ogg", 12_000)),
        ({"encoding": "opus", "container": "none"}, AudioFormat("opus", 48_000, "none", 12_000)),
        ({"encoding": "flac", "bitrate": 32000}, AudioFormat("flac", 24_000)),
        ({"encoding": "linear16", "bitrate": 32000}, AudioFormat("linear16", 24_000)),
    ],
)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_output_format_of_settings(output, dialect, expected):
    assert output_format({"audio": {"output": output}}, dialect) == expected


@pytest.mark.parametrize("odd", [None, 5, "linear16", [], True, {"encoding": 5, "sample_rate": "8000"}])
def test_odd_values_fall_back_to_the_default(odd):
    for settings in ({"audio": odd}, {"audio": {"input": odd, "output": odd}}):
        assert input_format(settings, V1) == AudioFormat("linear16", 24_000)
        assert output_format(settings, V1) == AudioFormat("linear16", 24_000)


@pytest.mark.parametrize("rate", [0, -8000, True, 8000.5, float("inf"), float("nan"), "8000", None, [8000]])
def test_an_odd_rate_falls_back_to_the_default(rate):
    assert input_format({"audio": {"input": {"sample_rate": rate}}}, EARLY).sample_rate == 16_000


@pytest.mark.parametrize("bitrate", [0, -1, True, "48000", None, 1.5])
def test_an_odd_bitrate_falls_back_to_the_default(bitrate):
    assert output_format({"audio": {"output": {"encoding": "aac", "bitrate": bitrate}}}, V1).bitrate == 48_000


@pytest.mark.parametrize(
    ("format", "reason"),
    [
        (AudioFormat("linear16", 24_000), None),
        (AudioFormat("mulaw", 8_000, "wav"), None),
        (AudioFormat("alaw", 11_025), None),
        (AudioFormat("mp3", 22_050), None),
        (AudioFormat("flac", 24_000, "ogg"), None),
        (AudioFormat("linear32", 24_000), "'linear32'; expected one of 'linear16', 'mulaw'"),
        (AudioFormat("opus", 22_050, "ogg"), "opus at 22050 Hz; expected one of 8000, 12000"),
        (AudioFormat("mp3", 24_000, "wav"), "mp3 in container 'wav'; expected 'none'"),
        (
            AudioFormat("linear16", 24_000, "ogg"),
            "linear16 in container 'ogg'; expected one of 'none', 'wav'",
        ),
        (AudioFormat("linear16", 1), "linear16 at 1 Hz; expected 2000 to 192000"),
        (AudioFormat("linear16", 10**30), "linear16 at 1000000000000000000000000000000 Hz"),
    ],
)
def test_what_can_be_spoken(format, reason):
    found = unspeakable(format, has_codecs=True)
    assert (found or "").startswith(reason or "") and (found is None) is (reason is None)


@pytest.mark.parametrize("encoding", SPEAKABLE)
def test_without_codecs_the_plain_encodings_are_left(encoding):
    known = SPEAKABLE[encoding]
    format = AudioFormat(encoding, known.default_rate, known.containers[0])
    assert unspeakable(format, has_codecs=True) is None
    reason = unspeakable(format, has_codecs=False)
    if encoding in ("linear16", "mulaw", "alaw"):
        assert reason is None
    else:
        assert reason == f"{encoding} without the package av; install it with: pip install 'mockagent[audio]'"


def test_the_encodings_are_those_of_the_schema():
    audio = read_schema("common/audio.json")["$defs"]
    assert set(SPEAKABLE) == set(audio["output"]["properties"]["encoding"]["enum"])
    assert list(INPUT_ENCODINGS) == audio["input"]["properties"]["encoding"]["enum"]


def test_the_light_modules_do_not_import_numpy():
    program = (
        "import sys, mockagent.audio, mockagent.protocol.formats, mockagent.audio.pace;"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


def test_a_rate_of_one_is_a_rate():
    assert input_format({"audio": {"input": {"sample_rate": 1}}}, V1).sample_rate == 1


def test_an_encoding_that_is_not_counted_says_so():
    with pytest.raises(ValueError, match=r"^mp3 has no fixed number of bytes a sample$"):
        _ = AudioFormat("mp3", 22_050).sample_width
