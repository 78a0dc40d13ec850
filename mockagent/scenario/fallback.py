"""Providers that fail: each is warned of, the next one serves, and when none is left the session ends.

Source: https://developers.deepgram.com/docs/voice-agent-llm-models and voice-agent-tts-models (fallback providers).
"""

from collections.abc import Iterable, Mapping
from math import inf
from types import MappingProxyType

from mockagent.protocol import configuration, service
from mockagent.protocol.events import JsonObject
from mockagent.scenario.actions import Close
from mockagent.scenario.cues import StepFailed
from mockagent.scenario.model import AgentTurn, Step
from mockagent.scenario.scene import Scene

PARTS = ("think", "speak")

_USUAL: Mapping[str, tuple[JsonObject, JsonObject]] = MappingProxyType(
    {
        "think": (
            {"type": "open_ai", "model": "gpt-4o-mini"},
            {"type": "anthropic", "model": "claude-4-5-haiku-latest"},
        ),
        "speak": (
            {"type": "deepgram", "model": "aura-2-thalia-en"},
            {"type": "cartesia", "model_id": "sonic-2", "voice": {"mode": "id", "id": "a-voice"}},
        ),
    }
)
"""The provider of a block that names none, and the one that stands in for it."""


def serves(scene: Scene, step: AgentTurn) -> bool:
    """Let the providers fail that the step wants to; whether one of each part is left. If not, the session is over."""
    return all(_serves(scene, step, part, fails) for part, fails in failures_of(step).items())


def failures_of(step: AgentTurn) -> Mapping[str, float]:
    """How many providers of each part fail in a step; infinitely many are all of them."""
    return {"think": step.think_fails, "speak": step.speak_fails}


def _serves(scene: Scene, step: AgentTurn, part: str, fails: float) -> bool:
    if not fails:
        return True
    providers = configuration.providers_of(scene.settings, part)
    for number, type in enumerate(providers, 1):
        if number > fails:
            return True
        scene.send(service.provider_failed(part, type), step.breaks)
    scene.send(service.all_providers_failed(part, scene.dialect), step.breaks)
    scene.out(Close())
    if fails == inf:
        return False
    more = (
        f"Settings with more than {fails:g} {part} provider{'' if fails == 1 else 's'}, for the next to serve"
    )
    raise StepFailed(step.place, more, f"Settings with {len(providers)}")


def providers_needed(steps: Iterable[Step]) -> Mapping[str, int]:
    """How many providers of each part a client must name for these steps to be played; 1 where any will do."""
    turns = [failures_of(step) for step in steps if isinstance(step, AgentTurn)]
    most = {part: max((turn[part] for turn in turns if turn[part] < inf), default=0) for part in PARTS}
    return {part: int(fails) + 1 for part, fails in most.items()}


def with_fallbacks(block: JsonObject, part: str, number: int) -> list[JsonObject]:
    """A block of Settings as an array of so many, the later ones with another provider."""
    first, other = _USUAL[part]
    return [{"provider": first, **block}, *[{**block, "provider": other} for _ in range(number - 1)]]
