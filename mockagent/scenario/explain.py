"""A scenario as a play that can be read: who does what, when, and from which line of the file.

The times are those of an ideal client; a real one sets its own pace.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from mockagent.protocol.events import (
    NO_CLOSE_FRAME,
    Audio,
    Closed,
    Elapsed,
    JsonObject,
    Malformed,
    Message,
    Side,
)
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.session import SESSION_END, SESSION_WARNING
from mockagent.protocol.switches import Switches
from mockagent.scenario import model
from mockagent.scenario.actions import Strike
from mockagent.scenario.beats import Beat, Play, Struck
from mockagent.scenario.durations import written
from mockagent.scenario.faults.table import FAULTS
from mockagent.scenario.lines import Path
from mockagent.scenario.matching import one_line
from mockagent.scenario.model import Scenario, Step
from mockagent.scenario.order import ban_in_words
from mockagent.scenario.stage import Problems
from mockagent.scenario.unfold import unfolded

_ARROWS = {Side.CLIENT: "client →", Side.SERVER: "← server"}
_STAYS = "(stays until the session ends for its length)"
_COMPOSITE = (model.Either, model.AnyOrder, model.Repeat, model.Before, model.Never)


def explained(
    scenario: Scenario, requirements: Mapping[str, Requirement], problems: Problems = lambda *_: ()
) -> str:
    """The unfolded play of both parts as text, a line for each thing that happens; ends with a newline.

    `problems` tells faults what would be wrong with a message.
    """
    plays = unfolded(scenario, requirements, problems)
    return "\n".join([*_header(scenario), "", *_Telling(scenario, plays).rows()]) + "\n"


def _header(scenario: Scenario) -> Iterator[str]:
    yield f"{scenario.name}: {scenario.summary}"
    changed = [
        f"{each.name}: {_setting(getattr(scenario.switches, each.name))}"
        for each in fields(Switches)
        if getattr(scenario.switches, each.name) != getattr(Switches(), each.name)
    ]
    yield "; ".join([f"dialect {scenario.dialect}", *changed])
    if scenario.never:
        yield f"never {_banned(scenario.never)}"
    if scenario.tags:
        yield f"tags: {', '.join(scenario.tags)}"


def _banned(bans: Sequence[model.Ban]) -> str:
    return ", nor ".join(f"{ban_in_words(ban)} of the {ban.side}" for ban in bans)


def _limit(step: model.Either | model.AnyOrder | model.Repeat) -> str:
    return "" if step.within is None else f" (all of it within {written(step.within)})"


def _setting(value: object) -> str:
    if isinstance(value, float):
        return written(value)
    return str(value).lower()


class _Telling:
    """Tells the plays of a scenario as one text, each branch where it stands in the file."""

    def __init__(self, scenario: Scenario, plays: Sequence[Play]) -> None:
        self._scenario = scenario
        self._plays = plays
        self._play_of: dict[Path, Play] = {}
        for play in plays:
            for line in play.lines:
                self._play_of.setdefault(line.path, play)
        self._last_line = 0

    def rows(self) -> Iterator[str]:
        """Everything that happens, in order."""
        yield "line     time"
        yield from self._beats([beat for beat in self._plays[0].beats if beat.line is None], 0)
        yield from self._steps(self._scenario.steps, (), 0)
        for index, reaction in enumerate(self._scenario.reactions, len(self._scenario.steps)):
            yield ""
            yield f"whenever the client sends {_message(reaction.pattern)} and no step waits for it:"
            cue = model.ClientSends(pattern=reaction.pattern, place=reaction.place)
            yield from self._steps((cue, *reaction.steps), (index,), 1)
        yield from self._attempts()

    def _attempts(self) -> Iterator[str]:
        first = len(self._scenario.steps) + len(self._scenario.reactions)
        for number, attempt in enumerate(self._scenario.attempts, 1):
            faults = ", ".join(map(_fault, attempt.faults))
            yield ""
            yield f"connection {number}{f' ({faults})' if faults else ''}:"
            if attempt.steps:
                yield from self._steps(attempt.steps, (first + number - 1,), 1)
            elif not any(each.fault.startswith("refused_") for each in attempt.faults):
                yield f"{'':19}as above"

    def _steps(self, steps: Sequence[Step], path: Path, depth: int) -> Iterator[str]:
        """The steps of one list: runs of plain steps by time, and what is inside the others."""
        run: list[Path] = []
        for index, step in enumerate(steps):
            if not isinstance(step, _COMPOSITE):
                run.append((*path, index))
                continue
            yield from self._run(run, depth)
            run = []
            yield from self._inside(step, (*path, index), depth)
        yield from self._run(run, depth)

    def _run(self, paths: Sequence[Path], depth: int) -> Iterator[str]:
        if paths:
            play = self._play_of.get(paths[0])
            wanted = set(paths)
            beats = play.beats if play else ()
            yield from self._beats([beat for beat in beats if beat.line and beat.line.path in wanted], depth)

    def _inside(self, step: Step, path: Path, depth: int) -> Iterator[str]:
        match step:
            case model.Either(branches=lines):
                titles = [f"either{_limit(step)}", *["or"] * (len(lines) - 1)]
            case model.AnyOrder(parts=lines):
                titles = [f"in any order{_limit(step)}", *["and"] * (len(lines) - 1)]
            case model.Repeat(times=times, steps=steps):
                lines, titles = (steps,), [f"{times} times{_limit(step)}, of which this is the first"]
            case model.Before(first=first, steps=steps):
                lines, titles = ((first,), steps), ["first", "before this is over"]
            case model.Never(bans=bans, steps=steps):
                lines, titles = (steps,), [f"while never {_banned(bans)}"]
            case _:
                return
        for index, (line, title) in enumerate(zip(lines, titles, strict=True)):
            yield f"{'':17}{'  ' * depth}{title}:"
            yield from self._steps(line, (*path, index), depth + 1)

    def _beats(self, beats: Sequence[Beat], depth: int) -> Iterator[str]:
        for beat in beats:
            number = beat.line.step.place.line if beat.line else 0
            shown = str(number) if number and number != self._last_line else ""
            self._last_line = number
            what = _what(beat)
            yield f"{shown:>4}  {beat.at:7.2f} s  {'  ' * depth}{_ARROWS[beat.sender]}  {what}".rstrip()


def _what(beat: Beat) -> str:
    match beat.content:
        case Message(body=body):
            broken = ", ".join(violation.requirement.id for violation in beat.broken)
            said = _message(body if beat.wanted is None else beat.wanted)
            return f"{said}   breaks {broken}" if broken and beat.sender is Side.SERVER else said
        case Struck(strike=strike):
            return f"(fault: {_fault(strike)})"
        case Malformed(found=found, size=size):
            return f"(text of {size} bytes: {found})"
        case Audio():
            return f"(audio, {beat.lasts:.2f} s{', cut short' if beat.was_cut else ''})"
        case Closed() if beat.line and beat.line.step == model.ClientCloses(place=beat.line.step.place):
            return "(closes)"
        case Closed(code=code) if code == NO_CLOSE_FRAME:
            return "(gone, without a close frame)"
        case Closed(code=code, reason=reason):
            return f"(closes{_code(code)}{f': {reason}' if reason else ''})"
        case Elapsed(limit=limit):
            return _until(limit)
        case _:
            return ""


def _until(limit: str) -> str:
    if limit == SESSION_WARNING:
        return "(stays until it is warned of the end)"
    return _STAYS if limit == SESSION_END else "(sends nothing until the limit of the service)"


def _fault(fault: Strike | model.FaultStrikes) -> str:
    """A fault with those of its parameters that say something."""
    parameters = {each.name: each for each in FAULTS[fault.fault].parameters}
    said = {
        name: value for name, value in fault.values.items() if not parameters[name].goes_without_saying(value)
    }
    words = [f"{name} {parameters[name].written(value)}" for name, value in said.items()]
    return " ".join([fault.fault, ", ".join(words)]).rstrip()


def _code(code: int | None) -> str:
    return " without a status" if code is None else f" with {code}"


def _message(body: JsonObject) -> str:
    rest = {key: value for key, value in body.items() if key != "type"}
    return f"{body.get('type')} {one_line(rest)}" if rest else str(body.get("type"))
