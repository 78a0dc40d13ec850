"""Hypothesis strategies for the Voice Agent API: messages, Settings, conversations, and rare giants.

    from hypothesis import given
    from mockagent.testing import strategies

    @given(strategies.messages("v1", "server"))
    def test_a_client_understands_every_message(message): ...

They are made from the JSON Schemas of `mockagent schema`, so that all they draw is valid by construction. Everything
that is drawn is JSON as Python's `json` has it, except for conversations, which are events.
"""

from dataclasses import replace
from functools import cache
from typing import Any

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ModuleNotFoundError as error:
    cure = "install it with: pip install 'mockagent[fuzz]'"
    raise ModuleNotFoundError(f"{__name__} needs Hypothesis; {cure}", name=error.name) from error

from mockagent import catalogue
from mockagent.errors import NoSuchName
from mockagent.fuzz.compiling import compiled
from mockagent.fuzz.shapes import Object, Shape, usual
from mockagent.protocol import messages as known
from mockagent.protocol.events import Dialect, Event, Side
from mockagent.protocol.message_types import TYPES
from mockagent.testing.strategies import talk
from mockagent.testing.strategies.drawing import USUAL, Scale, drawn
from mockagent.testing.strategies.giants import GIANT
from mockagent.testing.strategies.mending import mended

__all__ = ["conversations", "giants", "messages", "one_illegal_step", "settings"]

Body = dict[str, Any]


def messages(
    dialect: Dialect | str = Dialect.V1, side: Side | str = Side.CLIENT, type: str | None = None
) -> SearchStrategy[Body]:
    """Messages that a side sends, of one type or of any; each fits its schema without any finding.

    NoSuchName for a type that the side does not send.
    """
    return _of_types(Dialect(dialect), Side(side), type, USUAL)


def giants(
    dialect: Dialect | str = Dialect.V1, side: Side | str = Side.CLIENT, type: str | None = None
) -> SearchStrategy[Body]:
    """Messages as valid as those of `messages`, whose parts are huge, deep, odd, or more than a machine counts to."""
    return _of_types(Dialect(dialect), Side(side), type, GIANT)


def settings(
    dialect: Dialect | str = Dialect.V1, *, think_live: bool = False, stored: bool = False
) -> SearchStrategy[Body]:
    """Settings (SettingsConfiguration in early access) in which no server and no judge finds anything.

    With `think_live` also such as ask for what must be enabled first; with `stored` also such as name an agent that is
    stored at the vendor, which a server may refuse.
    """
    where = Dialect(dialect)
    return _settings(where, stored).map(lambda body: mended(body, where, think_live=think_live))


def conversations(
    dialect: Dialect | str = Dialect.V1, *, most: int = 40
) -> SearchStrategy[tuple[Event, ...]]:
    """Sessions of up to `most` events between open and close, in which the judge finds nothing on either side."""
    return talk.conversations(Dialect(dialect), most)


def one_illegal_step(
    dialect: Dialect | str = Dialect.V1, side: Side | str = Side.SERVER, *, most: int = 20
) -> SearchStrategy[tuple[tuple[Event, ...], Event]]:
    """A conversation, and an event of the side that has no place after it, though it would have elsewhere."""
    return talk.one_illegal_step(Dialect(dialect), Side(side), most)


def _of_types(dialect: Dialect, side: Side, type: str | None, scale: Scale) -> SearchStrategy[Body]:
    types = TYPES[dialect, side]
    if type is None:
        return st.sampled_from(types).flatmap(lambda each: _of_type(dialect, side, each, scale))
    if type not in types:
        raise NoSuchName("message type", type, types)
    return _of_type(dialect, side, type, scale)


@cache
def _of_type(dialect: Dialect, side: Side, type: str, scale: Scale) -> SearchStrategy[Body]:
    return drawn(_shape(dialect, side, type), scale)


@cache
def _settings(dialect: Dialect, stored: bool) -> SearchStrategy[Body]:
    shape = _shape(dialect, Side.CLIENT, known.SETTINGS[dialect])
    return drawn(shape if stored else _without_stored(shape))


def _without_stored(shape: Shape) -> Shape:
    """The shape of Settings whose agent is an object."""
    kept = []
    for each in usual(shape):
        assert isinstance(each.shape, Object)
        agent = each.shape.fields["agent"]
        objects = tuple(one for one in agent.shape if isinstance(one.shape, Object))
        fields = {**each.shape.fields, "agent": replace(agent, shape=objects)}
        kept.append(replace(each, shape=replace(each.shape, fields=fields)))
    return tuple(kept)


@cache
def _shape(dialect: Dialect, side: Side, type: str) -> Shape:
    return compiled(catalogue.schemas().resolved(dialect, side, type))
