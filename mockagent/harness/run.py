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
from mockagent.protocol.message_types import LIVE_HOSTS
from mockagent.scenario.model import Scenario
from mockagent.server.app import Server, warm_up
from mockagent.server.notices import Notice, RunEnded, SessionClosed
from mockagent.server.options import Options
from mockagent.server.proxy import Proxy
from mockagent.tls import Authority

UNFINISHED = 1
TIMED_OUT = 124
"""The exit code of a command that was stopped after its time, as `timeout` of coreutils gives it."""

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
    server = Server(scenarios, options, tell)
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
    return _outcome(status, timeout, shortfall(server.closed, scenarios))


def shortfall(closed: Sequence[SessionClosed], scenarios: Sequence[Scenario]) -> list[str]:
    """What should have happened in the sessions and did not, one line each; empty when all is well."""
    finished = {each.scenario for each in closed if each.ending in ("finished", "faulted")}
    unfinished = [each.name for each in scenarios if each.name not in finished]
    lines = [f"{name} was not finished" for name in unfinished]
    if not closed:
        lines.append(
            "no client came: one that reads no HTTPS_PROXY has to be told the address in MOCKAGENT_URL"
        )
    for each in closed:
        if each.broken:
            lines.append(f"session {each.number} broke {', '.join(each.broken)}")
        elif not each.is_clean and each.scenario not in unfinished:
            lines.append(f"session {each.number} did not come to the end of its scenario")
    return lines


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
