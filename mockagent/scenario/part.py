"""What a player plays: a script with the reactions beside it, and how far it came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mockagent.protocol.switches import Switches
from mockagent.scenario.cues import Script
from mockagent.scenario.model import Ban, Reaction, Scenario, Step
from mockagent.scenario.opening import refuses_settings
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import play


class Ending(StrEnum):
    """How far the script came; FAULTED where a fault has ended the session first, or rightly made the client end it."""

    FINISHED = "finished"
    UNFINISHED = "unfinished"
    UNSCRIPTED = "unscripted"
    FAULTED = "faulted"


@dataclass(frozen=True, slots=True)
class Part:
    """What is played: a script and the reactions beside it. `is_scripted` False: there is no end to come to.

    `bans` hold from Settings on. `applies_settings` False: the script itself answers Settings, with an Error.
    """

    script: Callable[[Scene], Script]
    switches: Switches = field(default_factory=Switches)
    reactions: tuple[Reaction, ...] = ()
    bans: tuple[Ban, ...] = ()
    is_scripted: bool = True
    applies_settings: bool = True


def part_of(scenario: Scenario, switches: Switches, steps: Sequence[Step] | None = None) -> Part:
    """The part that a scenario is, held by these switches; of its steps these are left to play (all if None)."""
    left = scenario.steps if steps is None else steps
    return Part(
        lambda scene: play(scene, left),
        switches,
        scenario.reactions,
        scenario.never,
        applies_settings=not refuses_settings(left),
    )
