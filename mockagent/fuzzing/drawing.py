"""Faults that Hypothesis draws: right messages of every shape, and huge ones. The same seed draws the same."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning

from mockagent.fuzz.near_miss import text
from mockagent.fuzz.sending import Fault, Say, Sending, Step
from mockagent.protocol import messages as known
from mockagent.protocol.events import Dialect, Side
from mockagent.testing import strategies

AT_ONCE = 50
"""Messages drawn at a time."""
_GIANTS = 5
"""Every so manieth batch is of giants."""
_RIGHT = "it fits its schema"


def drawn(
    dialect: Dialect,
    side: Side,
    way: tuple[Step, ...],
    number: int,
    first_seed: int,
    type: str | None = None,
    *,
    must_be_taken: bool = False,
) -> Iterator[Fault]:
    """So many messages of a side, each after the lines of `way`, but for those that begin a session.

    Every fifth batch is of giants, which may be refused whatever `must_be_taken` says.
    """
    made = 0
    for batch in range(-(-number // AT_ONCE)):
        is_giant = batch % _GIANTS == _GIANTS - 1
        right = _RIGHT if must_be_taken and not is_giant else ""
        for body in _batch(dialect, side, type, first_seed + batch, is_giant):
            if made == number:
                return
            made += 1
            origin = f"drawn/{dialect}/{side}/{body['type']}#seed:{first_seed + batch}:{made}"
            lines = () if body["type"] in ("Welcome", known.SETTINGS[dialect]) else way
            wire = text(json.dumps(body, separators=(",", ":")))
            yield Fault(
                origin,
                "drawn",
                "a message that fits its schema",
                Sending(dialect, side, (*lines, Say(wire))),
                right,
            )


def _batch(dialect: Dialect, side: Side, type: str | None, number: int, giant: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    strategy = (strategies.giants if giant else strategies.messages)(dialect, side, type)

    @seed(number)
    @settings(
        max_examples=AT_ONCE,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(body: dict[str, Any]) -> None:
        found.append(body)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        collect()
    return found
