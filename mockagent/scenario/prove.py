"""Proves a scenario before it is played: it is rehearsed, and held to the rules that a real server is held to.

A step may break a requirement only if it says so, and must break what it says; every line must be reached.
"""

from collections.abc import Iterator, Mapping, Sequence

from mockagent.errors import Flaw
from mockagent.protocol.causes import wanting
from mockagent.protocol.events import Side
from mockagent.protocol.judge import Violation
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.ruling import words_for
from mockagent.scenario.beats import Play
from mockagent.scenario.checks import lines_of
from mockagent.scenario.model import ClientStaysSilent, FaultStrikes, Place, Scenario, ServerSends, Step
from mockagent.scenario.stage import Problems
from mockagent.scenario.unfold import unfolded


def proved(
    scenario: Scenario, requirements: Mapping[str, Requirement], problems: Problems = lambda *_: ()
) -> list[Flaw]:
    """Why the scenario must not be played, in order of the file; empty when it may."""
    plays = unfolded(scenario, requirements, problems)
    kept: set[tuple[Place, str]] = {pair for play in plays for pair in play.broken_by_faults}
    flaws = {flaw for play in plays for flaw in _flaws_of_play(play, scenario, kept)}
    for step in _every_step(scenario):
        if isinstance(step, FaultStrikes) and all(_is_unstruck(step, play) for play in plays):
            flaws.add(
                _flaw(step.place, f"{step.fault} never strikes here: nothing follows that it could hit")
            )
            continue
        for id in sorted(step.breaks - {broken for place, broken in kept if place == step.place}):
            text = f"this step says `breaks: {id}` but does not break it ({_sentence(requirements[id])})"
            flaws.add(_flaw(step.place, text))
    return sorted(flaws)


def _flaws_of_play(play: Play, scenario: Scenario, kept: set[tuple[Place, str]]) -> Iterator[Flaw]:
    for beat in play.beats:
        for violation in beat.broken:
            step = beat.line.step if beat.line else None
            if step is not None and violation.requirement.id in step.breaks:
                kept.add((step.place, violation.requirement.id))
            elif not _is_meant(violation, beat.sender, step):
                yield _flaw(step.place if step else scenario.place, _breach(violation))
    for unmet in play.unmet:
        yield _flaw(unmet.place, f"this step cannot be played: expected {unmet.expected}, got {unmet.got}")
    if play.unreached is not None and not play.unmet:
        yield _flaw(play.unreached.step.place, "this step is never reached: the session is over before it")


def _is_unstruck(step: FaultStrikes, play: Play) -> bool:
    """Whether the fault is not in that play, or hits nothing in it."""
    return step.place in play.unstruck or all(line.step.place != step.place for line in play.lines)


def _is_meant(violation: Violation, sender: Side, step: Step | None) -> bool:
    """Whether nobody need say so: the client is only noted for it, or the script asks for a code out of nothing."""
    if sender is Side.CLIENT:
        return not _ends_it(violation, step)
    return isinstance(step, ServerSends) and violation.requirement.id in wanting(step.body)


def _ends_it(violation: Violation, step: Step | None) -> bool:
    """Whether the service would end the session for what the step has the client do, and is not asked to."""
    return violation.requirement.refusal is not None and not isinstance(step, ClientStaysSilent)


def _breach(violation: Violation) -> str:
    requirement = violation.requirement
    what = words_for(violation.event.content)
    at = f" at {violation.pointer}" if violation.pointer else ""
    return (
        f"{what} breaks {requirement.id} ({_sentence(requirement)}){at}: "
        f"expected {violation.expected}, got {violation.got}; "
        f"write `breaks: {requirement.id}` if that is meant"
    )


def _sentence(requirement: Requirement) -> str:
    return requirement.sentence.removesuffix(".")


def _every_step(scenario: Scenario) -> Iterator[Step]:
    yield from _all(scenario.steps)
    for reaction in scenario.reactions:
        yield from _all(reaction.steps)
    for attempt in scenario.attempts:
        yield from _all(attempt.steps)


def _all(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        for line in lines_of(step):
            yield from _all(line)


def _flaw(place: Place, text: str) -> Flaw:
    return Flaw(place.file, place.line, place.column, text)
