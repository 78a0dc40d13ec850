"""What the drivers of deepgram-sdk 7.x share: its environment, its Settings, its names for what arrives."""

from typing import Any

from conversation import GREETING, INPUT_RATE, OUTPUT_RATE, PROMPT, WEATHER_FUNCTION, Task
from deepgram.agent.v1.types import (
    AgentV1Settings,
    AgentV1SettingsAgent,
    AgentV1SettingsAgentListen,
    AgentV1SettingsAgentListenProvider_V1,
    AgentV1SettingsAudio,
    AgentV1SettingsAudioInput,
    AgentV1SettingsAudioOutput,
)
from deepgram.environment import DeepgramClientEnvironment
from deepgram.types.speak_settings_v1 import SpeakSettingsV1
from deepgram.types.speak_settings_v1provider import SpeakSettingsV1Provider_Deepgram
from deepgram.types.think_settings_v1 import ThinkSettingsV1
from deepgram.types.think_settings_v1functions_item import ThinkSettingsV1FunctionsItem
from deepgram.types.think_settings_v1provider import ThinkSettingsV1Provider_OpenAi

# The SDK's class for these carries another name than the message.
RENAMED = {
    "ReceiveFunctionCallResponse": "FunctionCallResponse",
    "HistoryContent": "History",
    "HistoryFunctionCalls": "History",
}


def environment(task: Task) -> DeepgramClientEnvironment:
    """Every host of the SDK, moved to the one under test; or as they are, which is the SDK's own default."""
    if task.unmodified:
        return DeepgramClientEnvironment.PRODUCTION
    return DeepgramClientEnvironment(
        base=task.http_url, production=task.origin, agent=task.origin, agent_rest=task.http_url
    )


def settings() -> AgentV1Settings:
    """A weather agent with one function that the client runs."""
    return AgentV1Settings(
        audio=AgentV1SettingsAudio(
            input=AgentV1SettingsAudioInput(encoding="linear16", sample_rate=INPUT_RATE),
            output=AgentV1SettingsAudioOutput(encoding="linear16", sample_rate=OUTPUT_RATE, container="none"),
        ),
        agent=AgentV1SettingsAgent(
            listen=AgentV1SettingsAgentListen(provider=AgentV1SettingsAgentListenProvider_V1(model="nova-3")),
            think=ThinkSettingsV1(
                provider=ThinkSettingsV1Provider_OpenAi(model="gpt-4o-mini"),
                prompt=PROMPT,
                functions=[ThinkSettingsV1FunctionsItem(**WEATHER_FUNCTION)],
            ),
            speak=SpeakSettingsV1(provider=SpeakSettingsV1Provider_Deepgram(model="aura-2-thalia-en")),
            greeting=GREETING,
        ),
    )


def seen(message: Any) -> dict[str, Any]:
    """The message as Conversation.heard takes it; a plain dict is what the SDK makes of a type it lacks."""
    class_name = type(message).__name__
    if not hasattr(message, "model_dump"):
        return {
            "name": class_name,
            "wire_type": message.get("type") if isinstance(message, dict) else None,
            "class_name": class_name,
            "known": False,
            "body": message,
        }
    event = class_name.removeprefix("AgentV1")
    event = RENAMED.get(event, event)
    return {
        "name": event,
        "wire_type": message.type,
        "class_name": class_name,
        "known": event == message.type,
        "body": message.model_dump(mode="json"),
    }
