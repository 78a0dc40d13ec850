"""The REST answer beside the WebSocket: the models that a think provider may name.

`GET /v1/agent/settings/think/models`, without credentials, since the JavaScript SDK 5.x sends none there.
Source: https://developers.deepgram.com/docs/voice-agent-llm-models.
"""

_MODELS = (
    ("gpt-5", "GPT-5", "open_ai"),
    ("gpt-5-mini", "GPT-5 mini", "open_ai"),
    ("gpt-5-nano", "GPT-5 nano", "open_ai"),
    ("gpt-4.1", "GPT-4.1", "open_ai"),
    ("gpt-4.1-mini", "GPT-4.1 mini", "open_ai"),
    ("gpt-4.1-nano", "GPT-4.1 nano", "open_ai"),
    ("gpt-4o", "GPT-4o", "open_ai"),
    ("gpt-4o-mini", "GPT-4o mini", "open_ai"),
    ("claude-4-5-haiku-latest", "Claude 4.5 Haiku", "anthropic"),
    ("claude-3-5-haiku-latest", "Claude 3.5 Haiku", "anthropic"),
    ("claude-sonnet-4-20250514", "Claude Sonnet 4", "anthropic"),
    ("gemini-2.5-flash", "Gemini 2.5 Flash", "google"),
    ("gemini-2.0-flash", "Gemini 2.0 Flash", "google"),
    ("gemini-2.0-flash-lite", "Gemini 2.0 Flash Lite", "google"),
    ("openai/gpt-oss-20b", "GPT OSS 20B", "groq"),
)


def models() -> dict[str, list[dict[str, str]]]:
    """The body of the answer."""
    return {"models": [{"id": id, "name": name, "provider": provider} for id, name, provider in _MODELS]}
