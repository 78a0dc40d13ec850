"""The pytest plugin: the fixture `mockagent`, which serves scenarios to one test and judges the client at its end.

    def test_barge_in(mockagent):
        server = mockagent.serve("barge_in")
        my_client(server.url, api_key="any")
        server.wait_for("FunctionCallResponse", timeout=5)

It is loaded into every pytest run of whoever has mockagent installed, so it imports nothing that pytest has not.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockagent.testing.running import RunningServer
    from mockagent.testing.starting import Source


class Servers:
    """What the fixture gives. `serve` may be called several times; each server is the test's own."""

    def __init__(self) -> None:
        self._running: list[RunningServer] = []
        self._is_judged = False

    def serve(self, *scenarios: Source, **options: Any) -> RunningServer:
        """A server that accepts clients already; see `mockagent.testing.serving` for the options."""
        from mockagent.testing.starting import (
            serving,
        )  # loads the server, which only tests that ask for it need

        server = serving(*scenarios, **options)
        self._running.append(server)
        return server

    def judge(self) -> None:
        """Fail the test if what is over by now went wrong; sessions still open are left to `close`."""
        if all(server.is_quiet() for server in self._running):
            self._fail()

    def excuse(self) -> str:
        """The test has failed already: what the servers have to say about it, one complaint a line."""
        self._is_judged = True
        return "\n".join(self._complaints())

    def close(self) -> None:
        """Stop every server, and fail the test for what has not been judged yet."""
        for server in self._running:
            if self._is_judged:
                server.stop()
            else:
                server.finish()
        if not self._is_judged:
            self._fail()

    def _complaints(self) -> list[str]:
        return [complaint for server in self._running for complaint in server.complaints()]

    def _fail(self) -> None:
        found = self._complaints()
        if found:
            self._is_judged = True
            pytest.fail("\n".join(found), pytrace=False)


_SERVERS = pytest.StashKey[Servers]()


@pytest.fixture(name="mockagent")
def mockagent_servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """Servers for this test alone: `mockagent.serve("barge_in")` gives one, with a `url` for the client.

    The test fails when a scenario was not finished, when no client came, or when a client broke what it must keep.
    """
    servers = request.node.stash[_SERVERS] = Servers()
    yield servers
    servers.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge right after the test, so that it is the test that fails and not its teardown."""
    try:
        result = yield
    except BaseException:
        servers = item.stash.get(_SERVERS, None)
        if servers is not None:
            item.add_report_section("call", "mockagent", servers.excuse())
        raise
    servers = item.stash.get(_SERVERS, None)
    if servers is not None:
        servers.judge()
    return result
