"""How a test gets a server: what to serve, and how, in the words of `mockagent serve`."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeAlias

from mockagent import catalogue
from mockagent.errors import nearest
from mockagent.protocol.events import Tolerance
from mockagent.scenario.faults.flags import standing
from mockagent.scenario.model import Scenario
from mockagent.server.options import Options
from mockagent.testing.running import RunningServer
from mockagent.testing.verdict import Expectation

Source: TypeAlias = str | os.PathLike[str] | Scenario
"""The name of a bundled scenario, a file, a folder, or a scenario itself."""
_ENDLESS = float("inf")
INLINE = "inline.yaml"
"""What a scenario that was given as text is called where a file would be named."""


def serving(
    *scenarios: Source,
    yaml: str | None = None,
    speed: float = 1.0,
    tolerance: str = "faithful",
    api_key: str | Collection[str] = (),
    max_sessions: int | None = None,
    trace: str | os.PathLike[str] | None = None,
    allow_host: str | Collection[str] = (),
    seed: int | None = None,
    faults: Collection[str] = (),
    expect_finished: bool = True,
    allow_findings: bool | Collection[str] = (),
) -> RunningServer:
    """A server of these scenarios, or of the house agent, that accepts clients already.

    `yaml` is a scenario as text. `faults` are as for `serve --fault`, such as "tcp_reset" or "delayed:0.5". `api_key`
    lets in only that key, or those; `allow_host` lets functions be called there, HOST or HOST:PORT, and not on this
    machine alone. With `expect_finished` False neither an unfinished scenario nor the absence of any client is a
    fault; `allow_findings` names requirements that a client may break, or is True for all.
    ScenarioError, NoSuchName, ValueError and ServerError say why it cannot be served.
    """
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed < _ENDLESS:
        raise ValueError(f"expected a number above 0 as the speed, got {speed!r}")
    levels = [level.label for level in Tolerance]
    if tolerance not in levels:
        raise ValueError(
            f"expected {', '.join(levels[:-1])} or {levels[-1]} as the tolerance, got {tolerance!r}"
            f"{nearest(str(tolerance), levels)}"
        )
    allowed = (allow_findings,) if isinstance(allow_findings, str) else allow_findings
    expected = Expectation(finished=expect_finished, findings=allowed)
    expected.check(catalogue.requirements().keys())
    options = Options(
        speed=speed,
        tolerance=Tolerance.named(tolerance),
        api_keys=frozenset([api_key] if isinstance(api_key, str) else api_key),
        max_sessions=max_sessions,
        trace=None if trace is None else Path(trace),
        allowed_hosts=frozenset([allow_host] if isinstance(allow_host, str) else allow_host),
        seed=seed,
        faults=tuple(map(standing, [faults] if isinstance(faults, str) else faults)),
    )
    plays = [play for source in scenarios for play in _scenarios_of(source)]
    if yaml is not None:
        plays.append(catalogue.scenario_of(yaml, INLINE))
    return RunningServer(plays, options, expected)


def _scenarios_of(source: Source) -> Iterator[Scenario]:
    if isinstance(source, Scenario):
        yield source
    else:
        yield from catalogue.proved_scenarios(catalogue.find_scenarios([os.fspath(source)]))
