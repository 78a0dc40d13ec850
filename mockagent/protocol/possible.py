"""Settings that can be read but not be met: what the live service answers with INVALID_SETTINGS.

Source: the vendor's text-to-speech pages (what a Flux voice can speak), and its page on configuring an agent (one
that names no voice gets a Flux voice).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mockagent.protocol.events import JsonObject, Problem
from mockagent.protocol.reading import objects
from mockagent.protocol.wording import quoted

_FLUX_VOICE_ENCODINGS = frozenset({"linear16", "mulaw", "alaw"})


def impossibilities(settings: JsonObject) -> Iterator[Problem]:
    """What in a Settings that fits its schema no service could do."""
    agent = settings.get("agent")
    if not isinstance(agent, Mapping):
        return
    output = _object(_object(settings, "audio"), "output")
    if agent.get("speak") is None or any(map(_is_flux_voice, _each(agent.get("speak")))):
        yield from _flux_output(output)
    yield from _sample_rates(settings)


def _flux_output(output: JsonObject) -> Iterator[Problem]:
    encoding = output.get("encoding", "linear16")
    if not isinstance(encoding, str) or encoding not in _FLUX_VOICE_ENCODINGS:
        yield _problem("/audio/output/encoding", "linear16, mulaw or alaw with a Flux voice", encoding)
    if output.get("container", "none") != "none":
        yield _problem("/audio/output/container", "'none' with a Flux voice", output["container"])
    if "bitrate" in output:
        yield _problem("/audio/output/bitrate", "no bitrate with a Flux voice", output["bitrate"])


def _sample_rates(settings: JsonObject) -> Iterator[Problem]:
    for direction in ("input", "output"):
        rate = _object(_object(settings, "audio"), direction).get("sample_rate")
        if isinstance(rate, int | float) and not 1 <= rate <= 192_000:
            yield _problem(
                f"/audio/{direction}/sample_rate", "a sample rate that audio can have, in Hz", rate
            )


def _is_flux_voice(speak: JsonObject) -> bool:
    provider = _object(speak, "provider")
    return provider.get("type") == "deepgram" and provider.get("version") == "v2"


def _each(block: Any) -> list[JsonObject]:
    return objects(block if isinstance(block, list) else [block])


def _object(of: JsonObject, name: str) -> JsonObject:
    value = of.get(name)
    return value if isinstance(value, Mapping) else {}


def _problem(pointer: str, expected: str, got: Any) -> Problem:
    return Problem(pointer, "impossible", expected, quoted(got))
