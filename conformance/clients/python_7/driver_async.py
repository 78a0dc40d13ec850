"""deepgram-sdk 7.x, the asynchronous client: one task listens, the other speaks."""

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conversation import Conversation
from deepgram import AsyncDeepgramClient
from deepgram.agent.v1.types import (
    AgentV1FunctionCallRequest,
    AgentV1SendFunctionCallResponse,
)
from deepgram.core.events import EventType
from messages import environment, seen, send, settings
from play import run


async def converse(conversation: Conversation) -> None:
    task = conversation.task
    client = AsyncDeepgramClient(api_key=task.api_key, environment=environment(task))
    async with client.agent.v1.connect() as connection:

        async def on_message(message: Any) -> None:
            if isinstance(message, bytes):
                conversation.heard_audio(len(message))
                return
            conversation.heard(**seen(message))
            if isinstance(message, AgentV1FunctionCallRequest):
                await respond(message)

        async def respond(request: AgentV1FunctionCallRequest) -> None:
            for call in request.functions:
                if call.client_side:
                    await connection.send_function_call_response(
                        AgentV1SendFunctionCallResponse(
                            id=call.id, name=call.name, content=conversation.answer(call.name, call.arguments)
                        )
                    )

        connection.on(EventType.MESSAGE, on_message)
        connection.on(EventType.ERROR, conversation.broke)
        connection.on(EventType.CLOSE, lambda _: conversation.closed())
        listening = asyncio.create_task(connection.start_listening())
        await connection.send_settings(settings(conversation.settings()))
        while not conversation.over():
            with conversation.sending():
                for each in conversation.messages():
                    await send(connection, each)
                if (chunk := conversation.chunk()) is not None:
                    await connection.send_media(chunk)
            await asyncio.sleep(conversation.chunk_every)
    await asyncio.wait_for(listening, timeout=5)


if __name__ == "__main__":
    sys.exit(run(lambda conversation: asyncio.run(converse(conversation))))
