"""A report as one JSON object, in the form of schemas/files/report.json. Pure."""

from typing import Any

from mockagent.conformance.report import CaseRun, Report, Result
from mockagent.conformance.verdicts import Verdict

VERSION = 1


def document(report: Report, mockagent: str) -> dict[str, Any]:
    """All of the report; `mockagent` is the version that made it."""
    return {
        "report": VERSION,
        "mockagent": mockagent,
        "peer": report.peer.value,
        "command": list(report.command),
        "level": report.level,
        "speed": report.speed,
        "exit_code": report.exit_code,
        "planned": len(report.planned),
        "totals": {verdict.value: count for verdict, count in report.totals.items()},
        "verdicts": {verdict.value: verdict.explanation for verdict in Verdict},
        "notes": list(report.notes),
        "rows": [_row(report, result) for result in report.results],
        "cases": [_run(run) for run in report.runs],
    }


def _row(report: Report, result: Result) -> dict[str, Any]:
    row = result.row
    return {
        "id": row.id,
        "case": row.case,
        "asks": row.asks,
        "sentence": row.sentence,
        "source": row.source,
        "verdict": result.verdict.value,
        "requirement": result.requirement,
        "expected": result.expected,
        "got": result.got,
        "nearest": result.nearest,
        "reason": result.reason,
        "session": result.session or None,
        "frame": result.frame or None,
        "message": result.what,
        "place": result.place,
        "pointer": result.pointer,
        "replay": report.replay.get(row.case, ""),
    }


def _run(run: CaseRun) -> dict[str, Any]:
    return {
        "id": run.case,
        "seconds": run.seconds,
        "status": run.status,
        "files": dict(run.files),
        "output": run.output,
        "troubles": list(run.troubles),
    }
