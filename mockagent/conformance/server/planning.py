"""From scenarios to cases for a server under test: what is played with it, and which rows come of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mockagent.conformance.planning import (
    Case,
    asked_of,
    broken_on_purpose,
    longest_pause,
    rehearsed_plays,
    rows_of,
)
from mockagent.conformance.server.freedom import beyond_freedom, freely
from mockagent.protocol.events import Side
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.switches import Switches
from mockagent.scenario import model
from mockagent.scenario.beats import Play
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import Line, Lines, lines_to_play
from mockagent.scenario.model import Scenario

EARLY_ACCESS_SANITY = "early_access_conversation"
"""The scenario that is played first and last with a server of that dialect, where nobody asks for a greeting."""

_LISTENS_AND_THINKS_FOR = 10.0
"""Seconds that a free server may take for a turn beyond what the script takes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of the server: its `words`, and whether it `is_here`, so that it can call this machine."""

    words: Words
    is_here: bool = True


def server_cases(
    scenarios: Iterable[Scenario], requirements: Mapping[str, Requirement], terms: Terms
) -> list[Case]:
    """Every case of these scenarios: each of their plays."""
    return [case for each in scenarios for case in _cases(each, requirements, terms)]


def server_sanity(scenario: Scenario, id: str, requirements: Mapping[str, Requirement], terms: Terms) -> Case:
    """The sanity case under one of its names."""
    (case,) = server_cases([scenario], requirements, terms)
    return replace(case, id=id, rows=tuple(replace(row, case=id) for row in case.rows))


def lines_of_case(case: Case, attempt: int, words: Words) -> Lines:
    """What the connection of that number (from 1) plays."""
    scenario = case.scenario.for_attempt(attempt)
    plays = lines_to_play(scenario)
    lines = plays[0 if case.scenario.attempts else case.play - 1]
    return freely(lines) if words is Words.FREE else lines


def _cases(scenario: Scenario, requirements: Mapping[str, Requirement], terms: Terms) -> Iterator[Case]:
    is_free = terms.words is Words.FREE
    plays = lines_to_play(scenario)
    for number, lines in enumerate(plays[:1] if scenario.attempts else plays, 1):
        id = scenario.name if number == 1 else f"{scenario.name}#{number}"
        rehearsed = rehearsed_plays(scenario, lines, requirements)
        beyond = beyond_freedom(scenario, lines, rehearsed) if is_free else []
        skipped = f"the server would have to {', '.join(beyond)}, which nobody tells it to" if beyond else ""
        if not terms.is_here and any(map(_calls_back, lines)):
            skipped = skipped or "the server would have to call a function on this machine"
        on_purpose = broken_on_purpose(scenario) | _broken_by_faults(rehearsed)
        asked = asked_of(Side.SERVER, scenario, rehearsed) - on_purpose
        rows = rows_of(Side.SERVER, id, scenario, asked, requirements)
        lasts = sum(play.beats[-1].at for play in rehearsed if play.beats)
        if is_free:
            lasts += _LISTENS_AND_THINKS_FOR * len(lines)
        pause = max(map(longest_pause, rehearsed), default=0.0)
        played = replace(scenario, switches=Switches()) if is_free else scenario
        yield Case(id, played, number, {}, lasts, pause, rows, skipped, on_purpose)


def _broken_by_faults(plays: Iterable[Play]) -> frozenset[str]:
    return frozenset(id for play in plays for _, id in play.broken_by_faults)


def _calls_back(line: Line) -> bool:
    step = line.step
    return isinstance(step, model.CallTurn) and any(
        call.server_side and call.result is None and not call.fails for call in step.calls
    )
