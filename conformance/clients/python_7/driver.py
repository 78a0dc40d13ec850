"""deepgram-sdk 7.x, the synchronous client: one thread listens, this one speaks."""

import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conversation import Conversation
from deepgram import DeepgramClient
from deepgram.agent.v1.types import (
    AgentV1FunctionCallRequest,
    AgentV1SendFunctionCallResponse,
)
from deepgram.core.events import EventType
from messages import environment, seen, send, settings
from play import run


def converse(conversation: Conversation) -> None:
    task = conversation.task
    client = DeepgramClient(api_key=task.api_key, environment=environment(task))
    with client.agent.v1.connect() as connection:

        def on_message(message: Any) -> None:
            if isinstance(message, bytes):
                conversation.heard_audio(len(message))
                return
            conversation.heard(**seen(message))
            if isinstance(message, AgentV1FunctionCallRequest):
                respond(message)

        def respond(request: AgentV1FunctionCallRequest) -> None:
            for call in request.functions:
                if call.client_side:
                    connection.send_function_call_response(
                        AgentV1SendFunctionCallResponse(
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
