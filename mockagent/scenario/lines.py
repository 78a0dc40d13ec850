"""The tree of a scenario's steps as straight plays: every branch of every alternative is in at least one.

Alternatives side by side are not multiplied: the first branches make one play, the second ones another.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from mockagent.scenario import model
from mockagent.scenario.checks import ends_session
from mockagent.scenario.model import Ban, Scenario, Step

Path: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One step that is played as it is. `path` says which: the index at each level of the tree, rounds included.

    `bans` are what must not come while it is played.
    """

    path: Path
    step: Step
    bans: tuple[Ban, ...] = ()


Lines: TypeAlias = tuple[Line, ...]


def plays_of(scenario: Scenario) -> list[Lines]:
    """The plays of a scenario: those of its steps, of each reaction, set off by its message, and of each attempt.

    A reaction's path begins after those of all steps, and an attempt's after those of all reactions.
    """
    plays = _plays(scenario.steps, ())
    for index, reaction in enumerate(scenario.reactions, len(scenario.steps)):
        cue = model.ClientSends(pattern=reaction.pattern, place=reaction.place)
        plays += _plays((cue, *reaction.steps), (index,))
    for index, attempt in enumerate(scenario.attempts, len(scenario.steps) + len(scenario.reactions)):
        plays += _plays(attempt.steps, (index,)) if attempt.steps else []
    return _forbidden(plays, scenario.never)


def lines_to_play(scenario: Scenario) -> list[Lines]:
    """The straight plays of a scenario: each branch of each alternative is in one, and so is each reaction.

    But not a reaction that ends the session, for then the script can never be finished.
    """
    plays = plays_of(scenario)
    own = [play for play in plays if play[0].path[0] < len(scenario.steps)]
    first, last = own[0][:-1], own[0][-1:]
    if not ends_session(last[0].step):
        first, last = own[0], ()
    reactions = [play for play in plays if play not in own and not ends_session(play[-1].step)]
    return own + [first + play + last for play in reactions]


def _plays(steps: Iterable[Step], path: Path) -> list[Lines]:
    plays: list[Lines] = [()]
    for index, step in enumerate(steps):
        ended = [play for play in plays if play and ends_session(play[-1].step) and not _goes_on(step)]
        plays = [play for play in plays if play not in ended] if ended else plays
        if not plays:
            return ended
        plays = _side_by_side(plays, _options(step, (*path, index))) + ended
    return plays


def _goes_on(step: Step) -> bool:
    return isinstance(step, model.ServerCloses | model.FaultStrikes) or bool(step.breaks)


def _options(step: Step, path: Path) -> list[Lines]:
    match step:
        case model.Either(branches=branches):
            return list(chain.from_iterable(_plays(b, (*path, i)) for i, b in enumerate(branches)))
        case model.AnyOrder(parts=parts):
            return _in_sequence([_plays(part, (*path, index)) for index, part in enumerate(parts)])
        case model.Repeat(times=times, steps=steps):
            return _in_sequence([_plays(steps, (*path, time)) for time in range(times)])
        case model.Before(first=first, steps=steps):
            return _in_sequence(
                [_plays(part, (*path, index)) for index, part in enumerate(((first,), steps))]
            )
        case model.Never(bans=bans, steps=steps):
            return _forbidden(_plays(steps, (*path, 0)), bans)
    return [(Line(path, step),)]


def _forbidden(plays: list[Lines], bans: tuple[Ban, ...]) -> list[Lines]:
    return (
        [tuple(replace(line, bans=(*bans, *line.bans)) for line in play) for play in plays] if bans else plays
    )


def _in_sequence(groups: list[list[Lines]]) -> list[Lines]:
    most = max(map(len, groups))
    return [tuple(chain.from_iterable(g[min(n, len(g) - 1)] for g in groups)) for n in range(most)]


def _side_by_side(plays: list[Lines], options: list[Lines]) -> list[Lines]:
    return _in_sequence([plays, options])
