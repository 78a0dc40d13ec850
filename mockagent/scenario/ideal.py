"""The ideal client of a scenario: what it sends when it does exactly what each step waits for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, JsonObject, Message
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario import model
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.matching import ANYTHING
from mockagent.scenario.model import Scenario, Step
from mockagent.scenario.opening import is_settings
from mockagent.scenario.templates import PRESETS

ANY_TEXT = "…"
_TEMPLATE = re.compile(r"\$\{([^{}.]*)[^{}]*\}")

_SAID_BY_THE_CLIENT: Mapping[str, JsonObject] = MappingProxyType(
    {
        "InjectAgentMessage": {"message": "(a statement of the client)"},
        "InjectUserMessage": {"content": ANY_TEXT},
        "UpdatePrompt": {"prompt": ANY_TEXT},
        "UpdateInstructions": {"instructions": ANY_TEXT},
    }
)
"""What a message needs so that the service can act on it, where the step leaves it open."""


def settings_of(scenario: Scenario, lines: Iterable[Line]) -> JsonObject:
    """A Settings with which the scenario can be played: what its step asks for, and the functions it calls."""
    functions: dict[str, JsonObject] = {}
    pattern: Mapping[str, Any] = {}
    for line in lines:
        match line.step:
            case model.ClientSends(pattern=wanted) if is_settings(line.step, scenario.dialect):
                pattern = wanted
            case model.CallTurn(calls=calls):
                functions |= {call.name: _function(call, scenario.dialect) for call in calls}
    settings = {"type": messages.SETTINGS[scenario.dialect], **_body(pattern)}
    agent = settings.get("agent")
    agent = dict(agent) if isinstance(agent, Mapping) else {}
    think = agent.get("think")
    think = dict(think) if isinstance(think, Mapping) else {}
    agent["think"] = {**think, "functions": list(functions.values())}
    return {**settings, "agent": agent}


def message_for(pattern: Mapping[str, Any]) -> Message:
    """A message that fits a pattern as nearly as one can tell."""
    return Message(str(pattern["type"]), _body(pattern))


def typed_for(step: model.UserTurn) -> Message:
    """The InjectUserMessage in place of a user turn."""
    content = step.text if step.pattern == ANYTHING else _value(step.pattern)
    return Message("InjectUserMessage", {"type": "InjectUserMessage", "content": content})


def typed_as(step: model.UserTurn) -> JsonObject | None:
    """The pattern of that InjectUserMessage, unless any text will do."""
    return None if step.pattern == ANYTHING else {"type": "InjectUserMessage", "content": step.pattern}


def answer_to(pending: FunctionCall, call: model.Call, dialect: Dialect) -> Message:
    """The client's answer to a pending call."""
    content = _value(call.answer)
    said = content if isinstance(content, str) else ANY_TEXT
    return Message("FunctionCallResponse", messages.function_call_response(dialect, pending, said))


def injections_after(lines: Lines, at: int) -> list[Line]:
    """The InjectAgentMessage lines right after an uninterrupted agent turn: they come while it is being said."""
    step = lines[at].step
    if not isinstance(step, model.AgentTurn) or step.interrupted:
        return []
    following = takewhile(lambda line: _is_injection(line.step), lines[at + 1 :])
    return list(following)


def _is_injection(step: Step) -> bool:
    return isinstance(step, model.ClientSends) and step.pattern["type"] == "InjectAgentMessage"


def _body(pattern: Mapping[str, Any]) -> dict[str, Any]:
    known = _SAID_BY_THE_CLIENT.get(str(pattern.get("type")), {})
    return {**known, **_value(pattern)}


def _value(pattern: Any) -> Any:
    """A value that fits a pattern; for a regular expression the expression itself."""
    if isinstance(pattern, Mapping):
        return {key: _value(part) for key, part in pattern.items()}
    if isinstance(pattern, str):
        if pattern == ANYTHING:
            return ANY_TEXT
        return pattern[1:] if pattern[:1] in ("~", "=") else pattern
    if isinstance(pattern, Sequence):
        return [_value(part) for part in pattern]
    return pattern


def with_any_answer(step: Step) -> Step:
    """The step as the ideal client meets it: it waits for no more than the right kind of message, and its texts
    quote nothing that only a real client could have said."""
    match step:
        case model.ClientSends(pattern=pattern):
            return replace(step, pattern={"type": pattern["type"]}, captures={})
        case model.UserTurn():
            return replace(step, text=_plain(step.text), pattern=ANYTHING)
        case model.AgentTurn():
            return replace(step, texts=_plain(step.texts), thinking=_plain(step.thinking))
        case model.ServerSends():
            return replace(step, body=_plain(step.body))
        case model.CallTurn(calls=calls):
            return replace(step, calls=tuple(map(_open, calls)), thinking=_plain(step.thinking))
    return step


def _open(call: model.Call) -> model.Call:
    return replace(
        call, arguments=_plain(call.arguments), answer=ANYTHING, capture=None, result=_plain(call.result)
    )


def _plain(value: Any) -> Any:
    """The value with every captured name in its texts written as ‹name›."""
    if isinstance(value, str):
        return _TEMPLATE.sub(lambda found: found[0] if found[1] in PRESETS else f"‹{found[0][2:-1]}›", value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _function(call: model.Call, dialect: Dialect) -> JsonObject:
    function: dict[str, Any] = {"name": call.name, "description": ANY_TEXT, "parameters": {"type": "object"}}
    if call.server_side:
        url = "https://example.com/"
        function |= {"endpoint": {"url": url}} if dialect is Dialect.V1 else {"url": url}
    return function
