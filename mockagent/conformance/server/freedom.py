"""A play for a server that finds its own words: what it cannot be asked for, and how the client leads the rest. Pure.

A script makes things happen when it likes: errors, faults, calls of its own, a user who interrupts after a second and
a half. A server that plays freely does what the client gives it cause for, and no more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockagent.protocol import messages
from mockagent.protocol.effects import after
from mockagent.protocol.events import Dialect, Event
from mockagent.protocol.session import Session
from mockagent.scenario import model
from mockagent.scenario.beats import Play, Struck
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.model import Scenario, Trigger

_INVITE_ONLY = frozenset({"UpdateThink_Live", "__customToThinkProvider"})
_OPENING = frozenset({"Welcome", "SettingsApplied"})
_GIVES_CAUSE = (model.UserTurn, model.CallTurn)


def beyond_freedom(scenario: Scenario, lines: Lines, plays: Iterable[Play]) -> list[str]:
    """What the server would have to do here of its own accord, in words; empty where the client leads it all."""
    found = []
    if scenario.attempts or scenario.at_the_door:
        found.append("refuse or lose connections")
    if scenario.switches.think_live:
        found.append("have invite-only features enabled")
    caused = frozenset[str]().union(*(_caused(scenario, play) for play in plays))
    for before, line in zip((None, *lines), lines, strict=False):
        found += _beyond(line.step, before, scenario.dialect, caused)
    return list(dict.fromkeys(found))


def _beyond(step: model.Step, before: Line | None, dialect: Dialect, caused: frozenset[str]) -> Iterator[str]:
    match step:
        case model.FaultStrikes(fault=fault):
            yield f"inflict the fault {fault}"
        case model.ServerSends(body=body):
            type = str(body["type"])
            if (
                type not in _OPENING
                and type not in messages.ACKNOWLEDGEMENTS[dialect].values()
                and body.get("code") not in caused
            ):
                yield f"send {type} {body['code']}" if "code" in body else f"send {type}"
        case model.ServerCloses():
            yield "close the connection"
        case model.ClientStays():
            yield "last for two hours"
        case model.ClientSends(pattern=pattern):
            if pattern["type"] in _INVITE_ONLY or pattern.get("is_dynamic") is True:
                yield "have invite-only features enabled"
        case model.UserTurn(speculates=speculates) if speculates is not None:
            yield "think ahead of the end of the user's turn"
        case model.AgentTurn():
            yield from _beyond_turn(step, before)
        case model.CallTurn(calls=calls):
            if any(call.server_side or call.result is not None or call.fails for call in calls):
                yield "call a function of its own"


def _beyond_turn(step: model.AgentTurn, before: Line | None) -> Iterator[str]:
    if step.think_fails or step.speak_fails:
        yield "have a provider fail"
    if step.backchannel:
        yield "tell a sign of attention from a turn"
    if step.interrupted and step.interrupted.during is model.During.THINKING:
        yield "think for as long as the user needs to interrupt it"
    if before is not None and not _opens(before.step) and not isinstance(before.step, _GIVES_CAUSE):
        yield "speak without being spoken to"


def _opens(step: model.Step) -> bool:
    """Whether a greeting may follow."""
    if isinstance(step, model.ServerSends):
        return step.body.get("type") in _OPENING
    return isinstance(step, model.ClientSends) and step.pattern["type"] in messages.SETTINGS.values()


def _caused(scenario: Scenario, play: Play) -> frozenset[str]:
    """The codes of Errors and Warnings that the client gives cause for."""
    session = Session(scenario.dialect, scenario.switches)
    for beat in play.beats:
        if not isinstance(beat.content, Struck):
            session = after(session, Event(beat.at, beat.sender, beat.content))
    return session.causes


def freely(lines: Lines) -> Lines:
    """The lines as a client plays them that leads: the user speaks up by themselves, also into a reply."""
    return tuple(replace(line, step=_led(line.step)) for line in lines)


def _led(step: model.Step) -> model.Step:
    match step:
        case model.UserTurn(trigger=Trigger.TIMER):
            return replace(step, trigger=Trigger.AUDIO)
        case model.AgentTurn(interrupted=how) if how is not None:
            return replace(step, interrupted=replace(how, after=None, by=Trigger.SPEECH))
        case model.CallTurn(interrupted=how) if how is not None:
            return replace(step, interrupted=replace(how, after=None, by=Trigger.SPEECH))
    return step


def is_for_a_model(step: model.Step) -> bool:
    """Whether a language model decides if this happens at all."""
    match step:
        case model.CallTurn():
            return True
        case model.AgentTurn(interrupted=how):
            return how is not None
    return False
