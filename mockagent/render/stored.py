"""A report from the JSON object that `document` made of it. Pure."""

from collections.abc import Mapping
from typing import Any

from mockagent.conformance.report import CaseRun, Report, Result, Row
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Side


def report_of(body: Mapping[str, Any]) -> Report:
    """The report again; the object fits schemas/files/report.json."""
    results = tuple(map(_result, body["rows"]))
    return Report(
        tuple(result.row for result in results),
        results,
        tuple(map(_run, body["cases"])),
        tuple(body["command"]),
        body["level"],
        body["speed"],
        {row["case"]: row["replay"] for row in body["rows"] if row["replay"]},
        tuple(body["notes"]),
        Side(body.get("peer", Side.CLIENT)),
    )


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        Row(row["case"], row["asks"], row["sentence"], row["source"]),
        Verdict(row["verdict"]),
        row["expected"],
        row["got"],
        row["reason"],
        row["frame"] or 0,
        row["message"],
        row["place"],
        row["pointer"],
        row["nearest"],
        row.get("session") or 0,
        row.get("requirement", ""),
    )


def _run(case: Mapping[str, Any]) -> CaseRun:
    return CaseRun(
        case["id"], case["seconds"], case["status"], case["files"], case["output"], tuple(case["troubles"])
    )
