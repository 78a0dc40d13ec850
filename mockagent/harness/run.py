"""Runs a command beside a server that plays scenarios to it, and says what came of both.

The command meets the server in two ways: at the addresses in its environment, or, when it knows none but the live
hosts, through a proxy that ends their TLS here.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence

from mockagent.harness.child import Child
from mockagent.harness.surroundings import KEY, filled_in, surroundings
from mockagent.protocol.message_types import LIVE_HOSTS, PATHS
from mockagent.scenario.model import Scenario
from mockagent.server.app import Server, warm_up
from mockagent.server.notices import Notice, RunEnded, SessionClosed, TurnedAway
from mockagent.server.options import Options
from mockagent.server.proxy import Proxy
from mockagent.tls import Authority

UNFINISHED = 1
TIMED_OUT = 124
"""The exit code of a command that was stopped after its time, as `timeout` of coreutils gives it."""

_CURES = {
    "INVALID_AUTH": "It has to send the key in DEEPGRAM_API_KEY, as in 'Authorization: Token KEY'.",
    "NOT_FOUND": f"The agent is at {' and '.join(PATHS.values())}.",
    "NO_SCENARIO": "Name a scenario of that dialect before the --.",
    "NO_SUCH_SCENARIO": "A scenario that a client asks for has to be named before the --.",
}
"""What a client that was turned away, or whoever runs it, has to do; by the code of the refusal."""
_DRAINS_WITHIN = 1.0
"""Seconds in which the server has to notice that the command's connections are gone."""
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


async def run(
    command: Sequence[str],
    scenarios: Sequence[Scenario],
    options: Options,
    authority: Authority,
    tell: Callable[[Notice], None],
    *,
    environment: Mapping[str, str] = os.environ,
    key: str = KEY,
    timeout: float | None = None,
) -> RunEnded:
    """Play the scenarios to the command until it ends, at most `timeout` seconds; CannotStart if there is none."""
    turned_away: list[TurnedAway] = []

    def noted(notice: Notice) -> None:
        if isinstance(notice, TurnedAway):
            turned_away.append(notice)
        tell(notice)

    server = Server(scenarios, options, noted)
    proxy = Proxy(authority.vouch(*LIVE_HOSTS), server.new_socket, tell)
    ready = await server.start()
    try:
        asyncio.get_running_loop().run_in_executor(None, warm_up)  # while the command starts
        led = await proxy.start()
        bundle = str(authority.bundle(environment))
        child = Child(filled_in(command, ready), surroundings(environment, ready, led, bundle, key))
        status = await _ended(child, timeout)
        await server.drain(_DRAINS_WITHIN)
    finally:
        await proxy.stop()
        await server.stop()
    return _outcome(status, timeout, shortfall(server.closed, scenarios, turned_away))


def shortfall(
    closed: Sequence[SessionClosed], scenarios: Sequence[Scenario], turned_away: Sequence[TurnedAway] = ()
) -> list[str]:
    """What should have happened in the sessions and did not, one line each; empty when all is well."""
    finished = {each.scenario for each in closed if each.ending in ("finished", "faulted")}
    unfinished = [each.name for each in scenarios if each.name not in finished]
    lines = [f"{name} was not finished" for name in unfinished]
    if not closed:
        lines.append(_why_nobody(turned_away))
    for each in closed:
        if each.broken:
            lines.append(f"session {each.number} broke {', '.join(each.broken)}")
        elif not each.is_clean and each.scenario not in unfinished:
            lines.append(f"session {each.number} did not come to the end of its scenario")
    return lines


def _why_nobody(turned_away: Sequence[TurnedAway]) -> str:
    if not turned_away:
        return "no client came: one that reads no HTTPS_PROXY has to be told the address in MOCKAGENT_URL"
    last, count = turned_away[-1], len(turned_away)
    who = "the only one" if count == 1 else f"the last of {count}"
    cure = _CURES.get(last.code)
    return f"no client was let in: {who} was turned away with {last.status}: {last.message}" + (
        f" {cure}" if cure else ""
    )


async def _ended(child: Child, timeout: float | None) -> int | None:
    with _passed_on(child):
        await child.start()
        try:
            return await child.ended(timeout)
        finally:
            await child.end()


@contextlib.contextmanager
def _passed_on(child: Child) -> Iterator[None]:
    """Hand on the signals by which users end programs."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, child.pass_on, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _outcome(status: int | None, timeout: float | None, missing: Sequence[str]) -> RunEnded:
    """The command's own failure comes first; where it saw none, what it did to the scenarios decides."""
    if status is None:
        return RunEnded(None, TIMED_OUT, (f"the command was stopped after {timeout:g} s", *missing))
    return RunEnded(status, status or (UNFINISHED if missing else 0), tuple(missing))
