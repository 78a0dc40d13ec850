"""Steps: who acts, the modifiers each of them may have beside it, and the single messages of both sides."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.errors import nearest
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.message_types import TYPES
from mockagent.scenario import model
from mockagent.scenario.close_codes import WHICH, is_sendable
from mockagent.scenario.faults.table import FAULTS, Fault, Kind
from mockagent.scenario.nodes import ListNode, MappingNode, Node, ScalarNode
from mockagent.scenario.parse_codes import read_error, read_warning
from mockagent.scenario.parse_turns import read_agent, read_call, read_user
from mockagent.scenario.patterns import check_pattern
from mockagent.scenario.reading import Reading, one_of, unknown
from mockagent.scenario.templates import PRESETS, is_name

MODIFIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "client": ("within", "before", "capture", "breaks"),
        "server": ("breaks",),
        "error": ("description", "breaks"),
        "warning": ("description", "breaks"),
        "user": ("when", "lasts", "wav", "says", "speculates", "languages", "within", "breaks"),
        "agent": (
            "thinking",
            "interrupted",
            "think_fails",
            "speak_fails",
            "wav",
            "behavior",
            "backchannel",
            "breaks",
        ),
        "call": (
            "answer",
            "answers",
            "as",
            "server_side",
            "result",
            "results",
            "fails",
            "thinking",
            "interrupted",
            "order",
            "within",
            "breaks",
        ),
        "wait": ("breaks",),
        "either": ("within", "breaks"),
        "any_order": ("within", "breaks"),
        "never": ("during", "breaks"),
        "repeat": ("within", "breaks"),
        "fault": ("breaks",),
    }
)
"""Every word a step can begin with, and the keys that may stand beside it."""

REPEAT_KEYS = ("times", "steps")
MOST_TIMES = 1000

Entries: TypeAlias = Mapping[str, Node]
Common: TypeAlias = dict[str, Any]

_BANNED = "what must not come: {client: …} or {server: …}, with a message type, a mapping with type, or {audio: true}"

_TOO_LATE_AFTER = "a list of the steps by whose end it must have come, such as [{agent: …}]"

CLIENT_FORMS = ("type", "audio", "closes", "silent", "stays")


def read_steps(node: Node, reading: Reading, what: str = "a list of steps") -> tuple[model.Step, ...]:
    """The steps of a list that has at least one; those that cannot be read are left out."""
    steps = (_step(item, reading) for item in reading.items(node, what))
    found = [step for step in steps if step is not None]
    for index, step in enumerate(found[:-1]):
        if isinstance(step, model.ServerSends) and step.body.get("type") == "Error":
            found[index] = replace(step, stays_open=True)
    return tuple(found)


def message_pattern(node: Node, reading: Reading, sender: Side = Side.CLIENT) -> dict[str, Any]:
    """What a message of that side must look like: its type alone, or an object with `type`."""
    if isinstance(node, ScalarNode):
        return {"type": _type(node, sender, reading)}
    entries = reading.entries(node, "a message type, or a mapping with type")
    if entries.entries and "type" not in entries.entries:
        reading.flaw(node, "expected the key 'type', got none")
    elif "type" in entries.entries:
        _type(entries.entries["type"], sender, reading)
    check_pattern(entries, reading)
    return entries.value


def _step(node: Node, reading: Reading) -> model.Step | None:
    if not isinstance(node, MappingNode):
        reading.unexpected(node, f"a step: a mapping with {one_of(MODIFIERS)}")
        return None
    actors = [key for key in node.entries if key in MODIFIERS]
    if len(actors) != 1:
        _no_actor(node, actors, reading)
        return None
    actor = actors[0]
    for key in node.keys.keys() - {actor, *MODIFIERS[actor]}:
        reading.flaw(node.keys[key], _unknown_modifier(key, actor))
    common = {"place": reading.place(node), "breaks": _breaks(node.entries, reading)}
    return _READERS[actor](node.entries, reading, common)


def _no_actor(node: MappingNode, actors: list[str], reading: Reading) -> None:
    if actors:
        reading.flaw(node.keys[actors[1]], f"expected one actor in a step, got {' and '.join(actors)}")
        return
    expected = f"expected a step with {one_of(MODIFIERS)}"
    near = next((hint for key in node.entries if (hint := nearest(key, MODIFIERS))), "")
    reading.flaw(node, f"{expected}, got {' and '.join(map(repr, node.entries)) or 'an empty mapping'}{near}")


def _unknown_modifier(key: str, actor: str) -> str:
    owners = [owner for owner, keys in MODIFIERS.items() if key in keys]
    if owners:
        return f"expected no {key!r} beside {actor}; it belongs to {one_of(owners)}"
    return unknown("key", key, MODIFIERS[actor])


def _breaks(entries: Entries, reading: Reading) -> frozenset[str]:
    if "breaks" not in entries:
        return frozenset()
    node = entries["breaks"]
    ids = reading.texts(node, "the id of a requirement, or a list of them")
    known = reading.surroundings.requirement_ids
    places = node.items if isinstance(node, ListNode) else (node,)
    for id, place in zip(ids, places, strict=False):
        if id and id not in known:
            hint = nearest(id, known) or "; an id looks like SET-001"
            reading.flaw(place, f"unknown requirement {id!r}{hint}")
    return frozenset(ids)


def _within(entries: Entries, reading: Reading) -> float | None:
    return reading.length(entries["within"]) if "within" in entries else None


def _client(entries: Entries, reading: Reading, common: Common) -> model.Step | None:
    step = _client_alone(entries, reading, common)
    if "before" not in entries:
        return step
    steps = read_steps(entries["before"], reading, _TOO_LATE_AFTER)
    if isinstance(step, model.ClientSends | model.ClientStreams):
        return model.Before(first=step, steps=steps, place=step.place)
    reading.flaw(entries["before"], "expected 'before' beside a client's message or audio only")
    return step


def _client_alone(entries: Entries, reading: Reading, common: Common) -> model.Step | None:
    node, within = entries["client"], _within(entries, reading)
    forms = [form for form in CLIENT_FORMS if isinstance(node, MappingNode) and form in node.entries]
    form = forms[0] if forms else "type"
    if "capture" in entries and form != "type":
        reading.flaw(entries["capture"], "expected a capture beside a client message only")
    if form == "type":
        captures = _captures(entries["capture"], reading) if "capture" in entries else {}
        pattern = message_pattern(node, reading)
        return model.ClientSends(pattern=pattern, captures=captures, within=within, **common)
    value = reading.mapping(node, (form,))[form]
    if form == "audio":
        return model.ClientStreams(seconds=reading.length(value), within=within, **common)
    if form == "closes":
        code = None if value.value is True else reading.whole(value, 1000, 4999)
        return model.ClientCloses(code=code, within=within, **common)
    if within is not None:
        reading.flaw(
            entries["within"], f"expected no 'within' beside {form}; the service's own limit ends it"
        )
    reading.always_true(value)
    if form == "silent":
        return model.ClientStaysSilent(**common)
    if reading.dialect is Dialect.EARLY_ACCESS:
        reading.flaw(value, "expected no 'stays': early-access sessions do not end for their length")
    return model.ClientStays(**common)


def _captures(node: Node, reading: Reading) -> dict[str, str]:
    entries = reading.entries(node, "a mapping of names to JSON pointers")
    captures = {}
    for name, child in entries.entries.items():
        if not is_name(name) or name in PRESETS:
            reading.flaw(entries.keys[name], f"expected a new name of letters, digits and '_', got {name!r}")
        pointer = child.value
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            reading.unexpected(child, "a JSON pointer such as /agent/greeting")
            continue
        captures[name] = pointer
    return captures


def read_fault(entries: Entries, reading: Reading, common: Common) -> model.FaultStrikes | None:
    """A fault by its name, or as a mapping of its name to its parameters."""
    node = entries["fault"]
    whole = node if isinstance(node, MappingNode) else None
    if whole is not None and len(whole.entries) != 1:
        reading.unexpected(node, "one fault: its name, or a mapping of its name to its parameters")
        return None
    name = next(iter(whole.entries)) if whole else reading.text(node, "the name of a fault")
    if name not in FAULTS:
        if name:
            hint = nearest(name, FAULTS) or "; `mockagent faults` lists them"
            reading.flaw(whole.keys[name] if whole else node, f"unknown fault {name!r}{hint}")
        return None
    fault = FAULTS[name]
    given = reading.entries(whole.entries[name], f"the parameters of {name}") if whole else None
    values = _values(fault, given, reading)
    breaks = common["breaks"] | fault.breaks
    return model.FaultStrikes(fault=name, values=values, **{**common, "breaks": breaks})


def _values(fault: Fault, given: MappingNode | None, reading: Reading) -> dict[str, Any]:
    read = _parameters(fault, given, reading) if given else {}
    try:
        return fault.values(read)
    except ValueError as error:
        if given is not None:
            reading.flaw(given, f"{fault.name}: {error}")
        return read


def _parameters(fault: Fault, given: MappingNode, reading: Reading) -> dict[str, Any]:
    values = {}
    for key, node in given.entries.items():
        try:
            parameter = fault.parameter(key)
        except ValueError as error:
            reading.flaw(given.keys[key], str(error))
            continue
        try:
            values[key] = parameter.read(node.value)
        except ValueError as error:
            reading.flaw(node, str(error))
            continue
        if parameter.kind is Kind.TYPE:
            _type(node, Side.SERVER, reading)
    return values


def _type(node: Node, sender: Side, reading: Reading) -> str:
    """A message type that this side has in this dialect."""
    if not isinstance(node.value, str):
        reading.unexpected(node, f"the type of a {sender} message")
        return ""
    known = TYPES[reading.dialect, sender]
    if node.value not in known:
        reading.flaw(node, _unknown_type(node.value, sender, reading.dialect, known))
    return node.value


def _unknown_type(name: str, sender: Side, dialect: Dialect, known: Collection[str]) -> str:
    text = f"{dialect} has no {sender} message {name!r}"
    for other_dialect, other_sender in TYPES:
        if name in TYPES[other_dialect, other_sender]:
            return f"{text}; it is a {other_sender} message of {other_dialect}"
    return text + nearest(name, known)


def _server(entries: Entries, reading: Reading, common: Common) -> model.Step | None:
    node = entries["server"]
    if isinstance(node, MappingNode) and "closes" in node.entries:
        return _server_closes(node, reading, common)
    body, type = _server_message(node, reading)
    flaws = len(reading.flaws)
    if common["breaks"]:
        reading.text(type, "the type of a server message")
    else:
        _type(type, Side.SERVER, reading)
    if not common["breaks"] and len(reading.flaws) == flaws:
        _check_message(node, body, reading)
    return model.ServerSends(body=body, **common)


def _server_message(node: Node, reading: Reading) -> tuple[JsonObject, Node]:
    """A message and the node of its type (one without a value, where it has none)."""
    if isinstance(node, ScalarNode):
        return {"type": node.value}, node
    whole = reading.entries(node, "a message type, a mapping with type, or {closes: …}")
    return whole.value, whole.entries.get("type", ScalarNode(None, node.line, node.column))


def _check_message(node: Node, body: JsonObject, reading: Reading) -> None:
    for problem in reading.surroundings.problems(reading.dialect, Side.SERVER, body):
        where = f"{body['type']}{problem.pointer}"
        reading.flaw(_at(node, problem.pointer), f"{where}: expected {problem.expected}, got {problem.got}")


def _at(node: Node, pointer: str) -> Node:
    """The node a JSON pointer leads to, or the last one on the way that exists."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, MappingNode) and key in node.entries:
            node = node.entries[key]
        elif isinstance(node, ListNode) and key.isdecimal() and int(key) < len(node.items):
            node = node.items[int(key)]
    return node


def _server_closes(node: MappingNode, reading: Reading, common: Common) -> model.Step:
    entries = reading.mapping(node, ("closes", "reason"))
    value = entries["closes"]
    code = None if value.value is True else reading.whole(value, 1000, 4999)
    if code is not None and not is_sendable(code):
        reading.unexpected(value, f"true or a code that a close frame may carry ({WHICH})")
    reason = reading.text(entries["reason"]) if "reason" in entries else ""
    if reason and code is None:
        reading.flaw(
            entries["reason"], "expected no reason, since a close frame without a code has no room for one"
        )
    if len(reason.encode()) > 123:
        reading.flaw(entries["reason"], f"expected a reason of at most 123 bytes, got {len(reason.encode())}")
    return model.ServerCloses(code=code, reason=reason, **common)


def _wait(entries: Entries, reading: Reading, common: Common) -> model.Step:
    return model.Pause(seconds=reading.length(entries["wait"]), **common)


def _either(entries: Entries, reading: Reading, common: Common) -> model.Step:
    branches = _lists_of_steps(entries["either"], reading)
    return model.Either(branches=branches, within=_within(entries, reading), **common)


def _any_order(entries: Entries, reading: Reading, common: Common) -> model.Step:
    parts = _lists_of_steps(entries["any_order"], reading)
    return model.AnyOrder(parts=parts, within=_within(entries, reading), **common)


def _never(entries: Entries, reading: Reading, common: Common) -> model.Step:
    if "during" not in entries:
        where = "the steps in which it must not come; at the top of the file 'never' holds for all of them"
        reading.flaw(entries["never"], f"expected the key 'during' beside never: {where}")
    steps = read_steps(entries["during"], reading) if "during" in entries else ()
    return model.Never(bans=read_bans(entries["never"], reading), steps=steps, **common)


def read_bans(node: Node, reading: Reading) -> tuple[model.Ban, ...]:
    """What must never come: one thing of either side, or a list of them."""
    nodes = reading.items(node, _BANNED) if isinstance(node, ListNode) else (node,)
    return tuple(ban for each in nodes for ban in _bans_of(each, reading))


def _bans_of(node: Node, reading: Reading) -> Iterator[model.Ban]:
    if not isinstance(node, MappingNode) or not node.entries:
        reading.unexpected(node, _BANNED)
        return
    for side, what in reading.mapping(node, tuple(Side)).items():
        if isinstance(what, MappingNode) and "audio" in what.entries:
            reading.always_true(reading.mapping(what, ("audio",))["audio"])
            pattern = None
        else:
            pattern = message_pattern(what, reading, Side(side))
        yield model.Ban(Side(side), pattern, reading.place(node))
        if pattern and pattern.get("type") == messages.SETTINGS[reading.dialect]:
            reading.flaw(what, f"expected something else, since every session begins with {pattern['type']}")


def _lists_of_steps(node: Node, reading: Reading) -> tuple[tuple[model.Step, ...], ...]:
    return tuple(read_steps(item, reading) for item in reading.items(node, "at least two lists of steps", 2))


def _repeat(entries: Entries, reading: Reading, common: Common) -> model.Step:
    inner = reading.mapping(entries["repeat"], REPEAT_KEYS)
    for key in REPEAT_KEYS:
        if key not in inner and isinstance(entries["repeat"], MappingNode):
            reading.flaw(entries["repeat"], f"expected the key {key!r}, got none")
    times = reading.whole(inner["times"], 1, MOST_TIMES) if "times" in inner else 1
    steps = read_steps(inner["steps"], reading) if "steps" in inner else ()
    return model.Repeat(times=times, steps=steps, within=_within(entries, reading), **common)


_READERS: Mapping[str, Callable[[Entries, Reading, Common], model.Step | None]] = MappingProxyType(
    {
        "client": _client,
        "server": _server,
        "error": read_error,
        "warning": read_warning,
        "user": read_user,
        "agent": read_agent,
        "call": read_call,
        "wait": _wait,
        "either": _either,
        "any_order": _any_order,
        "never": _never,
        "repeat": _repeat,
        "fault": read_fault,
    }
)
