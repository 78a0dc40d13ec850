"""The cases of a run between the two sanity cases: what cannot do this much, first and last, is not scored."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from mockagent.conformance.judging import passes, unscored
from mockagent.conformance.planning import Case
from mockagent.conformance.report import Result, Row
from mockagent.conformance.verdicts import Weight


async def bracketed(
    first: Case,
    cases: Callable[[], Sequence[Case]],
    last: Case,
    attempt: Callable[[Case], Awaitable[list[Result]]],
    *,
    rest: Sequence[Row],
    jobs: int,
) -> list[Result]:
    """A result for each row. `cases` are asked for once the first has passed; `rest` are all rows beside its own."""
    results = await attempt(first)
    if not passes(results):
        return results + unscored(rest, results)
    turns = asyncio.Semaphore(jobs)

    async def in_turn(case: Case) -> list[Result]:
        async with turns:
            return await attempt(case)

    longest_first = sorted(cases(), key=lambda case: -case.lasts)
    tried = [each for some in await asyncio.gather(*map(in_turn, longest_first)) for each in some]
    again = await attempt(last)
    if not passes(again):
        good = [each for each in tried if each.verdict.weight is Weight.GOOD]
        tried = [each for each in tried if each not in good] + unscored([each.row for each in good], again)
    return results + tried + again
