"""Settings for a service with a language model: a prompt that has it say the agent's lines, and call functions.

Pure. What the scenario's own Settings ask for stays as it is. The words are not held against the service: the prompt
only makes the shape of the conversation likely.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockagent.protocol import configuration
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.scenario import model
from mockagent.scenario.lines import Lines
from mockagent.scenario.templates import filled, names_in

_ORDER = (
    "You are the agent in a rehearsed phone call. Keep to the script below: after each thing the caller says, do what "
    "it says next, in this order, in these words, and add nothing. The caller may word things otherwise."
)


def briefed(settings: JsonObject, lines: Lines, dialect: Dialect) -> JsonObject:
    """The Settings with a greeting where the agent speaks first, and with the script as the prompt."""
    agent = settings.get("agent")
    if configuration.is_flat(settings) or not isinstance(agent, Mapping):
        return settings
    steps = [
        line.step
        for line in lines
        if isinstance(line.step, model.UserTurn | model.AgentTurn | model.CallTurn)
    ]
    agent = dict(agent)
    if steps and isinstance(steps[0], model.AgentTurn):
        if dialect is Dialect.V1:
            agent.setdefault("greeting", _said(steps[0]))
        steps = steps[1:]
    agent["think"] = _with_prompt(agent.get("think"), "\n".join((_ORDER, *_script(steps))), dialect)
    return {**settings, "agent": agent}


def _with_prompt(think: Any, prompt: str, dialect: Dialect) -> Any:
    field = "prompt" if dialect is Dialect.V1 else "instructions"
    if isinstance(think, list):
        return [_with_prompt(each, prompt, dialect) for each in think]
    return {**think, field: think.get(field, prompt)} if isinstance(think, Mapping) else think


def _script(steps: Sequence[model.Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        match step:
            case model.UserTurn(text=text):
                yield f"{number}. The caller says: {text}"
            case model.AgentTurn():
                yield f"{number}. You say: {_said(step)}"
            case model.CallTurn(calls=calls):
                called = "; ".join(f"{call.name} with {json.dumps(call.arguments)}" for call in calls)
                yield f"{number}. You call these functions, all at once: {called}"


def _said(step: model.AgentTurn) -> str:
    """The text of a turn; what a real client would have said first is left out of it."""
    names = dict.fromkeys(names_in(list(step.texts)), "")
    usual = {**names, "greeting": configuration.DEFAULT_GREETING} if "greeting" in names else names
    return str(filled(" ".join(step.texts), usual))
