"""Each row has its result, also where the run is stopped or the kit itself fails in a case."""

import asyncio

import pytest

from mockagent.conformance.bracket import bracketed, is_stopped
from mockagent.conformance.report import Result
from mockagent.conformance.verdicts import Verdict
from mockagent.errors import NoSuchName

FIRST, STUCK, LAST = "greeting_only", "barge_in", "text_only"


def play(cases, attempt):
    """The results of a run in which FIRST and LAST are the sanity cases."""
    rest = [*cases[STUCK].rows, *cases[LAST].rows]
    return bracketed(cases[FIRST], lambda: [cases[STUCK]], cases[LAST], attempt, rest=rest, jobs=2)


def told(results):
    return {
        case: {each.verdict for each in results if each.row.case == case} for case in (FIRST, STUCK, LAST)
    }


def test_who_stops_a_run_gets_what_was_done_and_why_the_rest_was_not(cases_of):
    cases = cases_of(FIRST, STUCK, LAST)

    async def stopped():
        began = asyncio.Event()

        async def attempt(case):
            if case.id == STUCK:
                began.set()
                await asyncio.Event().wait()
            return [Result(row, Verdict.PASS) for row in case.rows]

        async def run():
            return await play(cases, attempt), is_stopped()

        task = asyncio.ensure_future(run())
        await began.wait()
        task.cancel()
        return await task

    results, is_said = asyncio.run(stopped())
    assert is_said
    assert told(results) == {FIRST: {Verdict.PASS}, STUCK: {Verdict.SKIPPED}, LAST: {Verdict.SKIPPED}}
    assert sorted(each.row.id for each in results) == sorted(
        row.id for case in cases.values() for row in case.rows
    )


def test_where_the_kit_fails_the_case_says_so_and_the_run_goes_on(cases_of):
    cases = cases_of(FIRST, STUCK, LAST)

    async def attempt(case):
        if case.id == STUCK:
            raise KeyError("a secret of the user")
        return [Result(row, Verdict.PASS) for row in case.rows]

    results = asyncio.run(play(cases, attempt))
    assert told(results) == {FIRST: {Verdict.PASS}, STUCK: {Verdict.HARNESS_ERROR}, LAST: {Verdict.PASS}}
    why = next(each.reason for each in results if each.row.case == STUCK)
    assert why.startswith("the kit failed: KeyError in attempt, line ")
    assert "secret" not in why


def test_what_the_user_asked_for_in_vain_ends_the_run(cases_of):
    cases = cases_of(FIRST, STUCK, LAST)

    async def attempt(case):
        raise NoSuchName("case", case.id, [])

    with pytest.raises(NoSuchName):
        asyncio.run(play(cases, attempt))
