"""The steps of one side: what the session allows it, and what it does not. Choices in, frames out. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mockagent import catalogue
from mockagent.protocol import codec, configuration, messages
from mockagent.protocol.events import Audio, Content, Dialect, Event, Frame, JsonObject, Message, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.session import Session
from mockagent.scenario.house import example_for
from mockagent.testing.machine.owed import owed
from mockagent.testing.strategies.talk import barred, checked, proposed, rotated

WORDS = (
    "It is sunny in Fremont.",
    "Please get weather.",
    "No.",
    "Grüße, 世界! \U0001f44b",
    "a\nb\t“c”",
    "word " * 50,
)
"""What is said where a step has the choice; the second has the house agent call the function of `SETTINGS`."""

CLOSE = "close"
_ASIDE, _ASKS = 1, 3
"""Of four choices the ones that do not lead on, and the ones that ask for something."""
_WRONG = {
    Side.CLIENT: (
        Frame(b'{"type":"KeepAlive"'),
        Frame(b"[]"),
        Frame(b'{"type":"Hello"}'),
        Frame(b'{"type":"InjectAgentMessage","message":7}'),
        Frame(b'{"type":"UpdatePrompt"}'),
        Frame(b"", binary=True),
        Frame(b'{"type":"KeepAlive"}', binary=True),
    ),
    Side.SERVER: (
        Frame(b'{"type":"Hello"}'),
        Frame(b'{"type":"Hello","id":7}'),
        Frame(b'{"type":"Warning","description":"So it is.","code":"SO_IT_IS","since":"today"}'),
    ),
}
"""What no state has a place for, by who sends it. Of a server's it is what a client must pass over."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of what may come, and in which words where it has the choice."""

    which: int
    words: str


def legal(judge: Judge, side: Side, at: float, choice: Choice, opening: JsonObject | None) -> Content | None:
    """What the side may do then, and breaks nothing by.

    Half the choices lead on where anything does; half of the others ask something of the other side where anything
    does, since what it owes is where it goes wrong. `opening` is the Settings to send, or the usual ones. None where
    the side may do nothing.
    """
    leading, others = proposed(judge.session, (side,))
    number, kind = divmod(choice.which, 4)
    first, then = (others, leading) if kind in (_ASIDE, _ASKS) else (leading, others)
    owes = len(owed(judge.session, side.other))
    spare = None
    for _, name in (*rotated(first, number), *rotated(then, number)):
        content = _said(judge.session, side, name, choice.words, opening)
        after = judge.fork()
        if after.observe(Event(at, side, content)):
            continue
        if kind != _ASKS or len(owed(after.session, side.other)) > owes:
            return content
        spare = spare or content
    return spare


def illegal(session: Session, side: Side, choice: Choice) -> tuple[Content, Frame]:
    """What the side may not do now, or never, and the frame of it.

    A client owes nothing to a server that breaks the order: only what it must pass over is sent to it.
    """
    names = [name for _, name in barred(session, side) if name != CLOSE and side is Side.CLIENT]
    number = choice.which % (len(names) + len(_WRONG[side]))
    if number < len(names):
        content = _said(session, side, names[number], choice.words, None)
        return content, frame_of(content)
    frame = _WRONG[side][number - len(names)]
    return read(session.dialect, side, frame), frame


def failure(session: Session) -> Content:
    """The Error of a service that has failed."""
    return checked(session, Side.SERVER, "Error", WORDS[0])


def read(dialect: Dialect, side: Side, frame: Frame) -> Content:
    """What a frame of that side means, and where it departs from its schema."""
    content = codec.decode(frame)
    if isinstance(content, Message):
        return Message(content.type, content.body, catalogue.schemas().problems(dialect, side, content.body))
    return content


def frame_of(content: Content) -> Frame:
    """The frame that carries a message or audio; ValueError for what none does."""
    match content:
        case Message(body=body):
            return codec.encode(body)
        case Audio(size=size, data=data):
            return Frame(data or bytes(size), binary=True)
        case _:
            raise ValueError(f"no frame is {content}")


def _said(session: Session, side: Side, name: str, words: str, opening: JsonObject | None) -> Content:
    if name == messages.SETTINGS[session.dialect] and opening is not None:
        return read(session.dialect, side, codec.encode(opening))
    call = next(_calls(session), None) if name == "FunctionCallRequest" else None
    if side is Side.SERVER and call is not None:
        body = messages.function_call_requests(session.dialect, [call])[0]
        return read(session.dialect, side, codec.encode(body))
    return checked(session, side, name, words)


def _calls(session: Session) -> Iterator[FunctionCall]:
    """Calls of what the client's Settings have it run, each with an id of its own."""
    for name, function in configuration.functions_of(session.settings or {}).items():
        if not function.get("endpoint") and not function.get("url"):
            arguments = json.dumps(example_for(function.get("parameters", {})))
            yield FunctionCall(f"call_{len(session.requested) + 1}", name, arguments)
