"""The types of message each side may send in each dialect, and where the schema of each one lies.

The table is written down so that a type can be named, or its nearest neighbour suggested, without reading
a file; it holds the same names as the folders under schemas/.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mockagent.protocol.events import Dialect, Side

TYPES: Mapping[tuple[Dialect, Side], tuple[str, ...]] = MappingProxyType(
    {
        (Dialect.V1, Side.CLIENT): (
            "Settings",
            "UpdatePrompt",
            "UpdateSpeak",
            "UpdateThink",
            "UpdateListen",
            "InjectUserMessage",
            "InjectAgentMessage",
            "FunctionCallResponse",
            "KeepAlive",
            "ForceEndTurn",
            "UpdateThink_Live",
            "__customToThinkProvider",
        ),
        (Dialect.V1, Side.SERVER): (
            "Welcome",
            "SettingsApplied",
            "ConversationText",
            "UserStartedSpeaking",
            "AgentThinking",
            "FunctionCallRequest",
            "FunctionCallCancelled",
            "FunctionCallResponse",
            "AgentStartedSpeaking",
            "AgentAudioDone",
            "LatencyReport",
            "History",
            "PromptUpdated",
            "SpeakUpdated",
            "ThinkUpdated",
            "ListenUpdated",
            "InjectionRefused",
            "Warning",
            "Error",
            "ThinkLiveUpdated",
            "FrustrationDetected",
            "__customFromThinkProvider",
        ),
        (Dialect.EARLY_ACCESS, Side.CLIENT): (
            "SettingsConfiguration",
            "UpdateInstructions",
            "UpdateSpeak",
            "InjectAgentMessage",
            "FunctionCallResponse",
            "KeepAlive",
        ),
        (Dialect.EARLY_ACCESS, Side.SERVER): (
            "Welcome",
            "SettingsApplied",
            "ConversationText",
            "UserStartedSpeaking",
            "AgentThinking",
            "FunctionCallRequest",
            "FunctionCalling",
            "AgentStartedSpeaking",
            "AgentAudioDone",
            "InjectionRefused",
            "Error",
        ),
    }
)

PATHS: Mapping[Dialect, str] = MappingProxyType(
    {Dialect.V1: "/v1/agent/converse", Dialect.EARLY_ACCESS: "/agent"}
)
"""Where each dialect is served. Source: the migration guide, https://developers.deepgram.com/docs/voice-agent-v1-migration."""

LIVE_HOSTS = (
    "agent.deepgram.com",
    "api.deepgram.com",
    "api.eu.deepgram.com",
    "api.au.deepgram.com",
    "api.in.deepgram.com",
)
"""Where the live service serves those paths: its own host, and the regional ones. SDKs also list the think models
there, the Python SDK 5.x at api.deepgram.com. Source: https://developers.deepgram.com/reference/regional-endpoints."""

_FOLDERS = {Dialect.V1: "v1", Dialect.EARLY_ACCESS: "early_access"}


def path_of(dialect: Dialect, sender: Side, type: str) -> str:
    """The schema file of a type, below schemas/: "v1/client/Settings.json". The type need not exist."""
    return f"{_FOLDERS[dialect]}/{sender.value}/{type}.json"
