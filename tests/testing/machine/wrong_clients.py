"""Clients for a state machine to talk to: one that is right, and such as do one thing wrong.

As a program: `python wrong_clients.py right URL`.
"""

import contextlib
import json
import subprocess
import sys
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {
        "think": {
            "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
            "functions": [
                {
                    "name": "find_order",
                    "parameters": {
                        "type": "object",
                        "properties": {"number": {"type": "integer"}},
                        "required": ["number"],
                    },
                }
            ],
        }
    },
}

FUNCTION = {
    "name": "find_order",
    "description": "Where an order is.",
    "parameters": {"type": "object", "properties": {}},
}
EARLY_SETTINGS = {
    "type": "SettingsConfiguration",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {
        "think": {"provider": {"type": "open_ai"}, "model": "gpt-4o-mini", "functions": [FUNCTION]},
    },
}
OUTSTAYING = "a-client-that-outstays"
"""By this argument the process that `outstays` leaves behind is known."""


def answer(call, **changes):
    return {
        "type": "FunctionCallResponse",
        "id": call["id"],
        "name": call["name"],
        "content": "shipped",
    } | changes


def sends_settings(body):
    return [SETTINGS] if body["type"] == "Welcome" else []


def right(body):
    if body["type"] == "FunctionCallRequest":
        return [answer(call) for call in body["functions"] if call["client_side"]]
    return sends_settings(body)


def never_answers(body):
    return sends_settings(body)


def answers_another(body):
    return [{**each, "id": "call_77"} if "id" in each else each for each in right(body)]


def greets_with_settings_again(body):
    return [SETTINGS] if body["type"] == "SettingsApplied" else right(body)


def speaks_up_late(body):
    """It answers what nobody asked, in its own time."""
    late = {"type": "FunctionCallResponse", "id": "call_77", "name": "find_order", "content": "shipped"}
    return [(0.2, late)] if body["type"] == "SettingsApplied" else right(body)


def right_in_early_access(body):
    if body["type"] == "Welcome":
        return [EARLY_SETTINGS]
    if body["type"] == "FunctionCallRequest":
        id = body["function_call_id"]
        return [{"type": "FunctionCallResponse", "function_call_id": id, "output": "shipped"}]
    return []


def settings_of_v1_in_early_access(body):
    return [SETTINGS] if body["type"] == "Welcome" else right_in_early_access(body)


def leaves_with_an_error(body):
    if body["type"] == "SettingsApplied":
        sys.exit("no such tune in me")
    return right(body)


def outstays(body):
    """It starts a process that would go on for long, and waits for it."""
    if body["type"] == "SettingsApplied":
        subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", OUTSTAYING], check=False)
    return right(body)


def client(react, key="any"):
    """A client that says what `react` makes of each message; of a tuple the first is after how many seconds."""

    def run(url):
        with connect(
            url, additional_headers={"Authorization": f"Token {key}"}, proxy=None, open_timeout=60
        ) as socket:
            late = []
            try:
                for data in socket:
                    for body in react(json.loads(data)) if isinstance(data, str) else []:
                        if isinstance(body, tuple):
                            late.append(threading.Timer(body[0], said, (socket, body[1])))
                            late[-1].start()
                        else:
                            socket.send(json.dumps(body))
            except (ConnectionClosed, ValueError, KeyError):
                return
            finally:
                for each in late:
                    each.cancel()

    return run


def said(socket, body):
    with contextlib.suppress(ConnectionClosed):
        socket.send(json.dumps(body))


if __name__ == "__main__":
    client(globals()[sys.argv[1]])(sys.argv[2])
