"""deepgram-sdk 3.11, the synchronous agent WebSocket of the early access dialect."""

import ast
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conversation import (
    INPUT_RATE,
    OUTPUT_RATE,
    PROMPT,
    WEATHER_FUNCTION,
    Conversation,
    answer,
    run,
)
from deepgram import (
    AgentWebSocketEvents,
    DeepgramClient,
    FunctionCallResponse,
    InjectAgentMessageOptions,
    SettingsConfigurationOptions,
)
from deepgram.clients.agent.v1.websocket.options import Function, Provider

# What the SDK announces beside the messages of the service.
OWN_EVENTS = {"Open", "Close", "AudioData", "Error", "Unhandled"}


def settings() -> SettingsConfigurationOptions:
    """A weather agent with one function that the client runs."""
    options = SettingsConfigurationOptions()
    options.audio.input.sample_rate = INPUT_RATE
    options.audio.output.sample_rate = OUTPUT_RATE
    options.agent.listen.model = "nova-3"
    options.agent.think.provider = Provider(type="open_ai")
    options.agent.think.model = "gpt-4o-mini"
    options.agent.think.instructions = PROMPT
    # url and method belong to functions that the service runs; this version cannot leave them out.
    options.agent.think.functions = [Function(**WEATHER_FUNCTION, url="", method="")]
    return options


def converse(conversation: Conversation) -> None:
    task = conversation.task
    connection = DeepgramClient(task.api_key).agent.websocket.v("1")
    if not task.unmodified:
        # This version overwrites every configured host and always speaks TLS; without TLS there is no other way.
        connection._websocket_url = f"{task.origin}/agent"
    for event in AgentWebSocketEvents:
        if event.value not in OWN_EVENTS:
            connection.on(event, watcher(conversation, event.value))
    connection.on(AgentWebSocketEvents.AudioData, audio_listener(conversation))
    connection.on(AgentWebSocketEvents.FunctionCallRequest, respond)
    connection.on(AgentWebSocketEvents.Unhandled, unhandled_listener(conversation))
    connection.on(AgentWebSocketEvents.Error, lambda _, error, **__: conversation.broke(error))
    connection.on(AgentWebSocketEvents.Close, lambda *_, **__: conversation.closed())
    if not connection.start(settings()):
        raise ConnectionError("start() returned False")
    while not conversation.over():
        if conversation.applied.is_set():
            with conversation.sending():
                connection.send(conversation.speech.chunk())
        time.sleep(conversation.chunk_every)
    connection.finish()


def watcher(conversation: Conversation, event: str) -> Any:
    """A handler that notes one kind of message; the SDK passes it under the message's own keyword."""

    def on_message(_: Any, **delivered: Any) -> None:
        (message,) = delivered.values()
        # Not every class of this version keeps the type; the SDK chose the event by it.
        wire_type = str(getattr(message, "type", event))
        conversation.heard(
            name=event,
            wire_type=wire_type,
            class_name=type(message).__name__,
            known=event == wire_type,
            body=json.loads(message.to_json()),
        )

    return on_message


def audio_listener(conversation: Conversation) -> Any:
    """A handler that notes audio and injects when it is time."""

    def on_audio(connection: Any, data: bytes) -> None:
        injection = conversation.heard_audio(len(data))
        if injection is not None:
            connection.inject_agent_message(InjectAgentMessageOptions(message=injection))

    return on_audio


def unhandled_listener(conversation: Conversation) -> Any:
    """A handler for the types that this version does not know."""

    def on_unhandled(_: Any, unhandled: Any) -> None:
        body = json.loads(unhandled.raw)
        conversation.heard("Unhandled", body.get("type"), type(unhandled).__name__, False, body)

    return on_unhandled


def respond(connection: Any, function_call_request: Any) -> None:
    """Runs the function; this dialect asks for one at a time, with its arguments as an object.

    This version declares them a string, and so delivers the object as Python would print it.
    """
    arguments = json.dumps(ast.literal_eval(function_call_request.input))
    response = FunctionCallResponse(
        function_call_id=function_call_request.function_call_id,
        output=answer(function_call_request.function_name, arguments),
    )
    connection.send(response.to_json())


if __name__ == "__main__":
    sys.exit(run(converse))
