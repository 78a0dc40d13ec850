"""Settings that can be read but not met."""

import pytest
from hypothesis import given
from odd import JSON

from mockagent.protocol.events import Problem
from mockagent.protocol.possible import impossibilities

FLUX = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}}
AURA = {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}


def found(output=None, speak=FLUX, **audio):
    body = {
        "type": "Settings",
        "audio": audio | ({"output": output} if output else {}),
        "agent": {"speak": speak},
    }
    return tuple(impossibilities(body))


@pytest.mark.parametrize("encoding", ["linear16", "mulaw", "alaw"])
def test_what_a_flux_voice_can_speak(encoding):
    assert found({"encoding": encoding, "container": "none"}) == ()
    assert found() == ()


@pytest.mark.parametrize("output", [{"encoding": "mp3", "bitrate": 48000}, {"container": "wav"}])
def test_other_voices_can_speak_more(output):
    assert found(output, AURA) == ()


def test_what_a_flux_voice_cannot_speak_is_told_field_by_field():
    assert found({"encoding": "mp3", "container": "ogg", "bitrate": 48000}) == (
        Problem("/audio/output/encoding", "impossible", "linear16, mulaw or alaw with a Flux voice", "'mp3'"),
        Problem("/audio/output/container", "impossible", "'none' with a Flux voice", "'ogg'"),
        Problem("/audio/output/bitrate", "impossible", "no bitrate with a Flux voice", "48000"),
    )


@pytest.mark.parametrize("output", [{"encoding": "mp3"}, {"container": "wav"}, {"bitrate": 48000}])
@pytest.mark.parametrize("agent", [{}, {"speak": None}])
def test_settings_that_name_no_voice_get_a_flux_voice(output, agent):
    body = {"type": "Settings", "audio": {"output": output}, "agent": agent}
    assert len(tuple(impossibilities(body))) == 1


def test_a_flux_voice_among_fallbacks_counts():
    assert [problem.pointer for problem in found({"encoding": "mp3"}, [AURA, FLUX])] == [
        "/audio/output/encoding"
    ]


@pytest.mark.parametrize(
    ("rate", "count"), [(8000, 0), (192_000, 0), (1, 0), (0, 1), (-1, 1), (192_001, 1), (1e300, 1)]
)
def test_sample_rates_have_their_limits(rate, count):
    for direction in ("input", "output"):
        wanted = "a sample rate that audio can have, in Hz"
        problems = found(**{direction: {"sample_rate": rate}})
        assert [(problem.pointer, problem.expected) for problem in problems] == [
            (f"/audio/{direction}/sample_rate", wanted)
        ] * count


def test_a_stored_agent_is_possible():
    assert tuple(impossibilities({"type": "Settings", "agent": "fc553ec9-5874-49ca-a47c-b670d525a4b3"})) == ()


@given(JSON, JSON, JSON, JSON)
def test_no_settings_are_too_odd_to_look_at(encoding, container, rate, other):
    output = {"encoding": encoding, "container": container, "sample_rate": rate, "bitrate": other}
    for speak in (FLUX, [FLUX, other], other):
        for problem in found(output, speak, input=other):
            assert problem.keyword == "impossible"
