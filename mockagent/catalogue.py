"""The files of the project as values of the core: schemas and scenarios, bundled or the user's own.

Everything is read when it is first asked for, and kept where it is asked for often.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mockagent.audio.pace import speaking_time
from mockagent.errors import Flaw, NoSuchName, ScenarioError
from mockagent.protocol.codes import CODES
from mockagent.protocol.events import Dialect, JsonObject, Problem, Side
from mockagent.protocol.requirements import Certainty, Keyword, Refusal, Requirement
from mockagent.resources import folder
from mockagent.scenario.checks import lines_of
from mockagent.scenario.model import FaultStrikes, Scenario, ServerSends
from mockagent.scenario.nodes import ListNode
from mockagent.scenario.parse import parse
from mockagent.scenario.reading import Recording, Surroundings
from mockagent.yaml_nodes import load

if TYPE_CHECKING:
    from mockagent.coverage.report import Excuse
    from mockagent.fuzz.corpus import Corpus
    from mockagent.protocol.schemas import Schemas

MOST_BYTES = 1_000_000
MOST_WAV_BYTES = 100_000_000


@cache
def read_schema(path: str) -> Mapping[str, Any]:
    """The parsed schema file at a path below schemas/; FileNotFoundError if there is none."""
    schema: Mapping[str, Any] = json.loads((folder("schemas") / path).read_text("utf-8"))
    return schema


@cache
def schemas() -> "Schemas":
    """The validators of every message of both dialects."""
    from mockagent.protocol.schemas import Schemas  # costs 60 ms that not every command needs

    return Schemas(read_schema)


@cache
def corpus() -> "Corpus":
    """Every near-miss of both dialects."""
    from mockagent.fuzz.corpus import Corpus  # what only fuzzing needs

    return Corpus(schemas())


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the files; ScenarioError when a file is wrong."""
    found: dict[str, Requirement] = {}
    for path in sorted((folder("conformance") / "requirements").glob("*.yaml")):
        entries: Any = load(path.read_text("utf-8"), str(path)).value
        found |= {entry["id"]: _requirement(entry) for entry in entries}
    return MappingProxyType(found)


def _requirement(entry: Mapping[str, Any]) -> Requirement:
    values = dict(entry)
    values["keyword"] = Keyword(values["keyword"])
    values["binds"] = Side(values["binds"])
    values["certainty"] = Certainty(values["certainty"])
    if "dialects" in values:
        values["dialects"] = tuple(map(Dialect, values["dialects"]))
    if "refusal" in values:
        values["refusal"] = _refusal(**values["refusal"])
    return Requirement(**values)


def excuses(path: Path | None = None) -> "list[Excuse]":
    """Why some rows of the coverage report need not be exercised: those of a file, or those that come with mockagent.

    ScenarioError with the place of every entry that is none.
    """
    path = path or folder("conformance") / "coverage.yaml"
    return list(map(_excuse, _entries(path, "files/excuse.json", "excuses")))


def baseline(path: Path) -> list[Mapping[str, str]]:
    """The entries of a file of known failures; ScenarioError with the place of every one that is none."""
    return _entries(path, "files/baseline.json", "known failures")


def _entries(path: Path, schema: str, what: str) -> list[Any]:
    document = load(_text(path), str(path))
    if not isinstance(document, ListNode):
        raise ScenarioError([Flaw(str(path), 1, 1, f"expected a list of {what}")])
    flaws = [
        Flaw(str(path), item.line, item.column, str(problem))
        for item in document.items
        for problem in schemas().conforms(schema, item.value)
    ]
    if flaws:
        raise ScenarioError(flaws)
    return list(document.value)


def _excuse(entry: Mapping[str, Any]) -> "Excuse":
    from mockagent.coverage.report import Excuse, Why  # what only the report needs
    from mockagent.coverage.rows import Kind

    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    values |= {"kind": Kind(entry["kind"]), "why": Why(entry["why"])}
    if "dialects" in entry:
        values["dialects"] = tuple(map(Dialect, entry["dialects"]))
    return Excuse(**values)


def _refusal(code: str, description: str | None = None, message: str | None = None) -> Refusal:
    """The Error of that code, in the words of the table of codes where the requirement has none of its own."""
    known = CODES[code]
    return Refusal(code, description or known.description, message or known.message)


def load_scenario(path: Path) -> Scenario:
    """The scenario of a file; ScenarioError with every flaw of it, in order of the file."""
    return _read(_text(path), str(path), path.parent)


def _read(text: str, file: str, folder: Path) -> Scenario:
    surroundings = Surroundings(
        read_wav=wav_reader(folder),
        speaking_time=speaking_time,
        problems=problems,
        requirement_ids=requirements().keys(),
    )
    return parse(load(text, file), file, surroundings)


def proved_scenario(path: Path) -> Scenario:
    """As `load_scenario`; ScenarioError also where the scenario breaks a requirement without saying so."""
    return _proved(load_scenario(path))


def proved_scenarios(paths: Iterable[Path]) -> list[Scenario]:
    """As `proved_scenario`, of several files; ScenarioError with the flaws of all of them."""
    plays: list[Scenario] = []
    flaws: list[Flaw] = []
    for path in paths:
        try:
            plays.append(proved_scenario(path))
        except ScenarioError as error:
            flaws += error.flaws
    if flaws:
        raise ScenarioError(flaws)
    return plays


def scenario_of(text: str, name: str) -> Scenario:
    """As `proved_scenario`, of a text; `name` stands where a file would be named, WAVs lie in the current folder."""
    return _proved(_read(text, name, Path.cwd()))


def _proved(scenario: Scenario) -> Scenario:
    from mockagent.scenario.prove import proved  # loads the rules, which reading a scenario does not need

    flaws = proved(scenario, requirements(), problems if _writes_messages(scenario) else _no_problems)
    if flaws:
        raise ScenarioError(flaws)
    return scenario


def find_scenario(name_or_path: str) -> Path:
    """The file of a scenario: a path, or the name of a bundled one from anywhere; NoSuchName if neither."""
    path = Path(name_or_path)
    if _is_file(path):
        return path
    bundled = _bundled_names()
    name = name_or_path.replace("\\", "/").removeprefix("./").removeprefix("scenarios/").removesuffix(".yaml")
    if name not in bundled:
        raise NoSuchName("file or bundled scenario", name_or_path, bundled)
    return bundled[name]


def find_scenarios(names_or_paths: Iterable[str]) -> list[Path]:
    """The files of several scenarios, in that order; a folder is all *.yaml files below it, sorted."""
    found: list[Path] = []
    for each in names_or_paths:
        if not _is_folder(Path(each)):
            found.append(find_scenario(each))
            continue
        if not os.access(each, os.R_OK | os.X_OK):
            raise ScenarioError([Flaw(each, 1, 1, "the folder cannot be read: Permission denied")])
        inside = sorted(Path(each).rglob("*.yaml"))
        if not inside:
            raise NoSuchName("scenario file (*.yaml) in the folder", each, ())
        found += inside
    return list(dict.fromkeys(found))


def bundled_scenarios() -> list[Path]:
    """The files of all scenarios that come with mockagent: those at the top first, then by area and name."""
    top = folder("scenarios")
    return sorted(top.rglob("*.yaml"), key=lambda path: (path.parent != top, path))


def wav_reader(below: Path) -> Callable[[str], Recording]:
    """Reads WAV files by their path relative to a folder; ValueError for a path outside it, or no WAV."""

    def read(path: str) -> Recording:
        resolved = (below / path).resolve()
        if not resolved.is_relative_to(below.resolve()):
            raise ValueError(
                f"expected a WAV file in the scenario's own folder, got {path!r}, which is outside"
            )
        try:
            if not resolved.is_file():
                raise ValueError(f"expected a WAV file, got {path!r}, which is no file")
            if resolved.stat().st_size > MOST_WAV_BYTES:
                raise ValueError(f"expected a WAV file of at most {MOST_WAV_BYTES} bytes, got {path!r}")
            return _recording(resolved.read_bytes(), path)
        except OSError as error:
            raise ValueError(f"expected a WAV file, got {path!r}: {error.strerror or error}") from None

    return read


def _recording(data: bytes, path: str) -> Recording:
    from mockagent.audio.wav import UnreadableWav, read_wav  # loads numpy, which few scenarios need

    try:
        samples, sample_rate = read_wav(data)
    except UnreadableWav as error:
        raise ValueError(f"{path!r} cannot be played: {error}") from None
    if not len(samples):
        raise ValueError(f"expected a WAV file with sound in it, got {path!r}, which has none")
    return Recording(data, len(samples) / sample_rate)


def problems(dialect: Dialect, sender: Side, body: JsonObject) -> tuple[Problem, ...]:
    """Where a message departs from its schema; the validators are loaded by the first question."""
    if len(body) == 1:
        return _problems_of_bare(dialect, sender, body["type"])
    return schemas().problems(dialect, sender, body)


@lru_cache(maxsize=128)
def _problems_of_bare(dialect: Dialect, sender: Side, type: str) -> tuple[Problem, ...]:
    """Of a message that is nothing but its type, as acknowledgements and KeepAlives are."""
    return schemas().problems(dialect, sender, {"type": type})


def _no_problems(_dialect: Dialect, _sender: Side, _body: JsonObject) -> tuple[Problem, ...]:
    """What the kit words by itself keeps its schema; only what a scenario writes, or a fault mangles, may not."""
    return ()


def _writes_messages(scenario: Scenario) -> bool:
    lines = [scenario.steps]
    lines += [reaction.steps for reaction in scenario.reactions]
    lines += [attempt.steps for attempt in scenario.attempts]
    waiting = [step for line in lines for step in line]
    while waiting:
        step = waiting.pop()
        if isinstance(step, ServerSends | FaultStrikes):
            return True
        waiting += [each for line in lines_of(step) for each in line]
    return False


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ScenarioError(
                [Flaw(str(path), 1, 1, f"expected a file of at most {MOST_BYTES} bytes, got more")]
            )
        data = path.read_bytes()
    except OSError as error:
        raise ScenarioError([Flaw(str(path), 1, 1, f"cannot be read: {error.strerror or error}")]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        text = f"expected UTF-8, got the byte 0x{data[error.start]:02x}"
        raise ScenarioError([Flaw(str(path), line, column, text)]) from None


def _is_file(path: Path) -> bool:
    """Whether that is a file; one that may not be looked at is taken for one, for the reading to say so."""
    try:
        return path.is_file()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


@cache
def _bundled_names() -> Mapping[str, Path]:
    """Bundled files by what one may call them: "functions/function_call", and "function_call" alone."""
    top = folder("scenarios")
    names: dict[str, Path] = {}
    for path in bundled_scenarios():
        names.setdefault(path.stem, path)
        names[path.relative_to(top).with_suffix("").as_posix()] = path
    return names
