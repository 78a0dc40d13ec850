"""How a play opens: whether the client's Settings are applied, or refused by the first line that answers them."""

from collections.abc import Iterable

from mockagent.protocol import messages
from mockagent.protocol.codes import CODES
from mockagent.scenario.model import ClientSends, ServerSends, Step

_SETTINGS = frozenset(messages.SETTINGS.values())


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
