"""A document to a Scenario: the top of the file, and what holds of the whole.

Steps are read by `parse_steps`; what can only be seen once all steps are known is looked for by `checks`.
A file with a flaw gives no Scenario, and all its flaws at once.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from mockagent.errors import ScenarioError
from mockagent.protocol.events import Dialect
from mockagent.protocol.switches import BeforeSettings, Switches
from mockagent.scenario.checks import flaws_of_steps
from mockagent.scenario.faults.table import FAULTS, Strikes
from mockagent.scenario.model import Attempt, FaultStrikes, Place, Reaction, Scenario, Trigger
from mockagent.scenario.nodes import ListNode, MappingNode, Node
from mockagent.scenario.parse_steps import message_pattern, read_bans, read_fault, read_steps
from mockagent.scenario.reading import Reading, Surroundings

TOP_KEYS = (
    "name",
    "summary",
    "dialect",
    "tags",
    "switches",
    "user_turns",
    "never",
    "steps",
    "reactions",
    "attempts",
)
REACTION_KEYS = ("on", "do")
ATTEMPT_KEYS = ("fault", "steps")
SWITCH_KEYS = tuple(each.name for each in fields(Switches))

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def parse(document: Node, file: str, surroundings: Surroundings) -> Scenario:
    """The scenario that a document describes; ScenarioError with every flaw, in order of the file."""
    reading = Reading(file, surroundings)
    scenario = _scenario(document, reading)
    if not reading.flaws:
        for place, text in flaws_of_steps(scenario):
            reading.flaw(place, text)
    if reading.flaws:
        raise ScenarioError(sorted(set(reading.flaws)))
    return scenario


def _scenario(document: Node, reading: Reading) -> Scenario:
    top = reading.mapping(document, TOP_KEYS, "a scenario: a mapping")
    reading.dialect = (
        Dialect(reading.choice(top["dialect"], list(Dialect))) if "dialect" in top else Dialect.V1
    )
    if "user_turns" in top:
        reading.trigger = Trigger(reading.choice(top["user_turns"], list(Trigger)))
    if isinstance(document, MappingNode):
        for key in ("summary", "steps"):
            if key not in top:
                reading.flaw(document, f"expected the key {key!r}, got none")
    return Scenario(
        name=_name(top["name"], reading) if "name" in top else _stem(reading.file),
        summary=_summary(top["summary"], reading) if "summary" in top else "",
        steps=read_steps(top["steps"], reading) if "steps" in top else (),
        reactions=_reactions(top["reactions"], reading) if "reactions" in top else (),
        attempts=_attempts(top["attempts"], reading) if "attempts" in top else (),
        never=read_bans(top["never"], reading) if "never" in top else (),
        dialect=reading.dialect,
        tags=reading.texts(top["tags"], "a tag or a list of tags") if "tags" in top else (),
        switches=_switches(top["switches"], reading) if "switches" in top else Switches(),
        place=Place(reading.file, document.line, document.column),
    )


def _stem(file: str) -> str:
    return file.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _name(node: Node, reading: Reading) -> str:
    name = reading.text(node, "a name")
    if name and not _NAME.fullmatch(name):
        reading.unexpected(node, "a name of letters, digits, '_', '-' and '.'")
    return name


def _summary(node: Node, reading: Reading) -> str:
    summary = reading.text(node, "a summary in one line")
    if "\n" in summary.strip():
        reading.flaw(node, "expected a summary in one line, got several lines")
    return summary.strip()


def _switches(node: Node, reading: Reading) -> Switches:
    entries = reading.mapping(node, SWITCH_KEYS)
    return Switches(**{key: _switch(key, value, reading) for key, value in entries.items()})


def _switch(key: str, node: Node, reading: Reading) -> Any:
    match getattr(_DEFAULTS, key):
        case bool():
            return reading.truth(node)
        case BeforeSettings():
            return BeforeSettings(reading.choice(node, list(BeforeSettings)))
        case _:
            return reading.length(node, zero=key in _MAY_BE_ZERO)


_DEFAULTS = Switches()
_MAY_BE_ZERO = frozenset({"welcome_after", "think_for"})


def _reactions(node: Node, reading: Reading) -> tuple[Reaction, ...]:
    return tuple(_reaction(item, reading) for item in reading.items(node, "a list of reactions"))


def _reaction(node: Node, reading: Reading) -> Reaction:
    entries: Mapping[str, Node] = reading.mapping(node, REACTION_KEYS, "a reaction: a mapping")
    if isinstance(node, MappingNode):
        for key in REACTION_KEYS:
            if key not in entries:
                reading.flaw(node, f"expected the key {key!r}, got none")
    pattern = message_pattern(entries["on"], reading) if "on" in entries else {}
    steps = read_steps(entries["do"], reading) if "do" in entries else ()
    return Reaction(pattern=pattern, steps=steps, place=reading.place(node))


def _attempts(node: Node, reading: Reading) -> tuple[Attempt, ...]:
    return tuple(_attempt(item, reading) for item in reading.items(node, "a list of attempts"))


def _attempt(node: Node, reading: Reading) -> Attempt:
    """One connection: faults of its handshake, steps of its own, or both."""
    entries = reading.mapping(node, ATTEMPT_KEYS, "an attempt: a mapping")
    if isinstance(node, MappingNode) and not entries:
        reading.flaw(node, "expected the key 'fault' or 'steps', got neither")
    faults = _faults_at_the_door(entries["fault"], reading) if "fault" in entries else ()
    steps = read_steps(entries["steps"], reading) if "steps" in entries else ()
    refused = next((each for each in faults if each.fault.startswith("refused_")), None)
    if refused and steps:
        reading.flaw(entries["steps"], f"expected no steps beside {refused.fault}: they are never played")
    return Attempt(faults=faults, steps=steps, place=reading.place(node))


def _faults_at_the_door(node: Node, reading: Reading) -> tuple[FaultStrikes, ...]:
    nodes = node.items if isinstance(node, ListNode) else (node,)
    found = []
    for each in nodes:
        step = read_fault({"fault": each}, reading, {"place": reading.place(each), "breaks": frozenset()})
        if step is not None and FAULTS[step.fault].strikes is not Strikes.HANDSHAKE:
            reading.flaw(each, f"expected a fault of the handshake, got {step.fault}; it belongs into steps")
        elif step is not None:
            found.append(step)
    return tuple(found)
