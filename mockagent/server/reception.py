"""Faults of the handshake: what a client that would be let in meets instead of, or before, the upgrade. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from mockagent.scenario.actions import Strike
from mockagent.scenario.faults.flags import Dice, Standing
from mockagent.scenario.faults.table import Strikes
from mockagent.scenario.model import FaultStrikes
from mockagent.scenario.script import strike_of
from mockagent.server import door

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
    """How a client is received: the faults that strike, and what they amount to. Lengths are seconds."""

    faults: tuple[Strike, ...] = ()
    waits_for: float = 0.0
    compresses: bool = False
    refused: door.Refused | None = None
    retry_after: float | None = None


def drawn(standing: Iterable[Standing], dice: Dice) -> list[Strike]:
    """The faults of the run that strike this handshake."""
    of_handshake = [each for each in standing if each.fault.strikes is Strikes.HANDSHAKE]
    return [Strike(each.fault.name, each.values) for each in of_handshake if each.strikes(dice)]


def written(steps: Iterable[FaultStrikes]) -> list[Strike]:
    """The faults of the handshake that an attempt of a scenario names."""
    return [strike_of(step) for step in steps]


def reception(strikes: Sequence[Strike]) -> Reception:
    """What these faults amount to together; of several alike, and of several refusals, the first one holds."""
    first = {each.fault: each for each in reversed(strikes)}
    refusals = [each.fault for each in strikes if each.fault in _REFUSED]
    names = dict.fromkeys(each.fault for each in strikes if each.fault not in refusals[1:])
    return Reception(
        tuple(first[name] for name in names),
        first["slow_handshake"].values["seconds"] if "slow_handshake" in first else 0.0,
        "compressed" in first,
        _REFUSED[refusals[0]] if refusals else None,
        first[refusals[0]].values["retry_after"] if refusals else None,
    )
