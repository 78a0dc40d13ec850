"""How a play opens: the client's Settings, the faults at the top of a script, and whether Settings are refused."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from mockagent.protocol import messages
from mockagent.protocol.codes import CODES
from mockagent.protocol.events import Dialect
from mockagent.scenario.faults.table import FAULTS, Strikes
from mockagent.scenario.model import ClientSends, FaultStrikes, ServerSends, Step

_SETTINGS = frozenset(messages.SETTINGS.values())


def is_settings(step: Step, dialect: Dialect) -> bool:
    """Is this the client's Settings?"""
    return isinstance(step, ClientSends) and step.pattern.get("type") == messages.SETTINGS[dialect]


def faults_of_opening(steps: Sequence[Step], dialect: Dialect) -> tuple[FaultStrikes, ...]:
    """The first steps, as far as they are armed before Welcome.

    Where the client's Settings come next in the script these are all of them, otherwise only faults of the opening.
    """
    first = list(takewhile(lambda step: isinstance(step, FaultStrikes), steps))
    following = steps[len(first)] if len(first) < len(steps) else None
    names_settings = following is not None and is_settings(following, dialect)
    return tuple(
        step
        for step in takewhile(lambda step: names_settings or is_of_opening(step), first)
        if isinstance(step, FaultStrikes)
    )


def is_of_opening(step: Step) -> bool:
    """Can this only strike while a session opens?"""
    return isinstance(step, FaultStrikes) and FAULTS[step.fault].strikes is Strikes.OPENING


def refuses_settings(steps: Iterable[Step]) -> bool:
    """Whether the first thing after Settings is an Error that the service sends in place of SettingsApplied."""
    for step in steps:
        match step:
            case ClientSends(pattern={"type": type}) if type in _SETTINGS:
                continue
            case ServerSends(body={"type": "Error", "code": code}):
                return code in CODES and CODES[code].refuses_settings
        return False
    return False
