"""What Settings and the updates after it amount to: the settings as they stand, and the prompt as the model has it.

Sources: the Update pages (https://developers.deepgram.com/docs/voice-agent-update-prompt and its neighbours); the
limit of the prompt from https://developers.deepgram.com/docs/voice-agent-errors-warnings (PROMPT_TOO_LONG).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockagent.protocol import configuration, messages
from mockagent.protocol.events import Dialect, JsonObject

MOST_CHARACTERS = 25_000
"""Characters (not bytes) of a prompt that a managed model takes; the rest is cut off."""

_FIXED = ("type", "version", "model")
_UNSAID = {"version": "v1"}
_CLEARED = "language_hints"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt as it stands; `was_cut` whether the change that led to it made it too long."""

    text: str = ""
    was_cut: bool = False


def settings_after(settings: JsonObject, type: str, update: JsonObject, dialect: Dialect) -> JsonObject:
    """The settings once an update is in effect; unchanged by what does not change them.

    UpdateThink and UpdateSpeak replace their whole block, UpdateListen is partial and loses the language hints
    that it leaves out. In early access UpdateSpeak names a model.
    """
    match type:
        case "UpdateThink" if "think" in update:
            return _with(settings, think=update["think"])
        case "UpdateThink_Live" if "think_live" in update:
            return _with(settings, think_live=update["think_live"])
        case "UpdateSpeak" | "UpdateListen" if configuration.names_stored_agent(settings):
            return settings
        case "UpdateSpeak" if dialect is Dialect.EARLY_ACCESS:
            return _with_model(settings, update.get("model"))
        case "UpdateSpeak" if "speak" in update:
            return _with(settings, speak=update["speak"])
        case "UpdateListen" if not changes_what_is_fixed(settings, update):
            return _listening(settings, update)
    return settings


def prompt_after(
    settings: JsonObject, prompt: str, type: str, body: JsonObject, dialect: Dialect
) -> Prompt | None:
    """The prompt once a Settings or an update is in effect; None for what says nothing of it.

    `settings` are those that hold by then. UpdatePrompt adds to the prompt, UpdateThink begins it anew.
    """
    if type in ("UpdatePrompt", "UpdateInstructions"):
        added = messages.added_prompt(body)
        text = f"{prompt}\n{added}" if prompt else added
    elif type == "UpdateThink" or type in messages.SETTINGS.values():
        text = configuration.prompt_of(settings)
    else:
        return None
    if len(text) > MOST_CHARACTERS and dialect is Dialect.V1 and is_managed(settings):
        return Prompt(text[:MOST_CHARACTERS], was_cut=True)
    return Prompt(text)


def is_managed(settings: JsonObject) -> bool:
    """Whether the vendor runs the model; of a stored agent nobody here can know."""
    return not configuration.names_stored_agent(settings) and not configuration.first_think(settings).get(
        "endpoint"
    )


def changes_what_is_fixed(settings: JsonObject | None, update: JsonObject) -> bool:
    """Whether an UpdateListen asks for what cannot change in a session: then nothing of it is done."""
    now = configuration.listen_provider(settings or {})
    wanted = configuration.listen_provider({"agent": update})
    return any(key in wanted and now and wanted[key] != now.get(key, _UNSAID.get(key)) for key in _FIXED)


def _listening(settings: JsonObject, update: JsonObject) -> JsonObject:
    wanted = configuration.listen_provider({"agent": update})
    now = {key: value for key, value in configuration.listen_provider(settings).items() if key != _CLEARED}
    listen = update.get("listen")
    others = listen if isinstance(listen, Mapping) else {}
    return _with(settings, listen={**others, "provider": {**now, **wanted}})


def _with_model(settings: JsonObject, model: Any) -> JsonObject:
    """Early access with another voice, in whichever of its two forms the settings are."""
    agent = _agent(settings)
    if "speak_model" in agent:
        return _with(settings, speak_model=model)
    speak = agent.get("speak")
    return _with(settings, speak={**(speak if isinstance(speak, Mapping) else {}), "model": model})


def _with(settings: JsonObject, **parts: Any) -> JsonObject:
    return {**settings, "agent": {**_agent(settings), **parts}}


def _agent(settings: JsonObject) -> JsonObject:
    agent = settings.get("agent")
    return agent if isinstance(agent, Mapping) else {}
