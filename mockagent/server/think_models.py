"""The REST answer beside the WebSocket: the models that a think provider may name.

`GET /v1/agent/settings/think/models`, without credentials, since the JavaScript SDK 5.x sends none there.
Source: https://developers.deepgram.com/docs/voice-agent-llm-models.
"""

from mockagent.protocol.names import THINK_MODELS


def models() -> dict[str, list[dict[str, str]]]:
    """The body of the answer."""
    return {"models": [{"id": id, "name": name, "provider": provider} for id, name, provider in THINK_MODELS]}
