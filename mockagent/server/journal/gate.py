"""Who may ask the journal: programs on this machine, and no page of a browser that comes from elsewhere. Pure.

The peer must be of the loopback, whatever address is listened on. `Host` must name this machine, so that a name which
somebody else's DNS points here (DNS rebinding) opens nothing; and a browser's `Origin` must be the journal itself.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

_LOCAL = "localhost"
_NO_HOST = frozenset("/?#@\\")


def why_not(peer: str, hosts: Sequence[str], origins: Sequence[str], served_on: str) -> str | None:
    """Why a request is not answered; None when it is.

    `peer` is the address it comes from, `hosts` and `origins` the values of those headers, `served_on` the address
    that the server was told to listen on.
    """
    if not is_loopback(peer):
        return "the journal is for programs on this machine: the request came from another address"
    if len(hosts) != 1 or not is_here(hosts[0], served_on):
        return "the journal expects one Host header that names this machine, such as 127.0.0.1 or localhost"
    own = {f"{scheme}://{hosts[0].lower()}" for scheme in ("http", "https")}
    if any(origin.lower() not in own for origin in origins):
        return "the journal is not for pages of another origin"
    return None


def is_loopback(address: str) -> bool:
    """Whether that is an address of the loopback, written in any way."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def is_here(host: str, served_on: str) -> bool:
    """Whether a Host header (or the host of an Origin) names this machine."""
    name = name_of(host)
    return bool(name) and (name in (_LOCAL, served_on.lower()) or is_loopback(name))


def name_of(host: str) -> str:
    """The host without its port, in lower case; "" where it is none."""
    if _NO_HOST & set(host):
        return ""
    try:
        return urlsplit(f"//{host.strip()}").hostname or ""
    except ValueError:
        return ""
