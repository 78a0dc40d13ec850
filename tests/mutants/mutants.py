"""Every named mutant by its family, and the requirements that none can be had of."""

from itertools import chain

import broken_clients as clients
import broken_servers as servers
from broken_doors import DOORS, DoorMutant
from mutating import Mutant

FAMILIES: dict[str, tuple[Mutant | DoorMutant, ...]] = {
    "servers: opening and settings": (*servers.OPENING, *servers.SETTINGS),
    "servers: messages": servers.SHAPE,
    "servers: audio": servers.SOUND,
    "servers: turns": servers.TURNS,
    "servers: functions": servers.FUNCTIONS,
    "servers: history, updates and injections": (*servers.HISTORY, *servers.UPDATES, *servers.INJECTION),
    "servers: limits and closing": (*servers.LIVENESS, *servers.CLOSING),
    "servers: sessions that leak": servers.LEAKS,
    "clients: settings": clients.SETTINGS,
    "clients: messages and audio": (*clients.SHAPE, *clients.SOUND),
    "clients: turns and functions": (*clients.TALK, *clients.FUNCTIONS),
    "clients: limits, closing and leaks": (*clients.LIVENESS, *clients.CLOSING, *clients.LEAKS),
    "handshakes": DOORS,
}
MUTANTS = tuple(chain.from_iterable(FAMILIES.values()))

WITHOUT_MUTANT = {
    "CLS-006": "this server closes as soon as it has sent Error, and what follows its close is never read",
    "CLS-007": "a WebSocket library discards what follows a close frame; the breaking trace stands for the mutant",
    "CLS-008": "a WebSocket library discards what follows a close frame; the breaking trace stands for the mutant",
    "LIV-010": "a twist reads for its peer; a client that never reads stands in tests/attack/test_floods.py",
}
"""Requirements with a rule that no mutant breaks, and why."""
