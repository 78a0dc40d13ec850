"""The names of models and voices that were known in November 2026. They grow monthly: an unknown one is worth a remark.

Source: the AsyncAPI file of 2026-07 and https://developers.deepgram.com/docs (voice-agent-llm-models, tts-models,
models-languages-overview).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mockagent.errors import nearest
from mockagent.protocol.events import JsonObject, Problem
from mockagent.protocol.wording import quoted

THINK_MODELS = (
    ("gpt-5", "GPT-5", "open_ai"),
    ("gpt-5-mini", "GPT-5 mini", "open_ai"),
    ("gpt-5-nano", "GPT-5 nano", "open_ai"),
    ("gpt-4.1", "GPT-4.1", "open_ai"),
    ("gpt-4.1-mini", "GPT-4.1 mini", "open_ai"),
    ("gpt-4.1-nano", "GPT-4.1 nano", "open_ai"),
    ("gpt-4o", "GPT-4o", "open_ai"),
    ("gpt-4o-mini", "GPT-4o mini", "open_ai"),
    ("claude-4-5-haiku-latest", "Claude 4.5 Haiku", "anthropic"),
    ("claude-3-5-haiku-latest", "Claude 3.5 Haiku", "anthropic"),
    ("claude-sonnet-4-20250514", "Claude Sonnet 4", "anthropic"),
    ("gemini-2.5-flash", "Gemini 2.5 Flash", "google"),
    ("gemini-2.0-flash", "Gemini 2.0 Flash", "google"),
    ("gemini-2.0-flash-lite", "Gemini 2.0 Flash Lite", "google"),
    ("openai/gpt-oss-20b", "GPT OSS 20B", "groq"),
)
"""Of the managed think providers: id, name and provider."""

_OF_NOVA_2 = "general meeting finance conversationalai voicemail video medical drivethru automotive phonecall"
LISTEN_MODELS = (
    *("nova-3", "nova-3-general", "nova-3-medical", "flux-general-en", "flux-general-multi", "nova-2"),
    *(f"nova-2-{domain}" for domain in _OF_NOVA_2.split()),
    *("nova", "nova-general", "nova-phonecall", "nova-medical", "base", "enhanced", "enhanced-general"),
    *("enhanced-meeting", "enhanced-phonecall", "enhanced-finance"),
)

_AURA = "angus arcas asteria athena helios hera luna orion orpheus perseus stella zeus"
_FLUX = "alexis bruce cole drew haley heather jack marcus priya renee rufus sharon"
_AURA_2: Mapping[str, str] = {
    "en": (
        "amalthea andromeda apollo arcas aries asteria athena atlas aurora callista cora cordelia "
        "delia draco electra harmonia helena hera hermes hyperion iris janus juno jupiter luna mars "
        "minerva neptune odysseus ophelia orion orpheus pandora phoebe pluto saturn selene thalia "
        "theia vesta zeus"
    ),
    "es": (
        "agustina alvaro antonia aquila carina celeste diana estrella gloria javier luciano nestor "
        "olivia selena silvia sirio valerio"
    ),
    "it": ("cesare cinzia demetra dionisio elio flavio livia maia melia perseo"),
    "nl": ("beatrix cornelia daphne hestia lars leda rhea roman sander"),
    "de": ("aurelia elara fabian julius kara lara viktoria"),
    "ja": ("ama ebisu fujin izanami uzume"),
    "fr": ("agathe hector"),
}
VOICES = (
    *(f"aura-2-{name}-{language}" for language, names in _AURA_2.items() for name in names.split()),
    *(f"aura-{name}-en" for name in _AURA.split()),
    *(f"flux-{name}-en" for name in _FLUX.split()),
)

_KNOWN: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {
        ("listen", "deepgram"): frozenset(LISTEN_MODELS),
        ("speak", "deepgram"): frozenset(VOICES),
        **{
            ("think", type): frozenset(id for id, _, provider in THINK_MODELS if provider == type)
            for type in ("open_ai", "anthropic", "google")
        },
    }
)


def unknown_names(settings: JsonObject) -> Iterator[Problem]:
    """The models and voices of a V1 Settings, or of an update worded as one, that are not among those known."""
    agent = settings.get("agent")
    if not isinstance(agent, Mapping):
        return
    for block in ("listen", "think", "speak"):
        for pointer, item in _each(agent.get(block), f"/agent/{block}"):
            yield from _unknown_name(block, item, pointer)


def _unknown_name(block: str, item: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    provider = item.get("provider")
    if not isinstance(provider, Mapping) or "endpoint" in item:
        return  # what an endpoint of one's own calls its models is nobody else's business
    known = _KNOWN.get((block, str(provider.get("type"))))
    model = provider.get("model")
    if known and isinstance(model, str) and model not in known:
        hint = nearest(model, sorted(known))
        yield Problem(f"{pointer}/provider/model", "name", "a known name", quoted(model) + hint)


def _each(block: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(block, Mapping):
        yield pointer, block
    elif isinstance(block, list):
        for index, item in enumerate(block):
            if isinstance(item, Mapping):
                yield f"{pointer}/{index}", item
