"""The corpus: every near-miss of a dialect, in an order that does not change, and each by its id.

for near_miss in Corpus(catalogue.schemas()).near_misses(Dialect.V1, Side.CLIENT): ...
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from mockagent.errors import NoSuchName
from mockagent.fuzz.audio import audio
from mockagent.fuzz.bases import base
from mockagent.fuzz.compiling import compiled
from mockagent.fuzz.departures import Departure, departures
from mockagent.fuzz.frames import frames
from mockagent.fuzz.lines import SETTINGS
from mockagent.fuzz.near_miss import Kind, NearMiss, Way, message, name_of
from mockagent.fuzz.order import order
from mockagent.fuzz.shapes import Shape
from mockagent.fuzz.states import place_of, walked
from mockagent.fuzz.texts import texts, truncated
from mockagent.fuzz.timing import timing
from mockagent.protocol import messages, transitions
from mockagent.protocol.events import Dialect, JsonObject, Side, Tolerance
from mockagent.protocol.message_types import TYPES

HOSTS: Mapping[tuple[Dialect, Side], tuple[str, ...]] = MappingProxyType(
    {
        (Dialect.V1, Side.CLIENT): ("Settings", "InjectUserMessage"),
        (Dialect.V1, Side.SERVER): ("ConversationText", "AgentStartedSpeaking"),
        (Dialect.EARLY_ACCESS, Side.CLIENT): ("SettingsConfiguration", "InjectAgentMessage"),
        (Dialect.EARLY_ACCESS, Side.SERVER): ("ConversationText", "AgentStartedSpeaking"),
    }
)
"""The messages in which every fault of text and frames is committed: JSON is read before its type is looked at."""


class Source(Protocol):
    """Where the schemas come from, such as `mockagent.protocol.schemas.Schemas`."""

    def resolved(self, dialect: Dialect, sender: Side, type: str) -> Any: ...

    def document(self, dialect: Dialect, sender: Side, type: str) -> JsonObject: ...


class Corpus:
    """Every near-miss of the schemas. Shapes are made when first asked for, and kept."""

    def __init__(self, schemas: Source) -> None:
        self._schemas = schemas
        self._shapes: dict[tuple[Dialect, Side, str], Shape] = {}

    def near_misses(
        self, dialect: Dialect, side: Side | None = None, type: str | None = None, kind: Kind | None = None
    ) -> Iterator[NearMiss]:
        """Those of a dialect; only of that side, about that message, of that kind."""
        for sender in Side if side is None else (side,):
            for each in self._of_side(dialect, sender, type, kind):
                if type in (None, each.type) and kind in (None, each.kind):
                    yield each

    def get(self, id: str) -> NearMiss:
        """The near-miss of that id; NoSuchName with the nearest one where there is none."""
        near = {each.id: each for each in self._near(id)}
        if id not in near:
            raise NoSuchName("near-miss", id, near)
        return near[id]

    def _near(self, id: str) -> Iterator[NearMiss]:
        """Those that share the dialect, the side, the kind and (where it is about the schema) the type of an id."""
        place, _, what = id.partition("#")
        dialect, side, type = (*place.split("/"), "", "", "")[:3]
        kind = next((each for each in Kind if what.startswith(f"{each}:")), Kind.SCHEMA)
        for each in Dialect if dialect not in [*Dialect] else (Dialect(dialect),):
            for sender in Side if side not in [*Side] else (Side(side),):
                is_known = kind is Kind.SCHEMA and type in TYPES[each, sender]
                yield from self.near_misses(each, sender, type if is_known else None, kind)

    def counted(self, dialect: Dialect) -> Mapping[Kind, int]:
        """How many there are of each kind."""
        return Counter(each.kind for each in self.near_misses(dialect))

    def _of_side(
        self, dialect: Dialect, side: Side, type: str | None, kind: Kind | None
    ) -> Iterator[NearMiss]:
        if kind in (None, Kind.SCHEMA):
            for each in TYPES[dialect, side] if type is None else {type} & set(TYPES[dialect, side]):
                yield from self._of_type(dialect, side, each)
        if kind in (None, Kind.TEXT):
            yield from self._of_text(dialect, side)
        if kind in (None, Kind.FRAME):
            for host in HOSTS[dialect, side]:
                yield from frames(
                    dialect, side, self._base(dialect, side, host), self._way(dialect, side, host)
                )
        if kind in (None, Kind.ORDER):
            yield from order(dialect, side, self._example)
        if kind in (None, Kind.TIME):
            yield from timing(dialect, side, self._example)
        if kind in (None, Kind.AUDIO):
            yield from audio(dialect, side, self._way(dialect, side, transitions.AUDIO))

    def _of_type(self, dialect: Dialect, side: Side, type: str) -> Iterator[NearMiss]:
        way = self._way(dialect, side, type)
        known: set[tuple[str, str]] = set()
        for each in departures(self._shape(dialect, side, type)):
            known.add((each.pointer, each.keyword))
            yield _near_miss(each, dialect, side, type, way)
        for written in self._schemas.document(dialect, side, type)["x-near-misses"]:
            each = _written(written)
            if (each.pointer, each.keyword) not in known:
                known.add((each.pointer, each.keyword))
                yield _near_miss(each, dialect, side, type, way)

    def _of_text(self, dialect: Dialect, side: Side) -> Iterator[NearMiss]:
        hosts = HOSTS[dialect, side]
        for type in TYPES[dialect, side]:
            body, way = self._base(dialect, side, type), self._way(dialect, side, type)
            if type in hosts:
                full = SETTINGS[dialect] if type == messages.SETTINGS[dialect] else body
                yield from texts(dialect, side, full, way)
            else:
                yield truncated(dialect, side, body, way)

    def _shape(self, dialect: Dialect, side: Side, type: str) -> Shape:
        key = (dialect, side, type)
        if key not in self._shapes:
            self._shapes[key] = compiled(self._schemas.resolved(*key))
        return self._shapes[key]

    def _base(self, dialect: Dialect, side: Side, type: str) -> JsonObject:
        plainest: JsonObject = base(self._shape(dialect, side, type))
        return plainest

    def _way(self, dialect: Dialect, side: Side, type: str) -> Way:
        return walked(dialect, place_of(side, type), self._example)[0]

    def _example(self, dialect: Dialect, side: Side, type: str) -> JsonObject:
        example: JsonObject = self._schemas.document(dialect, side, type)["examples"][0]
        return example


def _written(near_miss: Mapping[str, Any]) -> Departure:
    """A near-miss that stands in the schema file itself: mostly a field by a name that somebody expects there."""
    pointer, keyword = near_miss["pointer"], near_miss["keyword"]
    is_mild = keyword in ("unknown-field", "departure", "expected")
    refused_from = Tolerance.STRICT if is_mild else Tolerance.LENIENT
    return Departure(pointer, pointer, keyword, "written", near_miss["value"], refused_from)


def _near_miss(departure: Departure, dialect: Dialect, side: Side, type: str, way: Way) -> NearMiss:
    what = f"{departure.keyword}:{departure.detail}" if departure.detail else departure.keyword
    place = departure.pointer or "the whole"
    return NearMiss(
        name_of(dialect, side, type + departure.key, what),
        Kind.SCHEMA,
        dialect,
        side,
        type,
        f"{what.replace(':', ', ')} at {place}",
        way,
        (message(departure.document),),
        departure.pointer,
        departure.keyword,
        departure.refused_from,
        departure.legal,
        _FAULTS.get(departure.keyword, ""),
    )


_FAULTS: Mapping[str, str] = MappingProxyType(
    {"unknown-field": "unknown_field", "required": "missing_field", "type": "mistyped_field"}
)
"""The faults of `serve --fault` that are the same thing, by keyword."""
