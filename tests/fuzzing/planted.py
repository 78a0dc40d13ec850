"""Parsers with one bug each, for `mockagent fuzz parser planted:NAME`, and ways of being a bad one."""

import json
import os
import time

_seen = []
_kept = []


def message(frame):
    """A careful reading: ValueError for whatever is no message."""
    try:
        body = json.loads(frame)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise ValueError("no message")
    return body


def right(frame):
    return message(frame)


def shallow(frame):
    """Takes each message to have all its fields."""
    body = message(frame)
    return body["role"] if body["type"] == "ConversationText" else None


def nested(frame):
    """Waits for ever for the arguments of a call that are no string."""
    body = message(frame)
    if body["type"] == "FunctionCallRequest" and isinstance(body.get("functions"), list):
        for each in body["functions"]:
            while isinstance(each, dict) and isinstance(each.get("arguments"), dict):
                time.sleep(0.1)


def deep(frame):
    """Writes what was said in Latin-1: only some right messages are beyond it."""
    body = message(frame)
    said = body.get("content")
    if body["type"] == "ConversationText" and isinstance(said, str) and len(said) > 2:
        said.encode("latin-1")


def second(frame):
    """The second reply of the agent's finds what the first one has left."""
    body = message(frame)
    if body["type"] == "AgentThinking":
        _seen.append(body)
        if len(_seen) == 2:
            raise KeyError("already thinking")


def sulks(frame):
    """After one wrong frame no right one is taken any more."""
    if _seen:
        raise ValueError("I will not")
    try:
        message(frame)
    except ValueError:
        _seen.append(frame)
        raise


def exits(frame):
    if "NaN" in frame:
        os._exit(7)
    message(frame)


def leaks(frame):
    if "Hello" in frame:
        _kept.append([os.open(os.devnull, os.O_RDONLY) for _ in range(5)])
    message(frame)


def picky(frame):
    """Refuses what is right: no white space."""
    if frame != frame.strip():
        raise ValueError("white space")
    message(frame)


class Refused(Exception):
    pass


def its_own(frame):
    try:
        message(frame)
    except ValueError as error:
        raise Refused from error


async def later(frame):
    message(frame)


def nothing_at_all(frame):
    raise ValueError("no")


not_callable = 7
