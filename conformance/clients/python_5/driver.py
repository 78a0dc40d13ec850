"""deepgram-sdk 5.x, the synchronous client: one thread listens, this one speaks."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import pydantic

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conversation import (
    GREETING,
    INPUT_RATE,
    OUTPUT_RATE,
    PROMPT,
    WEATHER_FUNCTION,
    CannotSend,
    Conversation,
)
from deepgram import DeepgramClient
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from deepgram.extensions.types.sockets import (
    AgentV1Agent,
    AgentV1AudioConfig,
    AgentV1AudioInput,
    AgentV1AudioOutput,
    AgentV1ControlMessage,
    AgentV1DeepgramSpeakProvider,
    AgentV1Function,
    AgentV1FunctionCallRequestEvent,
    AgentV1FunctionCallResponseMessage,
    AgentV1InjectAgentMessageMessage,
    AgentV1InjectUserMessageMessage,
    AgentV1Listen,
    AgentV1ListenProvider,
    AgentV1OpenAiThinkProvider,
    AgentV1SettingsMessage,
    AgentV1SpeakProviderConfig,
    AgentV1Think,
    AgentV1UpdatePromptMessage,
    AgentV1UpdateSpeakMessage,
)
from play import run


def settings(asked_for: dict[str, Any] | None) -> AgentV1SettingsMessage:
    """Those that are asked for; otherwise a weather agent with one function that the client runs."""
    if asked_for is not None:
        return typed(AgentV1SettingsMessage, asked_for)
    return AgentV1SettingsMessage(
        audio=AgentV1AudioConfig(
            input=AgentV1AudioInput(encoding="linear16", sample_rate=INPUT_RATE),
            output=AgentV1AudioOutput(encoding="linear16", sample_rate=OUTPUT_RATE, container="none"),
        ),
        agent=AgentV1Agent(
            listen=AgentV1Listen(provider=AgentV1ListenProvider(model="nova-3")),
            think=AgentV1Think(
                provider=AgentV1OpenAiThinkProvider(model="gpt-4o-mini"),
                prompt=PROMPT,
                functions=[AgentV1Function(**WEATHER_FUNCTION)],
            ),
            speak=AgentV1SpeakProviderConfig(provider=AgentV1DeepgramSpeakProvider(model="aura-2-thalia-en")),
            greeting=GREETING,
        ),
    )


def typed(kind: Any, body: dict[str, Any]) -> Any:
    """The SDK's object for a message; CannotSend where its types have no room for it."""
    try:
        return kind(**body)
    except pydantic.ValidationError as problem:
        first = problem.errors()[0]
        raise CannotSend(f"{body['type']}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from problem


def send(connection: Any, message: dict[str, Any]) -> None:
    """Sends a message by the SDK's method for it."""
    match message["type"]:
        case "UpdatePrompt":
            connection.send_update_prompt(typed(AgentV1UpdatePromptMessage, message))
        case "UpdateSpeak":
            connection.send_update_speak(typed(AgentV1UpdateSpeakMessage, message))
        case "InjectAgentMessage" if "message" in message:
            connection.send_inject_agent_message(typed(AgentV1InjectAgentMessageMessage, message))
        case "InjectUserMessage":
            connection.send_inject_user_message(typed(AgentV1InjectUserMessageMessage, message))
        case "KeepAlive":
            connection.send_control(typed(AgentV1ControlMessage, message))
        case other:
            raise CannotSend(other)


def seen(message: Any) -> dict[str, Any]:
    """The message as Conversation.heard takes it; this SDK types what it lacks as some other message."""
    class_name = type(message).__name__
    if not hasattr(message, "model_dump"):
        return {
            "name": class_name,
            "wire_type": None,
            "class_name": class_name,
            "known": False,
            "body": message,
        }
    event = class_name.removeprefix("AgentV1").removesuffix("Event").removesuffix("Message")
    event = "History" if event == "HistoryFunctionCalls" else event
    return {
        "name": event,
        "wire_type": message.type,
        "class_name": class_name,
        "known": event == message.type,
        "body": message.model_dump(mode="json"),
    }


def converse(conversation: Conversation) -> None:
    task = conversation.task
    environment = DeepgramClientEnvironment.PRODUCTION
    if not task.unmodified:
        environment = DeepgramClientEnvironment(base=task.http_url, production=task.origin, agent=task.origin)
    client = DeepgramClient(api_key=task.api_key, environment=environment)
    with client.agent.v1.connect() as connection:

        def on_message(message: Any) -> None:
            if isinstance(message, bytes):
                conversation.heard_audio(len(message))
                return
            conversation.heard(**seen(message))
            if isinstance(message, AgentV1FunctionCallRequestEvent):
                respond(message)

        def respond(request: AgentV1FunctionCallRequestEvent) -> None:
            for call in request.functions:
                if call.client_side:
                    connection.send_function_call_response(
                        AgentV1FunctionCallResponseMessage(
                            id=call.id, name=call.name, content=conversation.answer(call.name, call.arguments)
                        )
                    )

        connection.on(EventType.MESSAGE, on_message)
        connection.on(EventType.ERROR, conversation.broke)
        connection.on(EventType.CLOSE, lambda _: conversation.closed())
        listening = threading.Thread(target=connection.start_listening, daemon=True)
        listening.start()
        connection.send_settings(settings(conversation.settings()))
        while not conversation.over():
            with conversation.sending():
                for each in conversation.messages():
                    send(connection, each)
                if (chunk := conversation.chunk()) is not None:
                    connection.send_media(chunk)
            time.sleep(conversation.chunk_every)
    listening.join(timeout=5)


if __name__ == "__main__":
    sys.exit(run(converse))
