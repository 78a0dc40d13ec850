"""What the judge makes of a near-miss: it is played as an onlooker of the connection would see it."""

from dataclasses import dataclass

import pytest

from mockagent import catalogue
from mockagent.fuzz.near_miss import Kind, Opcode
from mockagent.protocol.codec import decode
from mockagent.protocol.events import Audio, Closed, Dialect, Elapsed, Event, Frame, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches

STEP_FOR = 0.1


@dataclass(frozen=True)
class Judged:
    """The requirements that the way to a near-miss breaks, and those that it breaks itself."""

    on_the_way: tuple[str, ...]
    broken: tuple[str, ...]


class Onlooker:
    """A judge with a clock of his own, who sees time pass."""

    def __init__(self, dialect):
        self.dialect = dialect
        self.at = 0.0
        self.broken = []
        self.judge = Judge(catalogue.requirements(), Switches(think_live=True), dialect)
        self.sees(Side.SERVER, Opened(dialect))

    def waits(self, seconds):
        until = round(self.at + seconds, 6)
        while (limit := self.judge.session.deadline) and limit[0] <= until:
            self.at = limit[0]
            self.sees(Side.CLIENT, Elapsed(limit[1]))
        self.at = until

    def sees(self, side, content):
        if isinstance(content, Message):
            problems = catalogue.schemas().problems(self.dialect, side, content.body)
            content = Message(content.type, content.body, problems)
        self.broken += [each.requirement.id for each in self.judge.observe(Event(self.at, side, content))]


def content_of(wire):
    if wire.opcode is Opcode.CLOSE:
        return Closed(1000)
    return decode(Frame(wire.data, binary=wire.opcode is Opcode.BINARY))


def observed(near_miss):
    onlooker = Onlooker(near_miss.dialect)
    for line in near_miss.way:
        onlooker.waits(STEP_FOR)
        audio = isinstance(line.said, bytes)
        size = len(line.said)
        onlooker.sees(
            line.sender, Audio(size, largest=size) if audio else Message(line.said["type"], line.said)
        )
    on_the_way = tuple(onlooker.broken)
    onlooker.broken.clear()
    onlooker.waits(0.0 if near_miss.way else STEP_FOR)
    for wire in near_miss.wires:
        onlooker.waits(wire.after)
        onlooker.sees(near_miss.side, content_of(wire))
    onlooker.waits(near_miss.silent_for)
    return Judged(on_the_way, tuple(onlooker.broken))


@pytest.fixture(scope="session")
def judged():
    """Plays a near-miss whose frames are whole messages before a judge."""
    return observed


@pytest.fixture(scope="session")
def near_misses():
    """Every near-miss of both dialects, or those of one kind."""
    every = [each for dialect in Dialect for each in catalogue.corpus().near_misses(dialect)]

    def of(kind: Kind | None = None):
        return [each for each in every if kind in (None, each.kind)]

    return of
