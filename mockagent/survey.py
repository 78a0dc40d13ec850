"""The coverage shell: finds scenarios and traces, and reports what of the protocol they exercise.

It reads files, and leaves to `mockagent.coverage` what a row is and when it is exercised.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mockagent import catalogue
from mockagent.coverage.report import WALK, Excuse, Report, Why, reported
from mockagent.coverage.rows import Codes, Kind, Row, every_row
from mockagent.coverage.seen import events_of, exercised
from mockagent.coverage.walk import walked
from mockagent.errors import MockagentError, NoSuchName, ScenarioError, TraceError
from mockagent.protocol import trace
from mockagent.protocol.codes import CODES
from mockagent.protocol.events import Dialect, Event, JsonObject, Message, Side
from mockagent.protocol.message_types import path_of
from mockagent.scenario.unfold import unfolded

_TRACES = "*.jsonl"
_SCENARIOS = frozenset({".yaml", ".yml"})


def of_bundled(kinds: Iterable[Kind] = Kind) -> Report:
    """What the bundled scenarios exercise, and in the cells the walk; an excuse that is out of date is reported."""
    seen = {path.stem: _of_scenario(path) for path in catalogue.bundled_scenarios()}
    return reported(_rows(kinds), seen | {WALK: of_walk()}, _excuses(kinds))


def of_sources(names: Iterable[str], kinds: Iterable[Kind] = Kind, excused_in: Path | None = None) -> Report:
    """What these scenarios and traces exercise; a folder stands for all that is in it.

    Only the dialects that they speak count. Excused is what nothing can exercise, and what the file `excused_in` says.
    NoSuchName, ScenarioError or TraceError for what cannot be read; MockagentError for several of them.
    """
    seen: dict[str, frozenset[Row]] = {}
    errors: list[MockagentError] = []
    for path in dict.fromkeys(path for name in names for path in _found(name)):
        is_scenario = path.suffix.lower() in _SCENARIOS
        rows_of = _of_scenario if is_scenario else _of_trace
        try:
            seen[path.stem] = seen.get(path.stem, frozenset()) | rows_of(path)
        except (ScenarioError, TraceError) as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else MockagentError("\n".join(map(str, errors)))
    own = _excuses(kinds, excused_in) if excused_in else []
    standing = [each for each in _excuses(kinds) if each.why is Why.UNREACHABLE]
    spoken = {row.dialect for rows in seen.values() for row in rows} or set(Dialect)
    return reported([row for row in _rows(kinds) if row.dialect in spoken], seen, own, standing)


def of_walk() -> frozenset[Row]:
    """The cells that the walk goes to, those aside where the server itself broke a rule."""
    steps = walked(catalogue.requirements(), catalogue.problems, example)
    return frozenset(each.cell for each in steps if not each.faults)


def codes() -> Codes:
    """Every code of an Error and of a Warning."""
    kinds = ("Error", "Warning")
    return {kind: [code.name for code in CODES.values() if code.kind == kind] for kind in kinds}


def example(dialect: Dialect, type: str) -> JsonObject:
    """A valid body of a client's message type: the first example of its schema."""
    body: JsonObject = catalogue.read_schema(path_of(dialect, Side.CLIENT, type))["examples"][0]
    return body


def _rows(kinds: Iterable[Kind]) -> list[Row]:
    wanted = set(kinds)
    return [row for row in every_row(codes()) if row.kind in wanted]


def _excuses(kinds: Iterable[Kind], file: Path | None = None) -> list[Excuse]:
    wanted = set(kinds)
    return [each for each in catalogue.excuses(file) if each.kind in wanted]


def _found(name: str) -> list[Path]:
    if not os.path.isdir(name):  # noqa: PTH112  (says no, where Path raises, to a name too long)
        return [catalogue.find_scenario(name)]
    inside = sorted([*Path(name).rglob("*.yaml"), *Path(name).rglob(_TRACES)])
    if not inside:
        raise NoSuchName("scenario (*.yaml) or trace (*.jsonl) in the folder", name, ())
    return inside


def _of_scenario(path: Path) -> frozenset[Row]:
    scenario = catalogue.proved_scenario(path)
    plays = unfolded(scenario, catalogue.requirements(), catalogue.problems)
    rows = (exercised(events_of(play.beats), scenario.dialect, scenario.switches) for play in plays)
    return frozenset().union(*rows)


def _of_trace(path: Path) -> frozenset[Row]:
    """What was really sent, whatever the scenario had in mind."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            recorded = trace.read(file, str(path))
        switches = trace.switches_of(recorded.header)
    except OSError as error:
        raise TraceError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise TraceError(f"{path}:1: expected the header of a trace, got one with no right {error}") from None
    dialect = recorded.header.dialect
    return exercised((_checked(event, dialect) for event in recorded.events), dialect, switches)


def _checked(event: Event, dialect: Dialect) -> Event:
    content = event.content
    if not isinstance(content, Message):
        return event
    problems = tuple(catalogue.problems(dialect, event.sender, content.body))
    return replace(event, content=replace(content, problems=problems))
