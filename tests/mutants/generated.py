"""Generated mutants: every message of a golden session with every single fault of its own, judged without a socket.

A mutant is a session as it would have been recorded, in which one message is changed (a field gone, of another type, of
another value, or unknown), gone, sent twice, or swapped with what its side sends next. It is killed by any finding
against the side that sent it: a requirement that it breaks, or a course that is not that of the play, as a
partial order. Names are stable: the place of the message in the session, its type, and the fault.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mockagent import catalogue
from mockagent.conformance.report import COURSE
from mockagent.coverage.seen import events_of
from mockagent.protocol.codec import decode, encode
from mockagent.protocol.events import Dialect, Event, Message, Side
from mockagent.protocol.judge import Judge
from mockagent.scenario.course import Course
from mockagent.scenario.lines import Lines
from mockagent.scenario.model import Scenario
from mockagent.scenario.unfold import unfolded

EXPLAINED = Path(__file__).parent / "survivors.yaml"

_V1 = """\
name: golden
summary: Every kind of thing that a V1 session has
steps:
  - client:
      type: Settings
      audio: {input: {encoding: linear16, sample_rate: 16000}, output: {encoding: linear16, sample_rate: 24000}}
      agent:
        greeting: Hello.
        listen: {provider: {type: deepgram, version: v2, model: flux-general-en}}
        context: {messages: [{type: History, role: user, content: Hello there.}]}
        think: {provider: {type: open_ai, model: gpt-4o-mini, temperature: 0.5}, prompt: Be brief.}
        speak:
          - provider: {type: deepgram, model: aura-2-thalia-en}
          - provider: {type: eleven_labs, model_id: eleven_turbo_v2_5}
            endpoint: {url: "https://api.elevenlabs.io/v1", headers: {xi-api-key: none}}
      flags: {history: true}
      tags: [golden]
  - agent: Hello.
  - client:
      type: UpdateListen
      listen:
        provider: {type: deepgram, version: v2, model: flux-general-en, eot_threshold: 0.7, keyterms: [Fremont]}
  - user: What is the weather in Fremont?
  - call: {weather: {city: Fremont}}
    thinking: I need the weather.
  - agent: It is sunny, and it will be sunny tomorrow, and the day after tomorrow too, as far as anybody can tell.
    interrupted: {after: 1 s}
  - user: And in Oakland?
  - call: {weather: {city: Oakland}}
    interrupted: {after: 0 s}
  - user: Where is my order?
  - call: {order: {number: "7"}}
    server_side: true
    result: shipped
  - agent: It is shipped.
  - client: {type: UpdatePrompt, prompt: Be formal.}
  - client: {type: UpdateSpeak, speak: {provider: {type: deepgram, model: aura-2-thalia-en}}}
  - client:
      type: UpdateThink
      think:
        provider: {type: anthropic, model: claude-4-5-haiku-latest, temperature: 0.5}
        prompt: Be kind.
        endpoint: {url: "https://api.anthropic.com/v1/messages", headers: {x-api-key: none}}
        functions:
          - {name: weather, parameters: {type: object}}
          - {name: order, parameters: {type: object}, endpoint: {url: "https://example.com/"}}
  - warning: SLOW_THINK_REQUEST
  - user: And the next one?
    when: text
  - agent: Very well.
  - client: {type: InjectAgentMessage, message: Mind the gap.}
  - client: {closes: true}
"""
_EARLY = """\
name: golden_early
summary: Every kind of thing that an early access session has
dialect: early-access
steps:
  - client:
      type: SettingsConfiguration
      audio: {input: {encoding: linear16, sample_rate: 16000}, output: {encoding: linear16, sample_rate: 24000}}
      agent:
        listen: {model: nova-3}
        think: {provider: {type: open_ai}, model: gpt-4o-mini, instructions: Be brief.}
        speak: {model: aura-asteria-en}
  - agent: Hello.
  - user: Where is it?
  - call: {track_parcel: {number: "7"}}
    thinking: About a parcel.
  - agent: It will be with you tomorrow, or the day after tomorrow, as far as anybody can tell.
    interrupted: {after: 1 s}
  - user: Thank you.
  - agent: You are welcome.
  - client: {type: UpdateInstructions, instructions: Be formal.}
  - client: {closes: true}
"""
_OTHERS: Mapping[type, tuple[Any, ...]] = {
    str: (7, None, [], {}),
    bool: ("yes", 7, None),
    int: ("7", True, None, []),
    float: ("7", True, None, []),
    list: ({}, "mockagent", None),
    dict: ([], "mockagent", None),
}
"""A value of every other type, by the type of the value that it replaces."""


@dataclass(frozen=True)
class Trial:
    """One mutant: its name, the kind of its fault, and what was found against the side that sent it."""

    name: str
    fault: str
    found: frozenset[str]


@dataclass(frozen=True)
class _Golden:
    """A session: what it is played by, and its events."""

    scenario: Scenario
    lines: Lines
    events: tuple[Event, ...]


@cache
def golden(text: str) -> _Golden:
    """The session that the scenario unfolds into."""
    scenario = catalogue.scenario_of(text, "golden.yaml")
    (play, *_) = unfolded(scenario, catalogue.requirements(), catalogue.problems)
    return _Golden(
        scenario, play.lines, tuple(_checked(event, scenario.dialect) for event in events_of(play.beats))
    )


SESSIONS = (_V1, _EARLY)


def _checked(event: Event, dialect: Dialect) -> Event:
    if not isinstance(event.content, Message):
        return event
    body = event.content.body
    return Event(
        event.at,
        event.sender,
        Message(str(body["type"]), body, catalogue.schemas().problems(dialect, event.sender, body)),
    )


@cache
def trials() -> tuple[Trial, ...]:
    """Every generated mutant, tried."""
    return tuple(trial for text in SESSIONS for trial in _trials(golden(text)))


def _trials(session: _Golden) -> Iterator[Trial]:
    judge = Judge(catalogue.requirements(), session.scenario.switches, session.scenario.dialect)
    for number, event in enumerate(session.events):
        if isinstance(event.content, Message):
            for fault, detail, events in _mutated(session, number):
                name = f"{session.scenario.dialect}/{number} {event.content.type} {fault}{detail}"
                found = _found(judge.fork(), events, event.sender)
                if not found and not keeps_course(session, (*session.events[:number], *events)):
                    found |= {COURSE}
                yield Trial(name, fault, found)
        judge.observe(event)


def keeps_course(session: _Golden, events: Sequence[Event]) -> bool:
    """Whether all has come that the play asks for, and nothing where it may not."""
    course = Course(session.lines, session.scenario.dialect)
    for event in events:
        course.see(event)
    return course.is_complete


def _found(judge: Judge, events: Sequence[Event], side: Side) -> frozenset[str]:
    """The requirements of that side that the rest of the session breaks.

    Where a client's Settings lack the function that the play calls, the play is what cannot go on: its course.
    """
    broken = [each.requirement for event in events for each in judge.observe(event)]
    of_side = frozenset(each.id for each in broken if each.binds is side)
    is_undefined = side is Side.CLIENT and any(each.id in ("FUN-008", "FUN-011") for each in broken)
    return of_side | ({COURSE} if is_undefined else frozenset())


def _mutated(session: _Golden, number: int) -> Iterator[tuple[str, str, Sequence[Event]]]:
    """Each fault of that message: its kind, its place, and the session from there on."""
    event, rest = session.events[number], session.events[number + 1 :]
    assert isinstance(event.content, Message)
    for fault, detail, body in _bodies(event.content.body):
        content = decode(encode(body))
        changed = Event(event.at, event.sender, content)
        yield fault, detail, (_checked(changed, session.scenario.dialect), *rest)
    yield "gone", "", rest
    yield "twice", "", (event, event, *rest)
    follower = next((at for at, each in enumerate(rest) if each.sender is event.sender), None)
    if follower is not None:
        sooner = Event(event.at, event.sender, rest[follower].content)
        later = Event(rest[follower].at, event.sender, event.content)
        yield "swapped", "", (sooner, *rest[:follower], later, *rest[follower + 1 :])


def _bodies(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield "unknown field", " /", {**body, "mockagent_unknown": 1}
    for pointer, parent, key, value in _places(body):
        yield "field gone", f" {pointer}", _without(body, parent, key)
        for other in _OTHERS[type(value)]:
            yield "other type", f" {pointer} {_word(other)}", _with(body, parent, key, other)
        for word, other in _other_values(str(key), value):
            yield "other value", f" {pointer} {word}", _with(body, parent, key, other)
        if isinstance(value, dict):
            yield "unknown field", f" {pointer}", _with(body, parent, key, {**value, "mockagent_unknown": 1})


def _word(value: Any) -> str:
    return (
        "null"
        if value is None
        else {"list": "array", "dict": "object"}.get(type(value).__name__, type(value).__name__)
    )


def _other_values(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Values of the same type that say something else."""
    match value:
        case bool():
            yield "negated", not value
        case int() | float():
            yield "negative", -abs(value) - 1
            yield "huge", 10**9
        case str():
            yield "empty", ""
            yield "altered", f"{value}x"
        case list() if value:
            yield "emptied", []


_Path = tuple[str | int, ...]


def _places(value: Any, path: _Path = ()) -> Iterator[tuple[str, _Path, str | int, Any]]:
    """Every place in a document: its pointer, the path to what it is in, its key there, and what is in it."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, inside in items:
        here = (*path, key)
        if inside is not None:
            yield "/" + "/".join(map(str, here)), path, key, inside
        if isinstance(inside, dict | list):
            yield from _places(inside, here)


def _changed(value: Any, path: _Path, change: Any) -> Any:
    if not path:
        copy = dict(value) if isinstance(value, Mapping) else list(value)
        change(copy)
        return copy
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = _changed(value[path[0]], path[1:], change)
    return copy


def _with(body: Any, path: _Path, key: str | int, value: Any) -> Any:
    return _changed(body, path, lambda copy: copy.__setitem__(key, value))


def _without(body: Any, path: _Path, key: str | int) -> Any:
    return _changed(body, path, lambda copy: copy.__delitem__(key))


def explanations() -> list[tuple[str, tuple[str, ...]]]:
    """Why mutants survive: each reason with the names that it is about."""
    found = yaml.safe_load(EXPLAINED.read_text("utf-8"))
    return [(each["why"], tuple(each["survivors"])) for each in found]


def survivors() -> list[str]:
    """The names of those that nothing was found against."""
    return [each.name for each in trials() if not each.found]


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """Counts by fault, and the survivors by the reason why they survive."""
    count = Counter(each.fault for each in trials)
    dead = Counter(each.fault for each in trials if each.found)
    alive = {each.name for each in trials if not each.found}
    return {
        "totals": {"mutants": len(trials), "killed": len(trials) - len(alive)},
        "faults": {fault: [count[fault], dead[fault]] for fault in sorted(count)},
        "survivors": {why: [name for name in names if name in alive] for why, names in explanations()},
    }
