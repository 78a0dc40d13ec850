"""The cases of a run between the two sanity cases: what cannot do this much, first and last, is not scored.

Whatever becomes of the run, each row has its result: of a run that is stopped what is left is skipped, and a case in
which the kit itself fails says so.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence

from mockagent.conformance.judging import passes, unscored
from mockagent.conformance.planning import Case
from mockagent.conformance.report import Result, Row
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.errors import MockagentError

_STOPPED = "the run was stopped before this was done"


async def bracketed(
    first: Case,
    cases: Callable[[], Sequence[Case]],
    last: Case,
    attempt: Callable[[Case], Awaitable[list[Result]]],
    *,
    rest: Sequence[Row],
    jobs: int,
) -> list[Result]:
    """A result for each row. `cases` are asked for once the first has passed; `rest` are all rows beside its own.

    Who cancels it gets what was done by then.
    """
    done: list[Result] = []

    async def tried(case: Case) -> list[Result]:
        results = await _attempted(case, attempt)
        done.extend(results)
        return results

    try:
        results = await tried(first)
        if not passes(results):
            return results + unscored(rest, results)
        between = await _side_by_side(sorted(cases(), key=lambda case: -case.lasts), tried, jobs)
        again = await tried(last)
    except asyncio.CancelledError:
        known = {each.row for each in done}
        left = [row for row in (*first.rows, *rest) if row not in known]
        return done + [Result(row, Verdict.SKIPPED, reason=_STOPPED) for row in left]
    if not passes(again):
        good = [each for each in between if each.verdict.weight is Weight.GOOD]
        between = [each for each in between if each not in good] + unscored(
            [each.row for each in good], again
        )
    return results + between + again


def is_stopped() -> bool:
    """Whether somebody has asked the task that runs to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _side_by_side(
    cases: Sequence[Case], attempt: Callable[[Case], Awaitable[list[Result]]], jobs: int
) -> list[Result]:
    turns = asyncio.Semaphore(jobs)

    async def in_turn(case: Case) -> list[Result]:
        async with turns:
            return await attempt(case)

    return [each for some in await asyncio.gather(*map(in_turn, cases)) for each in some]


async def _attempted(case: Case, attempt: Callable[[Case], Awaitable[list[Result]]]) -> list[Result]:
    try:
        return await attempt(case)
    except (MockagentError, OSError):  # what the user asked for cannot be done: no command, no room for files
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        why = (
            f"the kit failed: {type(error).__name__} in {where.name}, line {where.lineno} of {where.filename}"
        )
        return [Result(row, Verdict.HARNESS_ERROR, reason=why) for row in case.rows]
