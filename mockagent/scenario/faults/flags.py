"""Faults for whole runs, as a flag writes them: `NAME[,PARAMETER=VALUE]...[:P]`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockagent.errors import NoSuchName
from mockagent.protocol.events import Side
from mockagent.protocol.message_types import TYPES
from mockagent.scenario.faults.table import FAULTS, Fault, Kind, Parameter

Dice: TypeAlias = Callable[[], float]
"""The next number of the run's own row of chances, from 0 up to 1."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault that may strike again and again: with `chance` (0 to 1) at each opportunity, see `Fault.per`.

    `text` is how the flag asks for it.
    """

    fault: Fault
    values: Mapping[str, Any] = field(default_factory=dict)
    chance: float = 1.0
    text: str = field(default="", compare=False)

    def strikes(self, dice: Dice) -> bool:
        """Whether it strikes this time; throws the dice in any case, so that each throw has its place."""
        return dice() < self.chance


def standing(text: str) -> Standing:
    """The fault of a flag; NoSuchName for one that does not exist, ValueError for what is wrong with the rest."""
    named, colon, chance = text.partition(":")
    name, *given = (part.strip() for part in named.split(","))
    if name not in FAULTS:
        raise NoSuchName("fault", name, FAULTS)
    fault = FAULTS[name]
    values: dict[str, Any] = {}
    for each in given:
        parameter, value = _value(fault, each)
        if parameter in values:
            raise ValueError(f"{parameter} of {name}: expected it once, got it again as {each!r}")
        values[parameter] = value
    return Standing(fault, fault.values(values), _chance(chance) if colon else 1.0, text)


def _value(fault: Fault, text: str) -> tuple[str, Any]:
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign:
        raise ValueError(f"expected PARAMETER=VALUE after the comma, got {text!r}")
    parameter = fault.parameter(name)
    if parameter.default is None and value == parameter.usual:
        return name, None
    try:
        return name, _known(parameter, parameter.read(value))
    except ValueError as error:
        raise ValueError(f"{name} of {fault.name}: {error}") from None


def _known(parameter: Parameter, value: Any) -> Any:
    if parameter.kind is Kind.TYPE:
        known = {name for (_, side), names in TYPES.items() if side is Side.SERVER for name in names}
        if value not in known:
            raise ValueError(str(NoSuchName("server message", value, sorted(known))))
    return value


def _chance(text: str) -> float:
    try:
        chance = float(text)
    except ValueError:
        chance = -1.0
    if not 0 <= chance <= 1:
        raise ValueError(f"expected a probability from 0 to 1 after the colon, got {text!r}")
    return chance
