"""What can only be seen once all steps are known: names that nobody captured, steps that nobody reaches.

Each finding is the place of a step and one line. Nothing is played here; `prove` does that.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, TypeAlias

from mockagent.errors import nearest
from mockagent.protocol.events import Dialect
from mockagent.scenario import model
from mockagent.scenario.faults.table import FAULTS, Strikes
from mockagent.scenario.matching import ANYTHING
from mockagent.scenario.model import Place, Scenario, Step, Trigger
from mockagent.scenario.opening import faults_of_opening, is_of_opening
from mockagent.scenario.order_checks import flaws_of_order, may_act
from mockagent.scenario.templates import PRESETS, names_in

Finding: TypeAlias = tuple[Place, str]
Names: TypeAlias = frozenset[str]
Steps: TypeAlias = tuple[Step, ...]

MOST_STEPS = 10_000


def flaws_of_steps(scenario: Scenario) -> Iterator[Finding]:
    """Everything wrong with the steps as a whole: first those of the scenario, then of its reactions."""
    own = [scenario.steps, *(attempt.steps for attempt in scenario.attempts if attempt.steps)]
    reactions = [reaction.steps for reaction in scenario.reactions]
    for steps in own:
        yield from _out_of_place(steps, len(faults_of_opening(steps, scenario.dialect)))
    for steps in reactions:
        yield from _out_of_place(steps, 0)
    for steps in (*own, *reactions):
        if sum(map(_weight, steps)) > MOST_STEPS:
            yield steps[0].place, f"expected at most {MOST_STEPS} steps when all repeats are played, got more"
            continue
        yield from _unreachable(steps)
        yield from _unknown_names(steps, PRESETS)[0]
        for within in _every_line(steps):
            yield from _interruptions(within)
            for step in within:
                yield from _branches(step)
                yield from flaws_of_order(step)
                yield from _early_access(step, scenario.dialect)


def ends_session(step: Step) -> bool:
    """Is the session over after this step, whatever comes?"""
    match step:
        case model.ServerCloses() | model.ClientCloses() | model.ClientStaysSilent() | model.ClientStays():
            return True
        case model.ServerSends(body=body):
            return body.get("type") == "Error"
        case model.AgentTurn(think_fails=think_fails, speak_fails=speak_fails):
            return inf in (think_fails, speak_fails)
        case model.Either(branches=branches):
            return all(any(map(ends_session, branch)) for branch in branches)
        case model.AnyOrder(parts=lines):
            return any(ends_session(each) for line in lines for each in line)
        case model.Repeat(steps=steps) | model.Before(steps=steps) | model.Never(steps=steps):
            return any(map(ends_session, steps))
        case model.FaultStrikes(fault=fault):
            return FAULTS[fault].ends
    return False


def lines_of(step: Step) -> tuple[Steps, ...]:
    """The lists of steps inside a step."""
    match step:
        case model.Either(branches=lines) | model.AnyOrder(parts=lines):
            return lines
        case model.Repeat(steps=steps) | model.Never(steps=steps):
            return (steps,)
        case model.Before(first=first, steps=steps):
            return ((first,), steps)
    return ()


def _out_of_place(steps: Steps, opening: int) -> Iterator[Finding]:
    """Faults that could never strike where they stand; the first steps, so many, are played before the script."""
    for line in _every_line(steps):
        for step in line[opening if line is steps else 0 :]:
            if not isinstance(step, model.FaultStrikes):
                continue
            if is_of_opening(step):
                yield (
                    step.place,
                    f"expected {step.fault} at the top of the steps, since it strikes the opening",
                )
            if FAULTS[step.fault].strikes is Strikes.HANDSHAKE:
                yield step.place, f"expected {step.fault} under 'attempts', since it strikes the handshake"


def _every_line(steps: Steps) -> Iterator[Steps]:
    yield steps
    for step in steps:
        for line in lines_of(step):
            yield from _every_line(line)


def _weight(step: Step) -> int:
    inside = sum(_weight(each) for line in lines_of(step) for each in line)
    return inside * step.times if isinstance(step, model.Repeat) else inside + 1


def _unreachable(steps: Steps) -> Iterator[Finding]:
    ended: Step | None = None
    for step in steps:
        if ended is not None and not _may_follow_the_end(ended, step):
            yield step.place, f"this step is never reached: line {ended.place.line} ends the session"
            return
        for line in lines_of(step):
            yield from _unreachable(line)
        if isinstance(step, model.Repeat) and step.times > 1 and ends_session(step):
            yield (
                step.place,
                f"expected steps that can be repeated {step.times} times, got some that end the session",
            )
        if isinstance(step, model.AnyOrder) and ends_session(step):
            yield step.place, "expected parts that leave the session open, got one that ends it"
        if ends_session(step):
            ended = step


def _may_follow_the_end(ended: Step, step: Step) -> bool:
    """After an Error the service closes by itself; a script may word that close, break it on purpose, or fail in it."""
    after_error = isinstance(ended, model.ServerSends)
    return after_error and (isinstance(step, model.ServerCloses | model.FaultStrikes) or bool(step.breaks))


def _unknown_names(steps: Steps, known: Names) -> tuple[list[Finding], Names]:
    """The names that are used before they are known, and those known after these steps."""
    findings: list[Finding] = []
    for step in steps:
        findings += [
            _unknown_name(step, name, known) for name in dict.fromkeys(_used(step)) if name not in known
        ]
        known |= _captured(step)
        results = [_unknown_names(line, known) for line in lines_of(step)]
        for found, _ in results:
            findings += found
        if results:
            after = [names for _, names in results]
            known |= (
                frozenset.intersection(*after) if isinstance(step, model.Either) else frozenset.union(*after)
            )
    return findings, known


def _unknown_name(step: Step, name: str, known: Names) -> Finding:
    hint = nearest(name, sorted(known)) or f"; known here: {', '.join(sorted(known))}"
    return step.place, f"unknown name ${{{name}}}{hint}"


def _used(step: Step) -> Iterator[str]:
    match step:
        case model.ClientSends(pattern=pattern):
            yield from names_in(pattern)
        case model.ServerSends(body=body):
            yield from names_in(body)
        case model.UserTurn(text=text, pattern=pattern, speculates=speculates):
            yield from names_in([text, pattern])
            if speculates and speculates.call:
                yield from _used(speculates.call)
        case model.AgentTurn(texts=texts, thinking=thinking, backchannel=backchannel):
            yield from names_in([texts, thinking, backchannel])
        case model.CallTurn(calls=calls, thinking=thinking):
            yield from names_in([thinking, [[call.arguments, call.answer, call.result] for call in calls]])


def _captured(step: Step) -> Names:
    match step:
        case model.ClientSends(captures=captures):
            return frozenset(captures)
        case model.UserTurn(speculates=model.Speculation(call=model.CallTurn() as call)):
            return _captured(call)
        case model.CallTurn(calls=calls):
            return frozenset(call.capture for call in calls if call.capture is not None)
    return frozenset()


def _interruptions(steps: Steps) -> Iterator[Finding]:
    for index, step in enumerate(steps):
        followed = index + 1 < len(steps) and isinstance(steps[index + 1], model.UserTurn)
        if isinstance(step, model.AgentTurn | model.CallTurn) and step.interrupted and not followed:
            yield step.place, "expected a user step right after an interrupted one, got none"


def _branches(step: Step) -> Iterator[Finding]:
    if not isinstance(step, model.Either | model.AnyOrder):
        return
    lines = lines_of(step)
    speaking = [line for line in lines if any(map(may_act, line))]
    is_side_by_side = isinstance(step, model.AnyOrder) and len(speaking) == 1
    for line in [] if is_side_by_side else lines:
        if line and not _waits_for_client(line[0]):
            yield line[0].place, "expected a client step or a user turn at the beginning of a branch"
    if isinstance(step, model.AnyOrder):
        return
    for index, line in enumerate(lines):
        earlier = next((other for other in lines[:index] if _covers(other[0], line[0])), None)
        if earlier is not None:
            begins = f"the branch of line {earlier[0].place.line} begins alike and comes first"
            yield line[0].place, f"this step is never reached: {begins}"


def _waits_for_client(step: Step) -> bool:
    match step:
        case model.ClientSends() | model.ClientStreams() | model.ClientCloses() | model.UserTurn():
            return True
        case model.Either(branches=lines) | model.AnyOrder(parts=lines):
            return all(_waits_for_client(line[0]) for line in lines)
        case model.Repeat(steps=steps) | model.Never(steps=steps):
            return _waits_for_client(steps[0])
        case model.Before():
            return True
    return False


def _covers(first: Step, second: Step) -> bool:
    """Does whatever begins `second` begin `first` as well?"""
    match first, second:
        case model.ClientSends(pattern=one), model.ClientSends(pattern=other):
            return _is_wider(one, other)
        case model.UserTurn(), model.UserTurn():
            both_text = first.trigger is second.trigger is Trigger.TEXT
            return _is_wider(first.pattern, second.pattern) if both_text else first.trigger is second.trigger
        case model.ClientCloses(), model.ClientCloses():
            return first.code in (None, second.code)
        case model.ClientStreams(), model.ClientStreams():
            return True
    return False


def _is_wider(one: Any, other: Any) -> bool:
    """Does everything that fits the pattern `other` plainly fit `one`?"""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(key in other and _is_wider(part, other[key]) for key, part in one.items())
    return bool(one == ANYTHING or (type(one) is type(other) and one == other))


def _early_access(step: Step, dialect: Dialect) -> Iterator[Finding]:
    if dialect is not Dialect.EARLY_ACCESS:
        return
    if isinstance(step, model.UserTurn) and step.trigger is Trigger.TEXT:
        yield (
            step.place,
            "expected a user turn by audio, speech or timer: early-access has no InjectUserMessage",
        )
    interrupted = step.interrupted if isinstance(step, model.AgentTurn) else None
    if interrupted is not None and interrupted.by is Trigger.TEXT:
        yield step.place, "expected an interruption by speech: early-access has no InjectUserMessage"
