"""The house agent: what is played when no scenario is. It greets, answers any turn, and calls functions by name.

It understands what is typed (InjectUserMessage); of what is spoken it knows only how long it took.
"""

import re
from collections.abc import Mapping
from typing import Any

from mockagent.protocol import configuration
from mockagent.scenario.calls import call_turn
from mockagent.scenario.cues import Cue, Heard, Script, StepFailed, TurnForced, Waiting, Want
from mockagent.scenario.model import AgentTurn, Call, CallTurn
from mockagent.scenario.reply import Reply
from mockagent.scenario.scene import Scene
from mockagent.scenario.turns import message_of, reply_begun


def house(scene: Scene) -> Script:
    """Greet as Settings asks, then answer whatever the user says, for as long as the session lasts."""
    greeting = configuration.greeting_of(scene.settings) or configuration.DEFAULT_GREETING
    scene.floor.say(Reply((greeting,)), scene.now)
    while True:
        cue = yield Want(_is_turn, expects="the user", listens=True, takes_held=True, must=False)
        if isinstance(cue, Heard):
            text = yield from _spoken(scene)
        else:
            text = str((message_of(cue, "InjectUserMessage") or {}).get("content", ""))
        scene.user_ends(text, scene.now)
        yield from _reply(scene, text)


def _is_turn(cue: Cue) -> bool:
    return (isinstance(cue, Heard) and cue.started) or message_of(cue, "InjectUserMessage") is not None


def _spoken(scene: Scene) -> Waiting[str]:
    began_at = scene.now
    scene.user_starts(began_at)
    cue = yield Want(
        lambda cue: isinstance(cue, TurnForced) or (isinstance(cue, Heard) and not cue.started),
        expects="the end of the speech",
        listens=True,
        must=False,
    )
    return f"({cue.at - began_at:.1f} seconds of speech)"


def _reply(scene: Scene, text: str) -> Script:
    called = _function_named(scene, text)
    if called is None:
        yield from _say(scene, _answer(text))
        return
    name, function = called
    arguments = example_for(function.get("parameters", {}))
    call = Call(name, _verbatim(arguments) if isinstance(arguments, dict) else {}, capture="result")
    try:
        yield from call_turn(scene, CallTurn(calls=(call,)))
    except StepFailed as failure:
        yield from _say(scene, f"I called {name}, but expected {failure.expected} and got {failure.got}.")
        return
    yield from _say(scene, f"{name} says: {scene.names['result']}")


def _say(scene: Scene, text: str) -> Script:
    """Say it without waiting for the end: the user may interrupt at any time."""
    yield from reply_begun(scene, AgentTurn(texts=(_verbatim(text),)))


def _answer(text: str) -> str:
    if text.startswith("("):
        return (
            "I heard you, though I do not understand speech. Type something, or name one of your functions."
        )
    return f"You said: {text}" if text.strip() else "I heard nothing."


def _function_named(scene: Scene, text: str) -> tuple[str, Mapping[str, Any]] | None:
    said = _words(text)
    for name, function in configuration.functions_of(scene.settings).items():
        if _words(name) and _words(name) in said:
            return name, function
    return None


def _words(text: str) -> str:
    """The words of a text or name, lower case, one blank between them: get_weather is "get weather"."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return " ".join(re.findall(r"\w+", apart.replace("_", " ").lower()))


def _verbatim(value: Any) -> Any:
    """The JSON value such that no text in it is taken for a template: the client chose it."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: _verbatim(part) for key, part in value.items()}
    return [_verbatim(part) for part in value] if isinstance(value, list) else value


def example_for(schema: Any) -> Any:
    """A value that a function's parameters allow: defaults and enumerations first, else something of the type.

    Whatever the client sent as a schema, something comes back.
    """
    if not isinstance(schema, Mapping):
        return {}
    for keyword in ("default", "const"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("enum", "examples"):
        if isinstance(schema.get(keyword), list) and schema[keyword]:
            return schema[keyword][0]
    match schema.get("type", "object"):
        case "string":
            return "example"
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "array":
            return [example_for(schema.get("items", _SOME_TEXT))]
        case _:
            return _example_of_object(schema)


def _example_of_object(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required")
    names = required if isinstance(required, list) and required else properties
    return {name: example_for(properties.get(name, _SOME_TEXT)) for name in names if isinstance(name, str)}


_SOME_TEXT = {"type": "string"}
