"""deepgram-sdk 4.x, the synchronous agent WebSocket: the SDK's own thread calls back, this one speaks."""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conversation import (
    GREETING,
    INPUT_RATE,
    OUTPUT_RATE,
    PROMPT,
    WEATHER_FUNCTION,
    CannotSend,
    Conversation,
    demand_whole,
)
from deepgram import (
    AgentWebSocketEvents,
    DeepgramClient,
    FunctionCallResponse,
    InjectAgentMessageOptions,
    InjectUserMessageOptions,
    SettingsOptions,
    UpdatePromptOptions,
    UpdateSpeakOptions,
)
from deepgram.clients.agent.v1.websocket.options import Function, Provider
from play import run

# What the SDK announces beside the messages of the service.
OWN_EVENTS = {"Open", "Close", "AudioData", "Error", "Unhandled"}


def settings(asked_for: dict[str, Any] | None) -> SettingsOptions:
    """Those that are asked for; otherwise a weather agent with one function that the client runs."""
    if asked_for is not None:
        return told(asked_for)
    options = SettingsOptions()
    options.audio.input.sample_rate = INPUT_RATE
    options.audio.output.sample_rate = OUTPUT_RATE
    options.agent.listen.provider = Provider(type="deepgram", model="nova-3")
    options.agent.think.provider = Provider(type="open_ai", model="gpt-4o-mini")
    options.agent.think.prompt = PROMPT
    options.agent.think.functions = [function(**WEATHER_FUNCTION)]
    options.agent.speak.provider = Provider(type="deepgram", model="aura-2-thalia-en")
    options.agent.greeting = GREETING
    return options


def told(asked_for: dict[str, Any]) -> SettingsOptions:
    """Settings as they are asked for; CannotSend where this version has no field for a part of them."""
    think = asked_for["agent"]["think"]
    if not isinstance(think, dict):
        raise CannotSend("/agent/think as an array")
    without = {key: part for key, part in think.items() if key != "functions"}
    options = SettingsOptions.from_dict({**asked_for, "agent": {**asked_for["agent"], "think": without}})
    if "functions" in think:
        options.agent.think.functions = [function(**each) for each in think["functions"]]
    demand_whole(asked_for, json.loads(options.to_json()))
    return options


def function(**asked_for: Any) -> Function:
    """A function as this version has it; url and method cannot be left out."""
    known = {key: part for key, part in asked_for.items() if key in Function.__dataclass_fields__}
    return Function(**{"url": "", "method": "", **known})


def converse(conversation: Conversation) -> None:
    task = conversation.task
    connection = DeepgramClient(task.api_key).agent.websocket.v("1")
    if not task.unmodified:
        # This version overwrites every configured host and always speaks TLS; without TLS there is no other way.
        connection._websocket_url = task.url
    for event in AgentWebSocketEvents:
        if event.value not in OWN_EVENTS:
            connection.on(event, watcher(conversation, event.value))
    connection.on(AgentWebSocketEvents.AudioData, lambda _, data, **__: conversation.heard_audio(len(data)))
    connection.on(AgentWebSocketEvents.FunctionCallRequest, responder(conversation))
    connection.on(AgentWebSocketEvents.Unhandled, unhandled_listener(conversation))
    connection.on(AgentWebSocketEvents.Error, error_listener(conversation))
    connection.on(AgentWebSocketEvents.Close, lambda *_, **__: conversation.closed())
    if not connection.start(settings(conversation.settings())):
        raise ConnectionError("start() returned False")
    while not conversation.over():
        with conversation.sending():
            for each in conversation.messages():
                send(connection, each)
            if (chunk := conversation.chunk()) is not None:
                connection.send(chunk)
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


def error_listener(conversation: Conversation) -> Any:
    """A handler for the service's Error and for the SDK's own, which come as the same event."""

    def on_error(_: Any, error: Any, **__: Any) -> None:
        if error.type == "Error":
            body = json.loads(error.to_json())
            conversation.heard("Error", "Error", type(error).__name__, True, body)
        else:
            conversation.broke(error)

    return on_error


def unhandled_listener(conversation: Conversation) -> Any:
    """A handler for the types that this version does not know."""

    def on_unhandled(_: Any, unhandled: Any) -> None:
        body = json.loads(unhandled.raw)
        conversation.heard("Unhandled", body.get("type"), type(unhandled).__name__, False, body)

    return on_unhandled


def responder(conversation: Conversation) -> Any:
    """A handler that runs each function that is the client's to run."""

    def respond(connection: Any, function_call_request: Any) -> None:
        for call in function_call_request.functions:
            if call.client_side:
                response = FunctionCallResponse(
                    id=call.id, name=call.name, content=conversation.answer(call.name, call.arguments)
                )
                connection.send(response.to_json())

    return respond


def send(connection: Any, message: dict[str, Any]) -> None:
    """Sends a message by the SDK's method for it, or its options; what it does not know as the text that it is."""
    match message:
        case {"type": "UpdatePrompt"}:
            connection.send(UpdatePromptOptions.from_dict(message).to_json())
        case {"type": "UpdateSpeak"}:
            connection.send(UpdateSpeakOptions.from_dict(message).to_json())
        case {"type": "InjectAgentMessage", "message": text, **rest} if len(rest) == 0:
            connection.inject_agent_message(InjectAgentMessageOptions(message=text))
        case {"type": "InjectUserMessage", "content": text}:
            connection.inject_user_message(InjectUserMessageOptions(content=text))
        case {"type": "KeepAlive"}:
            connection.keep_alive()
        case _:
            connection.send(json.dumps(message))


if __name__ == "__main__":
    sys.exit(run(converse))
