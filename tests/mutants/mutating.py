"""What a mutant is: a peer that is right, but for one named thing that it does to what it sends. Pure.

A `Twist` stands between a peer and the wire. It sees each item that the peer sends, and gives what goes out in its
place: the same, nothing, several, or others; and it overhears what comes from the other side, to which it may add
items of its own, or which it keeps from the peer. `Wait` holds back all that follows. Families of mutants are tables of
`Mutant`; the small functions here are the words in which their twists are written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.events import Side


class Kind(StrEnum):
    """The way in which a mutant is broken."""

    ORDER = "order"
    DUPLICATE = "duplicate"
    DROP = "drop"
    LATE = "late"
    NEVER = "never"
    WRONG_ID = "wrong id"
    WRONG_CLOSE = "wrong close"
    LEAK = "state leaking between sessions"
    AUDIO = "audio"
    UNASKED = "unasked"
    SHAPE = "shape"
    VALUE = "value"


@dataclass(frozen=True)
class Text:
    """A message."""

    body: Mapping[str, Any]


@dataclass(frozen=True)
class Raw:
    """A text frame that is no message."""

    text: str


@dataclass(frozen=True)
class Sound:
    """A binary frame."""

    data: bytes


@dataclass(frozen=True)
class Shut:
    """A close frame; `code` None is one without a status."""

    code: int | None = None


@dataclass(frozen=True)
class Cut:
    """The end of TCP, without a close frame."""


@dataclass(frozen=True)
class Wait:
    """So many session seconds in which nothing goes out."""

    seconds: float


@dataclass(frozen=True)
class Begun:
    """The connection is open: the first thing that a peer sees, and never sent itself."""


Item: TypeAlias = Text | Raw | Sound | Shut | Cut | Wait | Begun
Does: TypeAlias = Callable[[Item], Iterable[Item]]


def keep(item: Item) -> Iterable[Item]:
    """The item as it is."""
    return (item,)


def ignore(item: Item) -> Iterable[Item]:
    """Nothing."""
    return ()


@dataclass
class Twist:
    """What one mutant does in one session. `hears` gives what it says to an item; `is_deaf` what it does not hear."""

    sends: Does = keep
    hears: Does = ignore
    is_deaf: Callable[[Item], bool] = lambda item: False


@dataclass
class Memory:
    """What a mutant keeps from session to session; `session` counts from 1."""

    session: int = 0
    kept: dict[str, Any] = field(default_factory=dict)


Makes: TypeAlias = Callable[[Memory], Twist]


@dataclass(frozen=True)
class Mutant:
    """A broken peer: of which side, in which way, of which requirement, and the plays in which that shows.

    `plays` are held one after the other with the same peer. `also` are requirements that cannot but break with it,
    each with the reason. A kill is that these are broken, and no other.
    """

    name: str
    side: Side
    kind: Kind
    breaks: str
    plays: tuple[str, ...]
    makes: Makes
    also: Mapping[str, str] = field(default_factory=dict)


Pick: TypeAlias = str | Mapping[str, Any] | type
"""Which items are meant: a type of message, fields of a message, or a class of items."""


def fits(pick: Pick, item: Item) -> bool:
    """Whether the item is one of those."""
    if isinstance(pick, type):
        return isinstance(item, pick)
    wanted = {"type": pick} if isinstance(pick, str) else pick
    return isinstance(item, Text) and all(item.body.get(key) == value for key, value in wanted.items())


class Nth:
    """Does something to the n-th item that fits (0: to each), and leaves the others alone."""

    def __init__(self, pick: Pick, does: Does, nth: int, other: Does) -> None:
        self._pick, self._does, self._nth, self._other = pick, does, nth, other
        self._came = 0

    def __call__(self, item: Item) -> Iterable[Item]:
        if not fits(self._pick, item):
            return self._other(item)
        self._came += 1
        return self._does(item) if self._nth in (0, self._came) else self._other(item)


def on(pick: Pick, does: Does, nth: int = 1) -> Makes:
    """To the n-th of its own items that fits the peer does this, in place of sending it."""
    return lambda memory: Twist(sends=Nth(pick, does, nth, keep))


def hearing(pick: Pick, does: Does, nth: int = 1, deaf: bool = False) -> Makes:
    """To the n-th item of the other side that fits the peer says this; `deaf`: it does not see any of those itself."""
    return lambda memory: Twist(
        hears=Nth(pick, does, nth, ignore), is_deaf=lambda item: deaf and fits(pick, item)
    )


def both(*makes: Makes) -> Makes:
    """One twist after the other, of what is sent; and each of what is heard."""

    def make(memory: Memory) -> Twist:
        twists = [each(memory) for each in makes]

        def sends(item: Item) -> Iterator[Item]:
            items: list[Item] = [item]
            for twist in twists:
                items = [out for each in items for out in twist.sends(each)]
            yield from items

        return Twist(
            sends,
            lambda item: [out for twist in twists for out in twist.hears(item)],
            lambda item: any(twist.is_deaf(item) for twist in twists),
        )

    return make


def in_session(number: int, makes: Makes) -> Makes:
    """Broken in that session alone."""
    return lambda memory: makes(memory) if memory.session == number else Twist()


def held(pick: Pick, until: Pick, nth: int = 1) -> Makes:
    """The n-th item that fits goes out after the next one that fits `until`."""

    def make(memory: Memory) -> Twist:
        back: list[Item] = []

        def hold(item: Item) -> Iterable[Item]:
            back.append(item)
            return ()

        def release(item: Item) -> Iterator[Item]:
            yield item
            if fits(until, item):
                yield from back
                back.clear()

        return Twist(sends=Nth(pick, hold, nth, release))

    return make


def drop(item: Item) -> Iterable[Item]:
    """It is not sent."""
    return ()


def twice(item: Item) -> Iterable[Item]:
    """It is sent, and again."""
    return item, item


def before(*more: Item) -> Does:
    """These are sent, and then it."""
    return lambda item: (*more, item)


def after(*more: Item) -> Does:
    """It is sent, and then these."""
    return lambda item: (item, *more)


def instead(*others: Item) -> Does:
    """These are sent, and not it."""
    return lambda item: others


def late(seconds: float) -> Does:
    """It, and what follows it, is sent so much later."""
    return lambda item: (Wait(seconds), item)


def with_(**fields: Any) -> Does:
    """The message has these fields."""
    return edited(lambda body: body | fields)


def without(field: str) -> Does:
    """The message lacks this field."""
    return edited(lambda body: {key: value for key, value in body.items() if key != field})


def edited(edit: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Does:
    """The message is what `edit` makes of it."""
    return lambda item: (Text(edit(dict(item.body))) if isinstance(item, Text) else item,)


def sound(edit: Callable[[bytes], bytes]) -> Does:
    """The audio is what `edit` makes of it."""
    return lambda item: (Sound(edit(item.data)) if isinstance(item, Sound) else item,)


def call(**fields: Any) -> Does:
    """The first call of a FunctionCallRequest, FunctionCallCancelled or such has these fields."""

    def edit(body: dict[str, Any]) -> Mapping[str, Any]:
        key = "functions" if "functions" in body else "function_calls"
        first, *rest = body[key]
        return {**body, key: [first | fields, *rest]}

    return edited(edit)


def message(type: str, **fields: Any) -> Text:
    """A message of that type."""
    return Text({"type": type, **fields})


def keeps(pick: Pick, name: str, of: Callable[[Item], Any] = lambda item: item, nth: int = 1) -> Makes:
    """The peer remembers the n-th item of its own that fits, or what `of` takes from it."""

    def make(memory: Memory) -> Twist:
        def take(item: Item) -> Iterable[Item]:
            memory.kept[name] = of(item)
            return (item,)

        return Twist(sends=Nth(pick, take, nth, keep))

    return make


def says_again(name: str, when: Pick, in_: int = 2, nth: int = 1) -> Makes:
    """In a later session the peer sends what it remembers by that name, right after its own item that fits."""

    def make(memory: Memory) -> Twist:
        def again(item: Item) -> Iterable[Item]:
            return item, memory.kept[name]

        return Twist(sends=Nth(when, again, nth, keep)) if memory.session == in_ else Twist()

    return make
