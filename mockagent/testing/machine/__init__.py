"""A state machine for anyone's server or client: Hypothesis plays the other side, and the judge watches.

from mockagent.testing import run_state_machine

def test_my_server():
    run_state_machine("ws://127.0.0.1:8080/v1/agent/converse")
"""

try:
    from mockagent.testing.machine.running import replay, run_state_machine
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    cure = "install it with: pip install 'mockagent[fuzz]'"
    raise ModuleNotFoundError(f"{__name__} needs Hypothesis; {cure}", name=error.name) from error

__all__ = ["replay", "run_state_machine"]
