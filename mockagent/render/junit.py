"""A report as JUnit XML: a suite for each case, a test for each row, and counts that add up. Pure."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from mockagent.conformance.report import Report, Result
from mockagent.conformance.verdicts import Weight
from mockagent.render.words import cases_of

_OUTCOMES = {
    Weight.BAD: "failure",
    Weight.STALE: "failure",
    Weight.OURS: "error",
    Weight.OPEN: "skipped",
    Weight.UNSCORED: "skipped",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The document, with its declaration."""
    root = Xml.Element("testsuites", _counts(report.results), name="mockagent conform")
    seconds = {run.case: run.seconds for run in report.runs}
    for case, results in cases_of(report).items():
        lasted = f"{seconds.get(case, 0):.3f}"
        suite = Xml.SubElement(root, "testsuite", _counts(results), name=_clean(case), time=lasted)
        for result in results:
            _test(suite, result, report.replay.get(case, ""))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    outcomes = [_OUTCOMES.get(result.verdict.weight) for result in results]
    counts = {f"{name}s": outcomes.count(name) for name in ("failure", "error")}
    return {
        key: str(n)
        for key, n in {"tests": len(results), **counts, "skipped": outcomes.count("skipped")}.items()
    }


def _test(suite: Xml.Element, result: Result, replay: str) -> None:
    row = result.row
    test = Xml.SubElement(suite, "testcase", classname=_clean(row.case), name=_clean(row.asks))
    outcome = _OUTCOMES.get(result.verdict.weight)
    if outcome is None:
        return
    said = result.reason or f"expected {result.expected}, got {result.got}"
    node = Xml.SubElement(test, outcome, message=_clean(f"{result.verdict}: {said}"))
    frame = f"frame {result.frame}: {result.what}" if result.frame else ""
    expected = f"expected {result.expected}" if result.expected else ""
    got = f"got {result.got}" if result.got else ""
    told = (
        row.sentence,
        result.place,
        frame,
        expected,
        got,
        row.source,
        f"replay: {replay}" if replay else "",
    )
    node.text = _clean("\n".join(filter(None, told)))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
