"""What a run of `mockagent fuzz` prints, writes and keeps, while it happens."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockagent import __version__
from mockagent.cli.frames import steps_written
from mockagent.cli.plain import echo
from mockagent.errors import MockagentError
from mockagent.fuzz.failure import Failure
from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Fault, Sending
from mockagent.fuzzing.campaign import Alike, Found, Results, Told, Tried
from mockagent.fuzzing.store import keep, keep_scenario, open_to

if TYPE_CHECKING:
    from types import TracebackType

    from mockagent.cli.fuzz_peers import Chosen

_TELLS_EVERY = 10.0
"""Seconds between two lines of progress where they cannot replace each other."""
_REDRAWS_EVERY = 0.2
_CLEARS = "\r\x1b[K"
_MOST_LINES, _LONGEST_LINE = 20, 200
"""Of a scenario that is printed; of a larger one only the file is named."""


class Report:
    """Hears a campaign out. `enumerated` is how many of its faults are near-misses, before what is drawn.

    `function` tells what a client is asked to run, as far as it is known by then.
    """

    def __init__(
        self,
        peer: str,
        target: tuple[str, ...],
        options: Mapping[str, Any],
        chosen: "Chosen",
        enumerated: int,
        function: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._peer = peer
        self._target = target
        self._options = options
        self._chosen = chosen
        self._function = function
        self._of = enumerated + (chosen.examples or 0)
        self._number = self._failed = 0
        self._began = self._told_at = time.monotonic()
        self._is_live = sys.stderr.isatty() and not chosen.quiet
        open_to(chosen.store)
        try:
            self._file = chosen.json.open("w", encoding="utf-8") if chosen.json else None
        except OSError as error:
            raise MockagentError(f"cannot write {chosen.json}: {error.strerror or error}") from None

    def __enter__(self) -> "Report":
        self._line(
            "fuzz_began",
            mockagent=__version__,
            peer=self._peer,
            target=self._target,
            dialect=self._chosen.dialect,
            options=self._options,
            seed=self._chosen.seed,
            faults=self._of,
        )
        return self

    def __exit__(self, kind: object, error: object, trail: "TracebackType | None") -> None:
        self._clear()
        if self._file is not None:
            self._file.close()

    def told(self, told: Told) -> None:
        """Something happened."""
        match told:
            case Tried(fault=fault, outcome=outcome):
                self._number += 1
                self._failed += outcome.fails(fault)
                self._line(
                    "tried",
                    fault=fault.origin,
                    sending=fault.sending.id,
                    verdict=outcome.verdict,
                    detail=outcome.detail,
                    fails=outcome.fails(fault),
                )
                self._progress()
            case Alike(fault=fault, outcome=outcome):
                self._kept(fault, outcome, fault.sending)
            case Found(fault=fault, outcome=outcome, sending=sending, found_in=whole):
                said = self._kept(fault, outcome, sending, whole, is_sure=told.is_sure, tries=told.tries)
                self._clear()
                for line in (*_of_failure(told), *said):
                    echo(line)

    def ended(self, results: Results) -> None:
        """It is over."""
        seconds = round(time.monotonic() - self._began, 1)
        counts = {verdict.value: results.counts[verdict] for verdict in Verdict}
        self._line(
            "fuzz_ended",
            counts=counts,
            failures=results.failed,
            kinds=len(results.found),
            is_complete=not (results.is_cut_short or results.lost),
            seconds=seconds,
        )
        self._clear()
        said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
        echo(f"{sum(counts.values())} faults in {seconds:g} s: {said or 'nothing was sent'}")
        if results.failed:
            kinds = "1 kind" if len(results.found) == 1 else f"{len(results.found)} kinds"
            failures = "1 failure" if results.failed == 1 else f"{results.failed} failures"
            echo(f"{failures} of {kinds}, kept in {self._chosen.store}")
        if results.lost:
            echo(f"nothing more could be sent: {results.lost}", err=True)
        if results.is_cut_short:
            echo("the time was over before all faults were sent", err=True)

    def _kept(
        self, fault: Fault, outcome: Outcome, sending: Sending, whole: Sending | None = None, **more: Any
    ) -> list[str]:
        """Keep it as it was sent, or as small as it became of `whole`; what is like another has no `tries`.

        Gives what is to be said of its scenario, of which only the first of its kind has one.
        """
        found_in = None if whole is None or whole == sending else whole
        options = {**self._options, "dialect": self._chosen.dialect.value}
        if (function := self._function()) is not None:
            options["function"] = function
        failure = Failure(
            self._peer, self._target, fault.origin, outcome, sending, __version__, options, found_in
        )
        path = keep(failure, self._chosen.store)
        scenario, said = (None, []) if "tries" not in more else self._as_scenario(failure)
        self._line(
            "failed",
            id=failure.id,
            fault=fault.origin,
            family=fault.family,
            verdict=outcome.verdict,
            detail=outcome.detail,
            where=outcome.where,
            file=str(path),
            **({"scenario": str(scenario)} if scenario else {}),
            **more,
        )
        return said

    def _as_scenario(self, failure: Failure) -> tuple[Path | None, list[str]]:
        """Where the failure of a client is kept as a scenario, and what is said of it."""
        if self._peer != "client":
            return None, []
        from mockagent.fuzz.as_scenario import CannotSay
        from mockagent.fuzzing.scenarios import scenario_of

        try:
            text = scenario_of(failure)
        except CannotSay as error:
            return None, [f"  no scenario: {error}"]
        path = keep_scenario(text, failure, self._chosen.store)
        lines = text.splitlines()
        if len(lines) > _MOST_LINES or max(map(len, lines)) > _LONGEST_LINE:
            return path, [f"  as a scenario: {path}"]
        return path, [f"  as a scenario, {path}:", *(f"    {line}" for line in lines)]

    def _line(self, event: str, **values: Any) -> None:
        if self._file is not None:
            self._file.write(json.dumps({"event": event, **values}) + "\n")
            self._file.flush()

    def _progress(self) -> None:
        if self._chosen.quiet:
            return
        now = time.monotonic()
        if now - self._told_at < (_REDRAWS_EVERY if self._is_live else _TELLS_EVERY):
            return
        self._told_at = now
        text = f"{self._number} of {self._of} faults, {self._failed} failures, {now - self._began:.0f} s"
        if self._is_live:
            click.echo(f"{_CLEARS}{text}", err=True, nl=False)
        else:
            echo(text, err=True)

    def _clear(self) -> None:
        if self._is_live:
            click.echo(_CLEARS, err=True, nl=False)


def _of_failure(found: Found) -> Iterator[str]:
    """The smallest that fails, line by line."""
    sure = "" if found.is_sure else " (seen once, and not again)"
    yield f"{found.sending.id} {found.outcome.verdict}: {found.outcome.detail}{sure}"
    yield f"  by {found.fault.origin}"
    if found.fault.must_be_taken and found.outcome.verdict is Verdict.REFUSED:
        yield f"  which is legal: {found.fault.must_be_taken}"
    yield from (f"  {line}" for line in steps_written(found.sending))
