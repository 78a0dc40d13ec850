"""What the drivers of deepgram-sdk 7.x share: its environment, what it sends, its names for what arrives."""

from typing import Any

from conversation import GREETING, INPUT_RATE, OUTPUT_RATE, PROMPT, WEATHER_FUNCTION, CannotSend, Task
from deepgram.agent.v1.types import (
    AgentV1CustomToThinkProvider,
    AgentV1ForceEndTurn,
    AgentV1InjectAgentMessage,
    AgentV1InjectDynamicAgentMessage,
    AgentV1InjectUserMessage,
    AgentV1KeepAlive,
    AgentV1Settings,
    AgentV1SettingsAgent,
    AgentV1SettingsAgentListen,
    AgentV1SettingsAgentListenProvider_V1,
    AgentV1SettingsAudio,
    AgentV1SettingsAudioInput,
    AgentV1SettingsAudioOutput,
    AgentV1UpdateListen,
    AgentV1UpdatePrompt,
    AgentV1UpdateSpeak,
    AgentV1UpdateThink,
    AgentV1UpdateThinkLive,
)
from deepgram.environment import DeepgramClientEnvironment
from deepgram.types.speak_settings_v1 import SpeakSettingsV1
from deepgram.types.speak_settings_v1provider import SpeakSettingsV1Provider_Deepgram
from deepgram.types.think_settings_v1 import ThinkSettingsV1
from deepgram.types.think_settings_v1functions_item import ThinkSettingsV1FunctionsItem
from deepgram.types.think_settings_v1provider import ThinkSettingsV1Provider_OpenAi

# The SDK's class for these carries another name than the message.
RENAMED = {
    "CustomFromThinkProvider": "__customFromThinkProvider",
    "ReceiveFunctionCallResponse": "FunctionCallResponse",
    "HistoryContent": "History",
    "HistoryFunctionCalls": "History",
    "ConversationHistoryMessage": "History",
    "FunctionCallHistoryMessage": "History",
}


def environment(task: Task) -> DeepgramClientEnvironment:
    """Every host of the SDK, moved to the one under test; or as they are, which is the SDK's own default."""
    if task.unmodified:
        return DeepgramClientEnvironment.PRODUCTION
    return DeepgramClientEnvironment(
        base=task.http_url, production=task.origin, agent=task.origin, agent_rest=task.http_url
    )


def settings(asked_for: dict[str, Any] | None) -> AgentV1Settings:
    """Those that are asked for; otherwise a weather agent with one function that the client runs."""
    if asked_for is not None:
        return AgentV1Settings(**asked_for)
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


def send(connection: Any, message: dict[str, Any]) -> Any:
    """Sends a message by the SDK's method for it; for the asynchronous client what comes back is to be awaited."""
    is_dynamic = message.get("is_dynamic")
    match message["type"]:
        case "UpdatePrompt":
            return connection.send_update_prompt(AgentV1UpdatePrompt(**message))
        case "UpdateSpeak":
            return connection.send_update_speak(AgentV1UpdateSpeak(**message))
        case "UpdateThink":
            return connection.send_update_think(AgentV1UpdateThink(**message))
        case "UpdateListen":
            return connection.send_update_listen(AgentV1UpdateListen(**message))
        case "UpdateThink_Live":
            return connection.send_update_think_live(AgentV1UpdateThinkLive(**message))
        case "InjectAgentMessage" if is_dynamic:
            return connection.send_inject_dynamic_agent_message(AgentV1InjectDynamicAgentMessage(**message))
        case "InjectAgentMessage":
            return connection.send_inject_agent_message(AgentV1InjectAgentMessage(**message))
        case "InjectUserMessage":
            return connection.send_inject_user_message(AgentV1InjectUserMessage(**message))
        case "KeepAlive":
            return connection.send_keep_alive(AgentV1KeepAlive(**message))
        case "ForceEndTurn":
            return connection.send_force_end_turn(AgentV1ForceEndTurn(**message))
        case "__customToThinkProvider":
            return connection.send_custom_to_think_provider(AgentV1CustomToThinkProvider(**message))
        case other:
            raise CannotSend(other)


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
