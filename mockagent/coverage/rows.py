"""Everything that can be exercised, as rows: messages of both sides, their variants, codes, and cells.

The rows are read off the tables of the protocol, so a new type, code, phase or turn is a new row by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from mockagent.coverage.acts import acts
from mockagent.coverage.variants import VARIANTS
from mockagent.protocol.events import Dialect
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.transitions import AUDIO, Phase, Turn


class Kind(StrEnum):
    """What a row is about."""

    MESSAGE = "messages"
    VARIANT = "variants"
    CODE = "codes"
    CELL = "cells"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to exercise. `group` is the side that sends a message, the type that carries a code, or the state.

    `name` is the message's type (with its variant), the code, or what the client does in that state.
    """

    kind: Kind
    dialect: Dialect
    group: str
    name: str

    def __str__(self) -> str:
        between = " × " if self.kind is Kind.CELL else " "
        return f"{self.dialect} {self.group}{between}{self.name}"


Codes = Mapping[str, Sequence[str]]
"""The codes of V1 by the type that carries them: Error and Warning. Early access has none."""


def state(phase: Phase, turn: Turn) -> str:
    """A state as rows name it: "active/the agent speaks"."""
    return f"{phase}/{turn}"


def every_row(codes: Codes) -> tuple[Row, ...]:
    """All rows, in the order in which they are reported."""
    return (*_messages(), *_variants(), *_codes(codes), *_cells())


def _messages() -> Iterator[Row]:
    for (dialect, side), types in TYPES.items():
        for name in (*types, AUDIO):
            yield Row(Kind.MESSAGE, dialect, side, name)


def _variants() -> Iterator[Row]:
    for each in VARIANTS:
        yield Row(Kind.VARIANT, each.dialect, each.sender, f"{each.type} {each.name}")


def _codes(codes: Codes) -> Iterator[Row]:
    for type, names in codes.items():
        for code in names:
            yield Row(Kind.CODE, Dialect.V1, type, code)


def _cells() -> Iterator[Row]:
    for dialect in Dialect:
        for phase, turn, act in product(Phase, Turn, acts(dialect)):
            yield Row(Kind.CELL, dialect, state(phase, turn), act)
