"""What each requirement has to show for itself: rule, citation, scenario, keeping trace, breaking trace, and mutant.

Scenarios are not written down: they are those in whose plays the requirement is in question. Every connection begins
with a handshake, so every scenario exercises what is asked of that.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "mutants"))

import mutants  # noqa: E402

from mockagent import catalogue  # noqa: E402
from mockagent.conformance.planning import asked_of, rehearsed_plays  # noqa: E402
from mockagent.coverage.seen import events_of  # noqa: E402
from mockagent.protocol.events import Side  # noqa: E402
from mockagent.protocol.handshake_rules import HANDSHAKE_BOOK  # noqa: E402
from mockagent.protocol.judge import Judge  # noqa: E402
from mockagent.protocol.ruling import BOOK  # noqa: E402
from mockagent.scenario.lines import lines_to_play  # noqa: E402

CITED = (
    "https://",
    "RFC",
    "AsyncAPI",
    "deepgram-sdk",
    "field reports",
    "SDK behaviour",
    "measured",
    "the limit of",
)
_FEWEST_WORDS = 5


@dataclass(frozen=True)
class Evidence:
    """By requirement: its rules, the endings of its traces, the scenarios that exercise it, and its mutants.

    `without_mutant` are the reasons why no peer can be had that breaks it.
    """

    rules: frozenset[str]
    traces: Mapping[str, frozenset[str]]
    scenarios: Mapping[str, frozenset[str]]
    mutants: Mapping[str, frozenset[str]]
    without_mutant: Mapping[str, str]


def lacks(entry: Mapping[str, Any], evidence: Evidence) -> list[str]:
    """What an entry of the catalogue has not got. What no rule can see has to say why, and then needs no more."""
    id = entry["id"]
    found = [] if str(entry.get("source", "")).startswith(CITED) else ["a citation"]
    if "unseen" in entry:
        return found if _is_said(entry["unseen"]) else [*found, "a reason why no rule sees it"]
    found += [] if id in evidence.rules else ["a rule"]
    found += [] if evidence.scenarios.get(id) else ["a scenario"]
    traces = evidence.traces.get(id, frozenset())
    found += [f"a {word} trace" for word, ending in _ENDINGS.items() if ending not in traces]
    has_mutant = evidence.mutants.get(id) or _is_said(evidence.without_mutant.get(id, ""))
    return found if has_mutant else [*found, "a mutant"]


_ENDINGS = {"keeping": "pass", "breaking": "fail"}


def _is_said(reason: Any) -> bool:
    return isinstance(reason, str) and len(reason.split()) >= _FEWEST_WORDS


def evidence() -> Evidence:
    """All that there is."""
    files = [*(ROOT / "conformance/traces").iterdir(), *(ROOT / "conformance/handshakes").iterdir()]
    killers = [(mutant.breaks, mutant.name) for mutant in mutants.MUTANTS]
    return Evidence(
        frozenset(rule.requirement for rule in (*BOOK, *HANDSHAKE_BOOK)),
        _grouped((path.name.split(".")[0], path.name.split(".")[1]) for path in files),
        _grouped(_exercised()),
        _grouped(killers),
        mutants.WITHOUT_MUTANT,
    )


def _grouped(pairs: Any) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for id, what in pairs:
        found.setdefault(id, set()).add(what)
    return {id: frozenset(each) for id, each in found.items()}


def _exercised() -> Any:
    requirements = catalogue.requirements()
    for path in catalogue.bundled_scenarios():
        scenario = catalogue.load_scenario(path)
        yield from ((rule.requirement, scenario.name) for rule in HANDSHAKE_BOOK)
        for lines in lines_to_play(scenario):
            plays = rehearsed_plays(scenario, lines, requirements)
            ids = {id for side in Side for id in asked_of(side, scenario, plays)}
            for play in plays:
                judge = Judge(requirements, scenario.switches, scenario.dialect)
                for event in events_of(play.beats):
                    ids |= {rule.requirement for rule in judge.rules_for(event)}
                    judge.observe(event)
            yield from ((id, scenario.name) for id in ids)
