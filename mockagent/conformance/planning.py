"""From scenarios to cases: what is played with a client, what it is asked to do, and which rows come of it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from mockagent.conformance.exercise import Exercise
from mockagent.conformance.intents import PLAY, beyond_talk, intent_of
from mockagent.conformance.observing import rules as observing
from mockagent.conformance.observing.served import served
from mockagent.conformance.report import CLOSE, COURSE, OBSERVED, OTHERS, Row
from mockagent.errors import NoSuchName
from mockagent.protocol.causes import wanting
from mockagent.protocol.events import Event, Side
from mockagent.protocol.requirements import Requirement
from mockagent.scenario import model
from mockagent.scenario.actions import Strike
from mockagent.scenario.beats import Play, Struck
from mockagent.scenario.checks import lines_of
from mockagent.scenario.faults.table import FAULTS, Strikes
from mockagent.scenario.lines import Lines, lines_to_play, plays_of
from mockagent.scenario.model import Scenario
from mockagent.scenario.rehearsal import Rehearsal

SANITY = "greeting_only"
"""The scenario that is played first and last: a client that cannot do this much is not to be scored."""
OBEYS, OBSERVES = 1, 2
"""The levels of a client: from the first it does what it is told, from the second its application tells what it saw."""

BY_CONNECTING = frozenset({"HSK-001", "HSK-002"})
"""What a client is held to by every handshake."""

_STALL = "stall"
_MINUTE = 60.0
_WARNED_BEFORE = 20.0
_LISTENS_FOR = 0.5
"""Seconds that a client has to take in the last reply before the server hangs up in its place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The three clocks, in seconds: until the client connects, for a step (of the session), for a case.

    `case` None is as long as the play takes, and half as long again, and `step`.
    """

    connect: float = 10.0
    step: float = 15.0
    case: float | None = None


def replayed(speed: float, limits: Limits) -> str:
    """The options that play a case again at that speed and by these clocks, where they are not the usual ones."""
    usual = Limits()
    given = {
        "speed": speed if speed != 1 else None,
        "connect-within": limits.connect if limits.connect != usual.connect else None,
        "step-within": limits.step if limits.step != usual.step else None,
        "case-within": limits.case,
    }
    return "".join(f" --{name} {value:g}" for name, value in given.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Case:
    """One play with one client. `lasts` is its ideal length in session seconds, `pause` the longest time in it
    in which nothing happens.

    `play` counts the straight plays of the scenario from 1; `on_purpose` is what the script breaks. Where `skipped`
    says why, it is not played. `stalled` is how long, in session seconds, a fault may hold up what was sent.
    """

    id: str
    scenario: Scenario
    play: int
    intent: Mapping[str, Any]
    lasts: float
    pause: float
    rows: tuple[Row, ...]
    skipped: str = ""
    on_purpose: frozenset[str] = frozenset()
    stalled: float = 0.0

    @property
    def connections(self) -> int:
        """How many sessions there are when the client comes back after each of them that calls for it."""
        refused = sum(map(_is_refused, self.scenario.attempts))
        return len(self.scenario.attempts) - refused + 1

    def deadline(self, limits: Limits, speed: float) -> float:
        """Seconds of the wall that the case may take, its connections included."""
        if limits.case is not None:
            return limits.case
        return limits.connect + (1.5 * self.lasts + limits.step) / speed + limits.step


def cases_of(
    scenarios: Iterable[Scenario], requirements: Mapping[str, Requirement], *, level: int, speed: float
) -> list[Case]:
    """Every case of these scenarios, for a client of that level: each of their plays, if it can be told which."""
    return [case for each in scenarios for case in _cases(shortened(each), requirements, level, speed)]


def chosen(cases: Sequence[Case], only: frozenset[str]) -> list[Case]:
    """The cases of these ids, or all where none is named; NoSuchName for an id that no case has."""
    known = {case.id for case in cases}
    for id in sorted(only - known):
        raise NoSuchName("case", id, known)
    return [case for case in cases if not only or case.id in only]


def for_functions(case: Case, defined: Iterable[str], level: int) -> Case:
    """The case for a client whose own Settings define these functions: others it must be told to define."""
    missing = sorted(set(case.intent["functions"]) - set(defined))
    if not missing or case.skipped:
        return case
    if level:
        return replace(case, intent={**case.intent, "do": PLAY})
    why = f"the client's Settings define no function {', '.join(missing)}, and it obeys no intents"
    return replace(case, skipped=why)


def sanity(
    scenario: Scenario, id: str, requirements: Mapping[str, Requirement], level: int, speed: float
) -> Case:
    """The sanity case under one of its two names."""
    (case,) = cases_of([scenario], requirements, level=level, speed=speed)
    return replace(case, id=id, rows=tuple(replace(row, case=id) for row in case.rows))


def shortened(scenario: Scenario) -> Scenario:
    """A session that goes on for as long as one may ends after a minute."""
    if not any(isinstance(step, model.ClientStays) for step in scenario.steps):
        return scenario
    short = replace(scenario.switches, session_for=_MINUTE, session_warned_before=_WARNED_BEFORE)
    return replace(scenario, switches=short)


def _cases(
    scenario: Scenario, requirements: Mapping[str, Requirement], level: int, speed: float
) -> Iterator[Case]:
    plays = lines_to_play(scenario)
    if scenario.attempts or not level:
        plays = plays[:1]
    for number, lines in enumerate(plays, 1):
        id = scenario.name if number == 1 else f"{scenario.name}#{number}"
        intent = intent_of(lines, scenario.dialect, speed)
        if scenario.attempts:
            intent |= {"do": "play", "attempts": len(scenario.attempts)}
        led = [] if level else beyond_talk(intent)
        skipped = f"the client has to {', '.join(led)} here, and obeys no intents" if led else ""
        played = scenario if level else _hanging_up(scenario)
        rehearsed = rehearsed_plays(scenario, lines, requirements)
        observes = level >= OBSERVES
        asked = asked_of(Side.CLIENT, scenario, rehearsed, observes=observes) - broken_on_purpose(scenario)
        asked |= BY_CONNECTING
        rows = rows_of(Side.CLIENT, id, scenario, asked, requirements, observes=observes)
        yield Case(
            id,
            played,
            number,
            intent,
            sum(map(length_of, rehearsed)),
            max(map(longest_pause, rehearsed), default=0.0),
            rows,
            skipped,
            stalled=sum(_seconds(strike) for strike in _strikes(rehearsed) if strike.fault == _STALL),
        )


def length_of(play: Play) -> float:
    """How long a play goes on, in session seconds, with all the time that its faults take."""
    return play.beats[-1].at + sum(map(_seconds, _strikes([play]))) if play.beats else 0.0


def longest_pause(play: Play) -> float:
    """The longest time of a play in which nothing happens, in session seconds: a fault may hold up what comes next."""
    moments = [beat.at for beat in play.beats]
    longest = max((later - earlier for earlier, later in pairwise(moments)), default=0.0)
    return longest + max(map(_seconds, _strikes([play])), default=0.0)


def _strikes(plays: Iterable[Play]) -> Iterator[Strike]:
    for play in plays:
        yield from (beat.content.strike for beat in play.beats if isinstance(beat.content, Struck))


def _seconds(strike: Strike) -> float:
    """How long a fault keeps things waiting."""
    return float(strike.values.get("seconds") or 0.0)


def _hanging_up(scenario: Scenario) -> Scenario:
    """The scenario for a client that knows no end: the server hangs up in its place."""
    *rest, last = scenario.steps
    if not isinstance(last, model.ClientCloses):
        return scenario
    closes = model.ServerCloses(code=1000, place=last.place)
    rest = [*rest, model.Pause(seconds=_LISTENS_FOR, place=last.place)]
    return replace(scenario, steps=(*rest, closes))


def rehearsed_plays(scenario: Scenario, lines: Lines, requirements: Mapping[str, Requirement]) -> list[Play]:
    """What the ideal client does in this play, of each connection; and of a reaction, in the play it belongs to."""
    plays = [
        Rehearsal(each, plays_of(each)[0], requirements, lambda *_: ()).play() for each in _each(scenario)
    ]
    if scenario.attempts:
        return plays
    if lines in plays_of(scenario):
        return [Rehearsal(scenario, lines, requirements, lambda *_: ()).play()]
    reactions = [play for play in plays_of(scenario) if play[0].path[0] >= len(scenario.steps)]
    inside = [play for play in reactions if play[0] in lines]
    return plays + [Rehearsal(scenario, each, requirements, lambda *_: ()).play() for each in inside]


def _each(scenario: Scenario) -> list[Scenario]:
    """The scenario as each connection plays it that is not refused."""
    numbers = [n for n, each in enumerate(scenario.attempts, 1) if not _is_refused(each)]
    return [scenario.for_attempt(number) for number in (*numbers, len(scenario.attempts) + 1)]


def _is_refused(attempt: model.Attempt) -> bool:
    return any(
        FAULTS[each.fault].strikes is Strikes.HANDSHAKE and "refused" in each.fault for each in attempt.faults
    )


def asked_of(
    side: Side, scenario: Scenario, plays: Sequence[Play], *, observes: bool = False
) -> frozenset[str]:
    """The requirements of that side which these plays put to the test; with `observes`, of its application too."""
    asked: set[str] = set()
    for play in plays:
        exercise = Exercise(scenario.dialect, scenario.switches, side)
        events = [
            Event(beat.at, beat.sender, beat.content)
            for beat in play.beats
            if not isinstance(beat.content, Struck)
        ]
        for event in events:
            exercise.see(event)
        asked |= exercise.asked | (observing.asked([served(events)]) if observes else frozenset())
    return frozenset(asked)


def broken_on_purpose(scenario: Scenario) -> frozenset[str]:
    """What the script has the client break: it is part of the course, and no row of its own."""
    waiting = [*scenario.steps, *(step for each in scenario.attempts for step in each.steps)]
    broken: set[str] = set()
    while waiting:
        step = waiting.pop()
        broken |= step.breaks
        if isinstance(step, model.ServerSends):
            broken |= wanting(step.body)
        waiting += [each for line in lines_of(step) for each in line]
    return frozenset(broken)


def rows_of(
    side: Side,
    case: str,
    scenario: Scenario,
    asked: frozenset[str],
    requirements: Mapping[str, Requirement],
    *,
    observes: bool = False,
) -> tuple[Row, ...]:
    """The rows of a case for a peer that plays that side; `asked` are ids of requirements."""
    own = [
        Row(case, id, each.sentence, each.source)
        for id, each in requirements.items()
        if id in asked and each.binds is side and scenario.dialect in each.dialects
    ]
    observed = [Row(case, OBSERVED, "The application tells, line by line, what it saw.")] if observes else []
    return (
        Row(case, COURSE, scenario.summary, str(scenario.place.file)),
        *own,
        *observed,
        Row(case, OTHERS, f"The {side} keeps what else the protocol asks of it."),
        Row(case, CLOSE, _CLOSES[side], "RFC 6455, section 7"),
    )


_CLOSES = {
    Side.CLIENT: "The client ends the connection by a close frame, and then itself.",
    Side.SERVER: "The server ends the connection by a close frame, and answers that of the client.",
}
