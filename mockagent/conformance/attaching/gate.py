"""Who may ask for cases, by the address and the headers of a request. Pure.

As at the journal, `Host` must name this machine, so that a name which somebody else's DNS points here (DNS rebinding)
opens nothing. A page may come from another port of this machine, as those of development servers do, or from an origin
that the user has named. Other machines may ask only where the user has the kit listen on another address.
"""

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from mockagent.server.journal.gate import is_here, is_loopback, name_of

_LOCAL = "localhost"


def why_not(
    peer: str, hosts: Sequence[str], origins: Sequence[str], served_on: str, allowed: Collection[str] = ()
) -> str | None:
    """Why a request is not answered; None when it is.

    `peer` is the address it comes from, `hosts` and `origins` the values of those headers, `served_on` the address
    that is listened on, and `allowed` the origins of pages that may ask beside those of this machine.
    """
    is_private = served_on == _LOCAL or is_loopback(served_on)
    if is_private and not is_loopback(peer):
        return "cases are for clients on this machine: the request came from another address"
    if len(hosts) != 1 or not (is_here(hosts[0], served_on) or (not is_private and _is_address(hosts[0]))):
        return "expected one Host header that names this machine, such as 127.0.0.1 or localhost"
    for origin in origins:
        if origin not in allowed and not _is_own(origin, hosts[0], served_on):
            return f"cases are not for pages of {origin[:100]}; --allow-origin lets them ask"
    return None


def _is_own(origin: str, host: str, served_on: str) -> bool:
    try:
        parts = urlsplit(origin)
        there = parts.netloc
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and (
        is_here(there, served_on) or name_of(there) == name_of(host)
    )


def _is_address(host: str) -> bool:
    """Whether that is an address and no name: what DNS says of names has no say over it."""
    name = name_of(host)
    return bool(name) and (":" in name or name.replace(".", "").isdigit())
