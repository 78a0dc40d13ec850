"""What the reference client says: for each pattern of a scenario a valid message that fits it. Pure.

Where a pattern leaves something open, the example of the message's schema fills it in.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.messages import FunctionCall
from mockagent.scenario import model
from mockagent.scenario.fallback import providers_needed, with_fallbacks
from mockagent.scenario.ideal import calls_in, defined
from mockagent.scenario.lines import Lines
from mockagent.scenario.matching import ANYTHING, matches
from mockagent.scenario.opening import is_settings

SOMETHING = "something"
ENDPOINT = "https://functions.example.com/"
"""Where functions that the server runs are said to be, unless a test has a place where they really are."""


@dataclass(slots=True)
class Sayings:
    """`example` gives a valid body of a client's message type; `answers` what a function of that name returns.

    `endpoint` is where those are that the server runs. `brief` may add to the Settings what only a server wants that
    finds its own words.
    """

    dialect: Dialect
    example: Callable[[str], JsonObject]
    answers: Mapping[str, str] = field(default_factory=dict)
    endpoint: str = ENDPOINT
    brief: Callable[[JsonObject], JsonObject] = lambda settings: settings
    _statements: Iterable[int] = field(default_factory=lambda: count(1))
    _needed: Mapping[str, int] = field(default_factory=dict)

    def settings(self, lines: Lines) -> JsonObject:
        """The Settings that these lines need: what their own step asks for, and each function they call."""
        body = dict(self.example(messages.SETTINGS[self.dialect]))
        functions: dict[str, JsonObject] = {}
        for line in lines:
            if isinstance(line.step, model.ClientSends) and is_settings(line.step, self.dialect):
                pattern = line.step.pattern
                body = fitting(pattern, {**body, "agent": {}} if configuration.is_flat(pattern) else body)
            functions |= {call.name: self._function(call) for call in calls_in(line.step)}
        self._needed = providers_needed(line.step for line in lines)
        body = dict(_with_functions(body, functions))
        if max(self._needed.values()) > 1:
            body = {**body, "agent": self._with_fallbacks(body["agent"])}
        return self.brief(body)

    def _with_fallbacks(self, body: Mapping[str, Any]) -> JsonObject:
        """A message with as many providers of each part that it names as the lines need."""
        more = {
            part: with_fallbacks(body[part], part, number)
            for part, number in self._needed.items()
            if number > 1 and isinstance(body.get(part), Mapping)
        }
        return {**body, **more}

    def message(self, pattern: Mapping[str, Any]) -> JsonObject:
        """A message that fits; each statement to inject is a new one."""
        type = str(pattern["type"])
        body: dict[str, Any] = fitting(pattern, self.example(type))
        if pattern.get("is_dynamic") is True:
            body.pop("message")
        elif type == "InjectAgentMessage" and not {"message", "content"} & pattern.keys():
            body["message"] = f"This is statement {next(iter(self._statements))} of the client."
        if type in ("UpdateThink", "UpdateSpeak") and not {"think", "speak"} & pattern.keys():
            return self._with_fallbacks(body)
        return body

    def typed(self, step: model.UserTurn) -> JsonObject:
        """The InjectUserMessage in place of a spoken turn."""
        return {"type": "InjectUserMessage", "content": fitting(step.pattern, step.text)}

    def answer(self, pending: FunctionCall, calls: Iterable[model.Call]) -> JsonObject:
        """The answer to one of those calls."""
        pattern = next((call.answer for call in calls if call.name == pending.name), ANYTHING)
        content = self.answers.get(pending.name)
        if content is None:
            content = str(fitting(pattern, json.dumps({"result": SOMETHING})))
        return messages.function_call_response(self.dialect, pending, content)

    def _function(self, call: model.Call) -> JsonObject:
        function: dict[str, Any] = {
            "name": call.name,
            "description": f"Does what {call.name} says",
            "parameters": {"type": "object", "properties": {name: {} for name in call.arguments}},
        }
        if call.server_side:
            where: JsonObject = {"url": self.endpoint}
            function |= {"endpoint": where} if self.dialect is Dialect.V1 else where
        return function


def fitting(pattern: Any, example: Any = SOMETHING) -> Any:
    """A JSON value that fits a pattern: the example where that fits, and as much of it as may stay where not."""
    if isinstance(pattern, Mapping):
        given = dict(example) if isinstance(example, Mapping) else {}
        return given | {key: fitting(part, given.get(key, SOMETHING)) for key, part in pattern.items()}
    if isinstance(pattern, list | tuple):
        return [fitting(part) for part in pattern]
    if matches(pattern, example):
        return example
    if not isinstance(pattern, str):
        return pattern
    if pattern[0] == pattern[-1] == "/" and len(pattern) > 2:
        return _text_for(pattern)
    return pattern[1:] if pattern[0] in "~=" else pattern


def _text_for(pattern: str) -> str:
    """A text in which a simple regular expression is found; ValueError where only a person can think of one."""
    for branch in pattern[1:-1].split("|"):
        text = re.sub(r"\\(\W)", r"\1", branch.removeprefix("^").removesuffix("$"))
        if matches(pattern, text):
            return text
    raise ValueError(f"no text that fits {pattern} comes to mind; give it by hand")


def _with_functions(body: Mapping[str, Any], functions: Mapping[str, JsonObject]) -> JsonObject:
    if not functions:
        return body
    agent = dict(body["agent"])
    agent["think"] = {**agent["think"], "functions": defined(configuration.functions_of(body), functions)}
    return {**body, "agent": agent}
