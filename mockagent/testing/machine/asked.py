"""What a test may ask of the machine: each argument as it must be, or one error that says what is wrong with it."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from mockagent.errors import nearest
from mockagent.harness.child import NOT_FOUND, CannotStart
from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.redaction import public_address
from mockagent.testing.machine.line import Terms
from mockagent.testing.machine.patience import Patience
from mockagent.testing.machine.peers import ClientPeer, Opener, ServerPeer
from mockagent.testing.running import RunningServer

Peer: TypeAlias = str | RunningServer | Callable[[str], Any] | Sequence[str]
"""A server, by its address or as what `serving` gives, or a client: a function of the address, or a command."""
_SCHEMES = ("ws", "wss")
_ENDLESS = float("inf")


def dialect_of(name: Dialect | str) -> Dialect:
    """The dialect of that name; ValueError where none has it."""
    known = [each.value for each in Dialect]
    if name not in known:
        raise ValueError(
            f"expected {' or '.join(known)} as the dialect, got {name!r}{nearest(str(name), known)}"
        )
    return Dialect(name)


def terms_of(patience: float, strict: bool) -> Terms:
    """Those terms; ValueError for a patience that is no number above 0."""
    return Terms(Patience(_above_0("patience", patience)), strict)


def opener_of(
    peer: Peer,
    dialect: Dialect,
    terms: Terms,
    *,
    headers: Mapping[str, str] | None = None,
    speed: float = 1.0,
    opening: JsonObject | None = None,
) -> Opener:
    """Who begins sessions with that peer.

    TypeError and ValueError say what is wrong with an argument; CannotStart that there is no such command.
    """
    _above_0("speed", speed)
    if isinstance(peer, RunningServer):
        peer = peer.url if dialect is Dialect.V1 else peer.early_access_url
    if isinstance(peer, str):
        return ServerPeer(_address(peer), dialect, headers or {}, speed, terms)
    client = _client(peer)
    if headers or speed != 1.0 or opening is not None:
        raise ValueError("headers, speed and opening are for a server; the peer is a client")
    return ClientPeer(client, dialect, terms)


def _above_0(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _ENDLESS:
        raise ValueError(f"expected a number above 0 as the {name}, got {value!r}")
    return value


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(
            f"expected the address of a server, ws://… or wss://…, got {public_address(url)!r}"
            " (a client that is a command is a list of its words)"
        )
    return url


def _client(peer: Any) -> Callable[[str], Any] | list[str]:
    if callable(peer):
        found: Callable[[str], Any] = peer
        return found
    if not isinstance(peer, Sequence) or isinstance(peer, bytes | bytearray):
        raise TypeError(
            f"expected the address of a server, what serving() gives, a function or a command, got {peer!r}"
        )
    if not peer:
        raise ValueError("expected a command with at least one word, got an empty one")
    wrong = [word for word in peer if not isinstance(word, str | os.PathLike)]
    if wrong:
        raise TypeError(f"expected a command whose words are strings, got {wrong[0]!r} in it")
    command = [os.fspath(word) for word in peer]
    if shutil.which(command[0]) is None and not Path(command[0]).exists():
        raise CannotStart(command[0], "there is no such command", NOT_FOUND)
    return command
