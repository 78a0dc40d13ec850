"""mockagent in a Python test: a server within a `with` block, the pytest fixture, and a client to test servers with.

    from mockagent.testing import serving

    with serving("barge_in", speed=10) as server:
        my_client(server.url, api_key="any")
        server.wait_for("FunctionCallResponse")

Nothing is loaded until it is asked for: the pytest plugin lies in this package, and must cost nobody anything.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockagent.testing.client import ReferenceClient
    from mockagent.testing.machine import replay, run_state_machine
    from mockagent.testing.running import RunningServer
    from mockagent.testing.sessions import Session
    from mockagent.testing.starting import serving

__all__ = ["ReferenceClient", "RunningServer", "Session", "replay", "run_state_machine", "serving"]

_HOMES = {
    "ReferenceClient": "mockagent.testing.client",
    "RunningServer": "mockagent.testing.running",
    "Session": "mockagent.testing.sessions",
    "replay": "mockagent.testing.machine",
    "run_state_machine": "mockagent.testing.machine",
    "serving": "mockagent.testing.starting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
