"""Faults of the handshake: what a client that would be let in meets instead of, or before, the upgrade. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.scenario.faults.flags import Dice, Standing
from mockagent.scenario.faults.table import Strikes
from mockagent.scenario.model import FaultStrikes
from mockagent.server import door

AtTheDoor: TypeAlias = tuple[str, Mapping[str, Any]]
"""A fault of the handshake by its name, and its parameters."""

_REFUSED: Mapping[str, door.Refused] = MappingProxyType(
    {
        "refused_401": door.UNAUTHORIZED,
        "refused_403": door.FORBIDDEN,
        "refused_404": door.Refused(404, "NOT_FOUND", "There is nothing here."),
        "refused_429": door.TOO_MANY,
        "refused_503": replace(door.UNAVAILABLE, message="The service is not available at the moment."),
    }
)


@dataclass(frozen=True, slots=True)
class Reception:
    """How a client is received: the faults by their names, and what they amount to. Lengths are seconds."""

    faults: tuple[str, ...] = ()
    waits_for: float = 0.0
    compresses: bool = False
    refused: door.Refused | None = None
    retry_after: float | None = None


def drawn(standing: Iterable[Standing], dice: Dice) -> list[AtTheDoor]:
    """The faults of the run that strike this handshake."""
    of_handshake = [each for each in standing if each.fault.strikes is Strikes.HANDSHAKE]
    return [(each.fault.name, each.values) for each in of_handshake if each.strikes(dice)]


def written(steps: Iterable[FaultStrikes]) -> list[AtTheDoor]:
    """The faults of the handshake that an attempt of a scenario names."""
    return [(step.fault, step.values) for step in steps]


def reception(faults: Sequence[AtTheDoor]) -> Reception:
    """What these faults amount to together; of several refusals the first one holds."""
    values = dict(reversed(faults))
    refusals = [name for name, _ in faults if name in _REFUSED]
    return Reception(
        tuple(dict.fromkeys(name for name, _ in faults if name not in refusals[1:])),
        values["slow_handshake"]["seconds"] if "slow_handshake" in values else 0.0,
        "compressed" in values,
        _REFUSED[refusals[0]] if refusals else None,
        values[refusals[0]]["retry_after"] if refusals else None,
    )
