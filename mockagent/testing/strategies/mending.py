"""What a schema cannot say of a Settings: whatever of a drawn one could not be met is left out of it.

Leaving out is no filtering: each drawn Settings comes to something, and shrinks as it did.
"""

from collections.abc import Mapping
from typing import Any

from mockagent.protocol import configuration
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.formats import output_format, unspeakable
from mockagent.protocol.possible import impossibilities

_OUTPUT = ("container", "sample_rate", "bitrate", "encoding")


def mended(settings: dict[str, Any], dialect: Dialect, *, think_live: bool) -> dict[str, Any]:
    """The Settings without what no service could do, what is not enabled, and second definitions of a function.

    It is changed in place: nobody else holds it.
    """
    _speakable(settings, dialect)
    agent = settings["agent"]
    if dialect is Dialect.V1 and isinstance(agent, dict):
        if not think_live:
            agent.pop("think_live", None)
        _confirmed_later(configuration.listen_provider(settings))
        for problem in tuple(impossibilities(settings)):
            _leave_out(settings, problem.pointer)
    if isinstance(agent, dict):
        _defined_once(agent.get("think"))
    return settings


def _leave_out(settings: dict[str, Any], pointer: str) -> None:
    *above, name = pointer.split("/")[1:]
    inside = settings
    for step in above:
        inside = inside[step]
    inside.pop(name, None)


def _speakable(settings: JsonObject, dialect: Dialect) -> None:
    """Leave out of the output what does not go together, until it does."""
    output = settings.get("audio", {}).get("output", {})
    for name in _OUTPUT:
        if unspeakable(output_format(settings, dialect), has_codecs=True) is None:
            return
        output.pop(name, None)


def _confirmed_later(provider: Mapping[str, Any]) -> None:
    """The eager threshold is at most the other one."""
    eager, confirmed = provider.get("eager_eot_threshold"), provider.get("eot_threshold")
    if eager is not None and confirmed is not None and eager > confirmed and isinstance(provider, dict):
        del provider["eager_eot_threshold"]


def _defined_once(think: Any) -> None:
    for block in think if isinstance(think, list) else [think]:
        if isinstance(block, dict) and "functions" in block:
            by_name = {each["name"]: each for each in reversed(block["functions"])}
            block["functions"] = list(reversed(by_name.values()))
