"""How a verdict looks: a sign and a class, so that colour is never all that tells it. Pure."""

from collections.abc import Iterable, Mapping

from mockagent.conformance.verdicts import Verdict, Weight
from mockagent.render.html.markup import text

SIGNS: Mapping[Verdict, str] = {
    Verdict.HARNESS_ERROR: "!!",
    Verdict.CRASH: "☠",
    Verdict.HANG: "⧗",
    Verdict.FAIL: "✗",
    Verdict.XPASS: "x✓",
    Verdict.INCONCLUSIVE: "?",
    Verdict.UNIMPLEMENTED: "∅",
    Verdict.XFAIL: "x✗",
    Verdict.WARN: "△",
    Verdict.SKIPPED: "»",
    Verdict.NOT_APPLICABLE: "–",
    Verdict.PASS_LENIENT: "(✓)",
    Verdict.PASS: "✓",
}

_CLASSES: Mapping[Weight, str] = {
    Weight.GOOD: "good",
    Weight.BAD: "bad",
    Weight.OPEN: "open",
    Weight.UNSCORED: "unscored",
    Weight.OURS: "ours",
    Weight.STALE: "stale",
}
_BETWEEN = frozenset({Verdict.WARN, Verdict.XFAIL, Verdict.PASS_LENIENT})


def class_of(verdict: Verdict) -> str:
    """The class by which it is coloured."""
    return "warned" if verdict in _BETWEEN else _CLASSES[verdict.weight]


def chip(verdict: Verdict, count: int | None = None) -> str:
    """The verdict in its colour with its sign; with a count, how many there are."""
    number = f" <b>{count}</b>" if count is not None else ""
    return f'<span class="chip {class_of(verdict)}"><i aria-hidden="true">{SIGNS[verdict]}</i> {verdict}{number}</span>'


def legend(totals: Mapping[Verdict, int]) -> str:
    """Every verdict with what it says and how many rows have it; those that none has come folded."""
    seen = [verdict for verdict in Verdict if totals.get(verdict)]
    rest = [verdict for verdict in Verdict if not totals.get(verdict)]
    folded = f"<details><summary>Other verdicts</summary>{_table(rest, totals)}</details>" if rest else ""
    return (_table(seen, totals) if seen else "") + folded


def _table(verdicts: Iterable[Verdict], totals: Mapping[Verdict, int]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{chip(each)}</th><td class="number">{totals.get(each, 0)}</td>'
        f"<td>{text(each.explanation)}</td></tr>"
        for each in verdicts
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("verdict", "rows", "what it says"))
    return f'<table class="legend"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
