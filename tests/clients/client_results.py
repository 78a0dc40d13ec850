"""What the conformance kit found of each client, `conformance/results/clients.json`: condensed from its reports.

Kept is what two runs share: no times, ports, ids or folders. Rows that failed only since their scenario broke off
are in the totals; the finding is the row that says why it did.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from environments import ROOT

FOLDER = ROOT / "conformance" / "results"
FILE = FOLDER / "clients.json"
TRACES = FOLDER / "traces"
BAD = ("CRASH", "HANG", "FAIL")
TOLD = (*BAD, "WARN", "PASS-LENIENT", "INCONCLUSIVE")
"""Verdicts that call for a word, worst first."""
_CONSEQUENCES = ("the client never came to it", "not scored: ")
_MOST = 200
_PLAIN_AUDIO = {"n", "at", "from", "audio"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The same thing found in one or more cases. `trace` is a file of TRACES, the session of the first of them."""

    client: str
    asks: str
    verdict: str
    cases: tuple[str, ...]
    expected: str
    got: str
    reason: str
    message: str
    pointer: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of a client: `rows` are how often each thing asked had which verdict of its own.

    `cannot` are the cases that its driver gave up with 127, and what it said. `taken_for` are types that the SDK does
    not know, with what it delivers them as. `not_run` says why nothing was tried.
    """

    client: str
    version: str | None = None
    not_run: str = ""
    dialect: str = "v1"
    level: int = 0
    cases: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    taken_for: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def seen_of(client: str, version: str, dialect: str, report: Mapping[str, Any]) -> Seen:
    """What a report of `conform client --json` says of a client."""
    rows = report["rows"]
    courses = {row["case"]: row for row in rows if row["asks"] == "course"}
    own = [row for row in rows if not _follows(row, courses.get(row["case"], {}))]
    output = {case["id"]: case["output"] for case in report["cases"]}
    taken_for = dict(each for case in report["cases"] for each in _taken_for(case["files"].get("observed")))
    given_up = dict.fromkeys(row["case"] for row in rows if row["verdict"] == "UNIMPLEMENTED")
    return Seen(
        client,
        version,
        "",
        dialect,
        report["level"],
        len({row["case"] for row in rows}),
        report["totals"],
        _by_question(own),
        {case: _plain(output.get(case, "").strip().splitlines()[-1:]) for case in given_up},
        dict(sorted(taken_for.items())),
        tuple(_findings(client, own)),
    )


def _taken_for(observed: str | None) -> Iterator[tuple[str, str]]:
    """Each type that the application was given as something else, and what that is called."""
    text = Path(observed).read_text("utf-8") if observed else ""
    for line in map(json.loads, text.splitlines()):
        if line.get("known") is False:
            yield line["event"] or "what has no type", line["name"]


def _follows(row: Mapping[str, Any], course: Mapping[str, Any]) -> bool:
    """Is this row bad for nothing but that its scenario broke off, which another row says?"""
    if row["asks"] == "course" or row["verdict"] not in BAD:
        return False
    is_the_same = bool(row["got"]) and (row["expected"], row["got"]) == (
        course.get("expected"),
        course.get("got"),
    )
    return is_the_same or row["reason"].startswith(_CONSEQUENCES)


def _by_question(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row["asks"], Counter())[row["verdict"]] += 1
    return {asks: dict(sorted(counts[asks].items())) for asks in sorted(counts)}


def _findings(client: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[Finding]:
    same: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row["verdict"] in TOLD:
            told = [_plain([row[key]]) for key in ("expected", "got", "reason", "message", "pointer")]
            asks = row["asks"]
            if asks != "course":
                # How often, and in which message, is another in each case.
                told[2], told[3] = "", ""
            same.setdefault((asks, row["verdict"], *told), []).append(row["case"])
    for (asks, verdict, *told), cases in same.items():
        expected, got, reason, message, pointer = told
        yield Finding(client, asks, verdict, tuple(cases), expected, got, reason, message, pointer)


def _plain(texts: Iterable[str]) -> str:
    """The text without what is another in each run."""
    text = " ".join(texts)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"after [\d.]+ s", "after a while", text)
    return re.sub(r"\s+", " ", text)[:_MOST]


def small(trace: Path) -> str:
    """A trace with each run of audio frames as one line, and without what tells nothing here."""
    head, *events, end = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    kept: list[dict[str, Any]] = []
    for event in events:
        if "audio" in event:
            event["audio"] = {key: event["audio"][key] for key in ("bytes", "frames", "largest")}
            if kept and _PLAIN_AUDIO == event.keys() == kept[-1].keys() and kept[-1]["from"] == event["from"]:
                run = kept[-1]["audio"]
                run["bytes"] += event["audio"]["bytes"]
                run["frames"] += event["audio"]["frames"]
                run["largest"] = max(run["largest"], event["audio"]["largest"])
                continue
        kept.append(event)
    numbered = [{**event, "n": number} for number, event in enumerate(kept, 1)]
    lines = [head, *numbered, {**end, "events": len(kept)}]
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def load() -> dict[str, Seen]:
    """What is committed, by client; empty when there is nothing yet."""
    if not FILE.exists():
        return {}
    found = json.loads(FILE.read_text("utf-8"))
    return {
        name: Seen(
            **{
                **told,
                "findings": tuple(
                    Finding(**{**each, "cases": tuple(each["cases"])}) for each in told["findings"]
                ),
            }
        )
        for name, told in found.items()
    }


def written(results: Mapping[str, Seen], names: Iterable[str]) -> str:
    """The file's text, clients in the order of these names, a line for each finding."""
    clients = ",\n".join(f'"{name}": {_lines(results[name])}' for name in names if name in results)
    return f"{{\n{clients}\n}}\n"


def _lines(seen: Seen) -> str:
    told = asdict(seen)
    findings = ",\n  ".join(_json(each) for each in told.pop("findings"))
    rows = ",\n ".join(f'"{key}": {_json(part)}' for key, part in told.items())
    return f'{{\n {rows},\n "findings": [\n  {findings}\n ]\n}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
