"""The ideal client of a scenario: what it sends when it does exactly what each step waits for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Dialect, JsonObject, Message
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario import model
from mockagent.scenario.fallback import providers_needed, with_fallbacks
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


_VOICE = {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}
"""A voice that speaks in every format; Settings that name none get one that does not."""


def settings_of(scenario: Scenario, lines: Lines) -> JsonObject:
    """A Settings with which the scenario can be played: what its step asks for, and the functions it calls."""
    functions: dict[str, JsonObject] = {}
    pattern: Mapping[str, Any] = {}
    for line in lines:
        if isinstance(line.step, model.ClientSends) and is_settings(line.step, scenario.dialect):
            pattern = line.step.pattern
        functions |= {call.name: _function(call, scenario.dialect) for call in calls_in(line.step)}
    settings = {"type": messages.SETTINGS[scenario.dialect], **_body(pattern)}
    if configuration.is_flat(settings):
        return settings
    agent = settings.get("agent")
    agent = dict(agent) if isinstance(agent, Mapping) else {}
    think = agent.get("think")
    first, *others = think if isinstance(think, list) and think else [think]
    every = defined(configuration.functions_of(settings), functions)
    first = {**(first if isinstance(first, Mapping) else {}), "functions": every}
    agent["think"] = [first, *others] if isinstance(think, list) else first
    if scenario.dialect is Dialect.V1:
        agent.setdefault("speak", _VOICE)
    for part, number in providers_needed(line.step for line in lines).items():
        block = agent.get(part, {})
        if number > 1 and isinstance(block, Mapping):
            agent[part] = with_fallbacks(block, part, number)
    return {**settings, "agent": agent}


def defined(asked: Mapping[str, JsonObject], called: Mapping[str, JsonObject]) -> list[JsonObject]:
    """The functions of a Settings: those that the scenario asks for, then the others that it calls, all by name."""
    return [{**called.get(name, {}), **asked.get(name, {})} for name in {**asked, **called}]


def calls_in(step: Step) -> tuple[model.Call, ...]:
    """The functions that a step has the agent call."""
    match step:
        case model.CallTurn(calls=calls):
            return calls
        case model.UserTurn(speculates=model.Speculation(call=model.CallTurn(calls=calls))):
            return calls
    return ()


def in_order(calls: Iterable[FunctionCall], order: Sequence[str]) -> list[FunctionCall]:
    """The calls as they are to be answered: those that `order` names as they stand there, after all others."""
    return sorted(calls, key=lambda call: order.index(call.name) if call.name in order else -1)


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
    if pattern.get("is_dynamic") is True:
        known = {}  # the service is to find the words
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
        case model.UserTurn(speculates=speculates):
            if speculates and speculates.call:
                speculates = replace(speculates, call=_with_any_answers(speculates.call))
            return replace(step, text=_plain(step.text), pattern=ANYTHING, speculates=speculates)
        case model.AgentTurn():
            said = _plain(step.backchannel)
            return replace(step, texts=_plain(step.texts), thinking=_plain(step.thinking), backchannel=said)
        case model.ServerSends():
            return replace(step, body=_plain(step.body))
        case model.CallTurn():
            return _with_any_answers(step)
    return step


def _with_any_answers(step: model.CallTurn) -> model.CallTurn:
    return replace(step, calls=tuple(map(_open, step.calls)), thinking=_plain(step.thinking))


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
