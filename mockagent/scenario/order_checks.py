"""What can be wrong with the order that steps ask for, as far as it is seen without playing them."""

from collections.abc import Iterator
from typing import TypeAlias

from mockagent.scenario import model
from mockagent.scenario.model import Place, Step

_Finding: TypeAlias = tuple[Place, str]
_OF_THE_CLIENT = model.ClientSends | model.ClientStreams
_OF_AN_INSTANT = model.ServerSends | model.ServerCloses | model.FaultStrikes


def flaws_of_order(step: Step) -> Iterator[_Finding]:
    """An order that nobody can keep, or that says nothing."""
    match step:
        case model.Before(steps=steps):
            if all(isinstance(each, _OF_AN_INSTANT) for each in steps):
                yield step.place, "expected steps under 'before' that take some time, got none"
        case (
            model.Either(within=float() as within)
            | model.AnyOrder(within=float() as within)
            | model.Repeat(within=float() as within)
        ):
            least = _least(step)
            if least > within:
                yield (
                    step.place,
                    f"expected a limit of at least {least:g} s, which this takes to play, got {within:g} s",
                )


def may_act(step: Step) -> bool:
    """May the agent or the user do something in this step, or in one of those inside it?"""
    match step:
        case model.Either(branches=parts) | model.AnyOrder(parts=parts):
            return any(may_act(each) for part in parts for each in part)
        case model.Repeat(steps=steps) | model.Before(steps=steps) | model.Never(steps=steps):
            return any(map(may_act, steps))
    return not isinstance(step, _OF_THE_CLIENT)


def _least(step: Step) -> float:
    """Seconds that a step takes at the very least."""
    match step:
        case model.Either(branches=branches):
            return min(_together(branch) for branch in branches)
        case model.AnyOrder(parts=parts):
            return max(_together(part) for part in parts)
        case model.Repeat(times=times, steps=steps):
            return times * _together(steps)
        case model.Before(steps=steps) | model.Never(steps=steps):
            return _together(steps)
        case model.Pause(seconds=seconds) | model.ClientStreams(seconds=seconds):
            return seconds
        case model.AgentTurn(lasts=lasts, interrupted=None):
            return lasts
    return 0.0


def _together(steps: tuple[Step, ...]) -> float:
    return sum(map(_least, steps))
