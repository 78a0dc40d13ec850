"""A report as a badge, in the form of an endpoint of shields.io (https://shields.io/badges/endpoint-badge). Pure."""

from collections.abc import Mapping
from typing import Any

from mockagent.conformance.report import (
    FAILED,
    INCONCLUSIVE,
    KIT_FAILED,
    NOTHING_RAN,
    OK,
    STALE_BASELINE,
    STOPPED,
    Report,
)
from mockagent.render.words import OUTCOMES, good

_COLOURS: Mapping[int, str] = {
    OK: "brightgreen",
    FAILED: "red",
    KIT_FAILED: "lightgrey",
    NOTHING_RAN: "lightgrey",
    STALE_BASELINE: "orange",
    INCONCLUSIVE: "yellow",
    STOPPED: "lightgrey",
}


def badge(report: Report) -> dict[str, Any]:
    """The badge: what the whole amounts to, and how many of the rows that are scored are good."""
    outcome, _ = OUTCOMES[report.exit_code]
    counted = f" · {good(report)}/{report.scored}" if report.scored else ""
    return {
        "schemaVersion": 1,
        "label": "voice agent",
        "message": f"{outcome}{counted}",
        "color": _COLOURS[report.exit_code],
    }
