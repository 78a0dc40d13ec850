"""From what was seen of a server to a result for each row. Pure.

As for clients nothing is passed by what did not happen. Where a language model decides whether something happens at
all, what did not happen is no failure either: it is INCONCLUSIVE.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mockagent.conformance.judging import broken_by, cut_short, never_came, of_requirements
from mockagent.conformance.planning import Case
from mockagent.conformance.report import CLOSE, COURSE, Result, Row
from mockagent.conformance.seen import Clock, Seen, Witness
from mockagent.conformance.server.freedom import is_for_a_model
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.protocol.events import NO_CLOSE_FRAME, Side
from mockagent.protocol.requirements import Requirement
from mockagent.scenario import model
from mockagent.scenario.duties import Words
from mockagent.scenario.lines import lines_to_play


def server_results(
    case: Case, seen: Seen, requirements: Mapping[str, Requirement], words: Words
) -> list[Result]:
    """One result for each row of the case."""
    if case.skipped:
        return [Result(row, Verdict.NOT_APPLICABLE, reason=case.skipped) for row in case.rows]
    course = _course(case, seen, words)
    if course.verdict is Verdict.HARNESS_ERROR:
        return [replace(course, row=row) for row in case.rows]
    return [_of_row(row, case, seen, course, requirements) for row in case.rows]


def _of_row(
    row: Row, case: Case, seen: Seen, course: Result, requirements: Mapping[str, Requirement]
) -> Result:
    if row.asks == COURSE:
        return course
    if not seen.sessions:
        verdict = Verdict.FAIL if course.verdict.weight is Weight.BAD else course.verdict
        return replace(course, row=row, verdict=verdict)
    if row.asks == CLOSE:
        return _close(row, case, seen, course)
    return of_requirements(Side.SERVER, row, case, seen.sessions, course, requirements)


def _course(case: Case, seen: Seen, words: Words) -> Result:
    row = next(each for each in case.rows if each.asks == COURSE)
    own = [fault for each in seen.sessions for fault in each.faults if fault.binds is Side.CLIENT]
    if own:
        return broken_by(row, own, None)
    if seen.troubles:
        return Result(row, Verdict.HARNESS_ERROR, reason=seen.troubles[0])
    if seen.late is Clock.RUN:
        return Result(row, Verdict.SKIPPED, reason="the minutes of the run were up")
    played = seen.sessions[: case.connections]
    if len(played) == case.connections and all(each.is_played for each in played):
        return Result(row, Verdict.PASS)
    return _unfinished(row, case, seen, words)


def _unfinished(row: Row, case: Case, seen: Seen, words: Words) -> Result:
    stuck = next((each for each in seen.sessions if not each.is_played), None)
    if stuck is None:
        expected = "a WebSocket" if case.connections == 1 else f"{case.connections} of them"
        got = seen.refused[-1] if seen.refused else _ended(seen)
        return Result(row, Verdict.FAIL, expected, got, place=str(row.source))
    verdict, reason = _how_it_failed(seen), _ended(seen, stuck)
    if (
        words is Words.FREE
        and stuck.is_configured
        and stuck.unmet
        and _is_undecided(case, stuck.unmet[0].place)
    ):
        verdict = Verdict.INCONCLUSIVE
        reason = f"a language model decides whether this happens; {reason}"
    return cut_short(row, verdict, stuck, reason)


def _is_undecided(case: Case, place: model.Place) -> bool:
    lines = lines_to_play(case.scenario)[case.play - 1]
    return any(line.step.place == place and is_for_a_model(line.step) for line in lines)


def _how_it_failed(seen: Seen) -> Verdict:
    return Verdict.HANG if seen.late in (Clock.STEP, Clock.CASE) else Verdict.FAIL


def _ended(seen: Seen, session: Witness | None = None) -> str:
    """How it came to its end, as a sentence says it."""
    if seen.late is not None:
        return f"the session was ended when its {seen.late} clock ran out, after {seen.late_after:g} s"
    if session is not None and session.closed is not None:
        code = session.closed.code
        return f"the {session.closed_by} closed the connection ({code or 'no status'})"
    return "the connection ended"


def _close(row: Row, case: Case, seen: Seen, course: Result) -> Result:
    """The close is judged apart from the conversation."""
    if seen.late is not None and course.verdict.weight in (Weight.OPEN, Weight.UNSCORED):
        return Result(row, course.verdict, reason=course.reason)
    if seen.late is not None:
        return Result(row, Verdict.HANG, "a close", _ended(seen))
    results = [_closed(row, each, case) for each in seen.sessions]
    bad = next((each for each in results if each.verdict is not Verdict.PASS), None)
    if bad is not None:
        return bad
    if course.verdict.weight is Weight.BAD and not any(each.is_configured for each in seen.sessions):
        return never_came(Side.SERVER, row, course)
    return Result(row, Verdict.PASS)


def _closed(row: Row, session: Witness, case: Case) -> Result:
    answered = session.answered
    if answered is None or answered.code != NO_CLOSE_FRAME:
        return Result(row, Verdict.PASS)
    if any(isinstance(step, model.FaultStrikes) for step in _steps(case)):
        return Result(row, Verdict.NOT_APPLICABLE, reason="the scenario's fault ends the connection")
    verdict = Verdict.WARN if session.is_played else Verdict.FAIL
    wanted = "a close frame in answer" if session.closed_by is Side.CLIENT else "a close frame"
    got = "the end of the connection without one"
    return Result(row, verdict, wanted, got, frame=session.frames, session=session.session)


def _steps(case: Case) -> Sequence[model.Step]:
    attempts = [step for each in case.scenario.attempts for step in (*each.faults, *each.steps)]
    return [*case.scenario.steps, *attempts]
