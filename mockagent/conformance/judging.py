"""From what was seen of a client to a result for each row. Pure.

Nothing is passed by what did not happen: a row whose requirement the client was never held to fails with the
scenario that should have held it to it, and so does every row of a client whose Settings were never applied.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mockagent.conformance.observing import rules as observing
from mockagent.conformance.observing.hearing import hearings
from mockagent.conformance.planning import BY_CONNECTING, Case
from mockagent.conformance.report import CLOSE, COURSE, OBSERVED, OTHERS, Result, Row
from mockagent.conformance.seen import Clock, Fault, Seen, Witness
from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.protocol.events import NO_CLOSE_FRAME, Side
from mockagent.protocol.handshake import Handshake
from mockagent.protocol.handshake_rules import breaches
from mockagent.protocol.requirements import Certainty, Requirement

NOT_IMPLEMENTED = 127
_BY_SIGNAL = 128
_MOST_SIGNALS = 64
_USUAL_CLOSES = (None, 1000, 1001)
_SAW_NOTHING = "the application wrote nothing of what it saw"
_TELLS_NO_FIELDS = "the application tells of no fields: no line of its has a message"
_NEVER_CAME = "the {side} never came to it, for the scenario was not played to its end"


def results_of(case: Case, seen: Seen, requirements: Mapping[str, Requirement], level: int) -> list[Result]:
    """One result for each row of the case."""
    if case.skipped:
        return [Result(row, Verdict.NOT_APPLICABLE, reason=case.skipped) for row in case.rows]
    lacking = next((each.lacking for each in seen.sessions if each.lacking), "")
    if lacking:
        return [Result(row, Verdict.SKIPPED, reason=lacking) for row in case.rows]
    course = _course(case, seen)
    if course.verdict in (Verdict.UNIMPLEMENTED, Verdict.HARNESS_ERROR):
        return [replace(course, row=row) for row in case.rows]
    sessions = seen.sessions[: case.connections]
    return [_of_row(row, case, seen, sessions, course, requirements, level) for row in case.rows]


def unscored(rows: Sequence[Row], first: Sequence[Result]) -> list[Result]:
    """What is left to say of all other rows when the sanity case went wrong: the peer cannot do this much."""
    order = list(Verdict)
    worst = min((each for each in first if not _is_enough(each)), key=lambda each: order.index(each.verdict))
    if worst.verdict is Verdict.SKIPPED:
        return [Result(row, Verdict.SKIPPED, reason=worst.reason) for row in rows]
    as_bad = {Weight.OURS: Verdict.HARNESS_ERROR, Weight.OPEN: Verdict.INCONCLUSIVE}
    verdict = as_bad.get(worst.verdict.weight, Verdict.FAIL)
    why = f"not scored: {worst.row.id} is {worst.verdict}: {worst.said}"
    return [Result(row, verdict, reason=why) for row in rows]


def passes(results: Sequence[Result]) -> bool:
    """Whether the peer can be scored at all, going by the results of the sanity case."""
    return all(map(_is_enough, results))


def _is_enough(result: Result) -> bool:
    """Of the sanity case the course must be good; of the rest only what the client came to."""
    came_to_it = result.row.asks == COURSE or result.verdict is not Verdict.NOT_APPLICABLE
    return result.verdict.weight is Weight.GOOD or not came_to_it


def _of_row(
    row: Row,
    case: Case,
    seen: Seen,
    sessions: Sequence[Witness],
    course: Result,
    requirements: Mapping[str, Requirement],
    level: int,
) -> Result:
    if row.asks == COURSE:
        return course
    if row.asks in BY_CONNECTING:
        result = of_handshakes(row, seen.handshakes, requirements[row.asks])
        if result.verdict is not Verdict.PASS or _is_peer(course, sessions):
            return result
    if not sessions:
        return replace(course, row=row, verdict=Verdict.FAIL)
    if row.asks == CLOSE:
        return _close(row, seen, sessions, course, level)
    if row.asks == OBSERVED:
        return _observed(row, seen)
    losses: list[Fault] = []
    if row.asks in observing.IDS:
        if seen.observed is None:
            return Result(row, Verdict.FAIL, reason=_SAW_NOTHING)
        if not observing.is_told(row.asks, seen.observed.lines):
            return Result(row, Verdict.NOT_APPLICABLE, reason=_TELLS_NO_FIELDS)
        losses = _losses(case, seen)
    asked = observing.asked(each.served for each in sessions)
    return of_requirements(Side.CLIENT, row, case, sessions, course, requirements, losses, asked)


def of_requirements(
    side: Side,
    row: Row,
    case: Case,
    sessions: Sequence[Witness],
    course: Result,
    requirements: Mapping[str, Requirement],
    losses: Sequence[Fault] = (),
    observed: frozenset[str] = frozenset(),
) -> Result:
    """The result of a row about a requirement, or about all others, for a peer that plays that side.

    `losses` are breaches that the wire does not show, and `observed` the requirements that could have been so broken.
    """
    is_peer = _is_peer(course, sessions)
    faults = [fault for each in sessions for fault in each.faults if fault.binds is side]
    if row.asks == OTHERS:
        own = {each.asks for each in case.rows}
        others = [fault for fault in faults if fault.requirement not in own]
        return _others(side, row, others, course, requirements)
    broken = [fault for fault in (*faults, *losses) if fault.requirement == row.asks]
    if broken:
        result = broken_by(row, broken, requirements[row.asks])
        return result if is_peer else replace(result, verdict=Verdict.FAIL)
    if is_peer and any(row.asks in each.asked | observed for each in sessions):
        return Result(row, Verdict.PASS)
    if course.verdict.weight is not Weight.GOOD:
        return never_came(side, row, course)
    return Result(row, Verdict.NOT_APPLICABLE, reason=f"the {side} took a way that does not come to it")


def _is_peer(course: Result, sessions: Sequence[Witness]) -> bool:
    """Whether something spoke the protocol there, and not only connected."""
    return course.verdict is Verdict.PASS or any(each.is_configured for each in sessions)


def never_came(side: Side, row: Row, course: Result) -> Result:
    """What is to say of a row that the scenario did not get to: as bad as the course, or as undecided."""
    if course.verdict.weight is not Weight.BAD:
        return Result(row, course.verdict, reason=course.reason)
    return Result(row, Verdict.FAIL, reason=_NEVER_CAME.format(side=side))


def of_handshakes(row: Row, handshakes: Iterable[Handshake], requirement: Requirement) -> Result:
    """The result of a row about what is asked of handshakes."""
    found = [breach for each in handshakes for rule, breach in breaches(each) if rule.requirement == row.asks]
    if not found:
        return Result(row, Verdict.PASS)
    first = found[0]
    return Result(row, verdict_on(requirement), first.expected, first.got, what="the handshake")


def _observed(row: Row, seen: Seen) -> Result:
    """Whether what the application wrote can be read; what it cannot say is judged by the requirements."""
    if seen.observed is None:
        return Result(row, Verdict.FAIL, "lines in the file MOCKAGENT_OBSERVE", "none", _SAW_NOTHING)
    if not seen.observed.broken:
        return Result(row, Verdict.PASS)
    first, *more = seen.observed.broken
    reason = f"{len(more) + 1} lines cannot be read" if more else ""
    return Result(row, Verdict.FAIL, first.expected, f"{first.got} in line {first.number}", reason)


def _losses(case: Case, seen: Seen) -> list[Fault]:
    """What came over the wire and did not reach the application."""
    lines = seen.observed.lines if seen.observed else ()
    return [
        Fault(rule.requirement, Side.CLIENT, loss.frame, loss.what, loss.expected, loss.got, loss.pointer)
        for hearing in hearings([each.served for each in seen.sessions], lines, seen.pace, case.stalled)
        for rule in observing.OBSERVED
        for loss in rule.check(hearing)
    ]


def _course(case: Case, seen: Seen) -> Result:
    row = next(each for each in case.rows if each.asks == COURSE)
    own = [fault for each in seen.sessions for fault in each.faults if fault.binds is Side.SERVER]
    if own:
        return broken_by(row, own, None)
    sessions = seen.sessions[: case.connections]
    if len(sessions) == case.connections and all(each.is_played for each in sessions):
        return Result(row, Verdict.PASS)
    if seen.status == NOT_IMPLEMENTED:
        return Result(row, Verdict.UNIMPLEMENTED, reason=f"{seen.who} exited with {NOT_IMPLEMENTED}")
    return _unfinished(row, case, seen, sessions)


def _unfinished(row: Row, case: Case, seen: Seen, sessions: Sequence[Witness]) -> Result:
    verdict = _how_it_failed(seen)
    stuck = next((each for each in sessions if not each.is_played), None)
    ended = _ended(seen)
    if stuck is None:
        wanted = f"{case.connections} connections" if case.connections > 1 else "a client that connects"
        got = f"{len(sessions)}" if sessions else "none"
        refused = f"; turned away: {seen.refused[-1]}" if seen.refused else ""
        return Result(row, verdict, wanted, got, f"{ended}{refused}", place=str(row.source))
    return cut_short(row, verdict, stuck, ended)


def cut_short(row: Row, verdict: Verdict, session: Witness, reason: str) -> Result:
    """The result of a scenario that a session did not play to its end: what it still waited for."""
    if not session.unmet:
        expected, got = "the end of the scenario", "a session that was cut off"
        return Result(row, verdict, expected, got, reason, session=session.session)
    unmet = session.unmet[0]
    return Result(
        row,
        verdict,
        unmet.expected,
        unmet.got,
        reason,
        frame=session.last_frame,
        what=session.last,
        place=str(unmet.place) if unmet.place.line else "",
        nearest=unmet.nearest,
        session=session.session,
    )


def _how_it_failed(seen: Seen) -> Verdict:
    if seen.late in (Clock.STEP, Clock.CASE):
        return Verdict.HANG
    return Verdict.CRASH if _signal(seen) else Verdict.FAIL


def _signal(seen: Seen) -> int:
    """The signal that ended the command, 0 if none did."""
    status = seen.status or 0
    return status - _BY_SIGNAL if _BY_SIGNAL < status <= _BY_SIGNAL + _MOST_SIGNALS else 0


def _ended(seen: Seen) -> str:
    """How the client came to its end, as a sentence says it."""
    if seen.late is not None:
        return f"{seen.who} was stopped when its {seen.late} clock ran out, after {seen.late_after:g} s"
    if _signal(seen):
        return f"signal {_signal(seen)} ended {seen.who}"
    if seen.status is None:
        return f"{seen.who} went on to another case"
    return f"{seen.who} exited with {seen.status}"


def _close(row: Row, seen: Seen, sessions: Sequence[Witness], course: Result, level: int) -> Result:
    """The close is judged apart from the conversation: a client that was cut off in it has not closed anything."""
    if _signal(seen):
        return Result(row, Verdict.CRASH, f"{seen.who} to end by itself", _ended(seen))
    if seen.late in (Clock.STEP, Clock.CASE):
        return Result(row, Verdict.HANG, f"a close, and the end of {seen.who}", _ended(seen))
    for each in sessions:
        if each.closed is not None and each.closed_by is Side.CLIENT:
            result = _closed(row, each)
            if result.verdict is not Verdict.PASS:
                return result
    if seen.late is Clock.EXIT:
        if level:
            return Result(row, Verdict.HANG, f"the end of {seen.who} after that of its session", _ended(seen))
        return Result(
            row, Verdict.PASS_LENIENT, reason=f"{seen.who} did not end by itself; nothing had told it to"
        )
    if course.verdict.weight is Weight.BAD and not any(each.is_configured for each in sessions):
        return Result(row, Verdict.FAIL, reason=_NEVER_CAME.format(side=Side.CLIENT))
    return Result(row, Verdict.PASS)


def _closed(row: Row, session: Witness) -> Result:
    assert session.closed is not None
    code = session.closed.code
    if code == NO_CLOSE_FRAME:
        verdict = Verdict.WARN if session.is_played else Verdict.FAIL
        got = "the end of the connection without one"
        return Result(row, verdict, "a close frame", got, frame=session.frames, session=session.session)
    if code not in _USUAL_CLOSES and not session.is_played:
        lenient, usual = Verdict.PASS_LENIENT, "code 1000 or 1001"
        return Result(row, lenient, usual, f"code {code}", frame=session.frames, session=session.session)
    return Result(row, Verdict.PASS)


def _others(
    side: Side,
    row: Row,
    faults: Sequence[Fault],
    course: Result,
    requirements: Mapping[str, Requirement],
) -> Result:
    found = list(_by_weight(row, faults, requirements))
    if found:
        return found[0]
    if course.verdict.weight is not Weight.GOOD:
        return never_came(side, row, course)
    return Result(row, Verdict.PASS)


def _by_weight(
    row: Row, faults: Sequence[Fault], requirements: Mapping[str, Requirement]
) -> Iterator[Result]:
    """What was broken, failures first."""
    results = [
        broken_by(row, [fault], requirements[fault.requirement], f"{fault.requirement}: ") for fault in faults
    ]
    yield from (each for each in results if each.verdict is Verdict.FAIL)
    yield from (each for each in results if each.verdict is not Verdict.FAIL)


def broken_by(row: Row, faults: Sequence[Fault], requirement: Requirement | None, prefix: str = "") -> Result:
    """The first of these breaches, and how many there were; without a requirement they are the kit's own."""
    first = faults[0]
    more = f"{len(faults)} times" if len(faults) > 1 else ""
    if requirement is None:
        prefix, verdict = f"{first.requirement} of the kit: ", Verdict.HARNESS_ERROR
    else:
        verdict = verdict_on(requirement)
    return Result(
        row,
        verdict,
        prefix + first.expected,
        first.got,
        more,
        first.frame,
        first.what,
        pointer=first.pointer,
        session=first.session,
        requirement=first.requirement,
    )


def verdict_on(requirement: Requirement) -> Verdict:
    """What breaking it comes to: only a MUST that somebody has said or seen fails a peer."""
    is_sure = requirement.is_must and requirement.certainty is not Certainty.INFERRED
    return Verdict.FAIL if is_sure else Verdict.WARN
