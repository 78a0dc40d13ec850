"""What differs between two reports, as text and as one JSON object. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mockagent.conformance.comparison import Difference, Kind, is_worse
from mockagent.conformance.report import Result

VERSION = 1


def lines(found: Sequence[Difference]) -> Iterator[str]:
    """Each row that differs, and one line for the whole."""
    for each in found:
        yield f"{each.kind}: {each.id}  {_verdicts(each)}"
        if each.kind is Kind.CHANGED and each.old:
            yield f"      before: {each.old.said}"
        if each.new and (said := each.new.said):
            yield f"      {'now:   ' if each.old else 'found: '} {said}"
    counts = Counter(each.kind for each in found)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind])
    verdict = "worse" if is_worse(found) else "no worse"
    yield f"{verdict}: {told}" if told else "no difference"


def document(found: Sequence[Difference]) -> dict[str, Any]:
    """The same in the form of schemas/files/report_diff.json."""
    return {
        "report_diff": VERSION,
        "worse": is_worse(found),
        "rows": [
            {"id": each.id, "kind": each.kind.value, "old": _side(each.old), "new": _side(each.new)}
            for each in found
        ],
    }


def _verdicts(each: Difference) -> str:
    verdicts = [result.verdict.value for result in (each.old, each.new) if result]
    return " -> ".join(dict.fromkeys(verdicts))


def _side(result: Result | None) -> dict[str, str] | None:
    if result is None:
        return None
    return {
        "verdict": result.verdict.value,
        "expected": result.expected,
        "got": result.got,
        "reason": result.reason,
    }
