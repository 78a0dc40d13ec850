"""Unfolds a scenario into its ideal plays: every message and every sound of both parts, at its ideal time.

The server's part is played by the very player that serves, against an ideal client and a clock of its own; so
what is unfolded, explained and proved is what will happen, and the order of messages is written down once.
"""

from collections.abc import Mapping

from mockagent.protocol.requirements import Requirement
from mockagent.scenario.beats import Play
from mockagent.scenario.lines import plays_of
from mockagent.scenario.model import Scenario
from mockagent.scenario.rehearsal import Rehearsal
from mockagent.scenario.stage import Problems


def unfolded(
    scenario: Scenario, requirements: Mapping[str, Requirement], problems: Problems = lambda *_: ()
) -> list[Play]:
    """The plays of a scenario: together they go through every branch. `problems` checks the server's messages."""
    return [Rehearsal(scenario, lines, requirements, problems).play() for lines in plays_of(scenario)]
