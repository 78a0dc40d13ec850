"""The environment of a command that is to meet the fake instead of the live service. Pure.

What proxies and certificates the user has goes on being honoured, except where it would lead past the fake.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from mockagent.protocol.message_types import LIVE_HOSTS
from mockagent.server.notices import ProxyReady, Ready
from mockagent.tls import BUNDLES

KEY = "not-a-real-key"
"""The key that the command is given when the user says no other."""

_CREDENTIALS = frozenset({"DEEPGRAM_API_KEY", "DEEPGRAM_ACCESS_TOKEN"})
"""What SDKs take credentials from. Source: the Python and JavaScript SDKs, which read them."""
_SURELY_SECRET = 12
"""Characters of a credential from which on it is one wherever it stands."""
_PAST_US = frozenset({"wss_proxy", "socks_proxy", "all_proxy"})
"""Proxies that clients put before that of HTTPS; in lower case."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def surroundings(
    environment: Mapping[str, str], ready: Ready, proxy: ProxyReady, bundle: str, key: str = KEY
) -> dict[str, str]:
    """The user's environment, made fit: `bundle` is a file of all that is trusted, the authority of `proxy` too.

    No credential of the user is in it, under whatever name and beside what else a value of theirs is kept.
    """
    ours = {
        "DEEPGRAM_API_KEY": key,
        "MOCKAGENT_URL": ready.url,
        "MOCKAGENT_EARLY_ACCESS_URL": ready.early_access_url,
        "MOCKAGENT_HTTP_URL": ready.http_url,
        "MOCKAGENT_SCENARIO": ",".join(ready.scenarios),
        "MOCKAGENT_CA": proxy.ca,
        "HTTPS_PROXY": proxy.url,
        "https_proxy": proxy.url,
        **dict.fromkeys(BUNDLES, bundle),
        "NODE_EXTRA_CA_CERTS": bundle if environment.get("NODE_EXTRA_CA_CERTS") else proxy.ca,
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _without_proxy(environment)),
    }
    return {**_theirs(environment, key), **ours}


def surroundings_of_case(environment: Mapping[str, str], ready: Ready, key: str) -> dict[str, str]:
    """The user's environment for a client that is told where to go: no credential of theirs, no way past the server."""
    ours = {
        "DEEPGRAM_API_KEY": key,
        "MOCKAGENT_URL": ready.url,
        "MOCKAGENT_EARLY_ACCESS_URL": ready.early_access_url,
        "MOCKAGENT_HTTP_URL": ready.http_url,
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _without_proxy(environment)),
    }
    return {**_theirs(environment, key), **ours}


def _theirs(environment: Mapping[str, str], key: str) -> dict[str, str]:
    secrets = {secret for name in _CREDENTIALS if (secret := environment.get(name))}
    return {
        name: _without(secrets, value, key)
        for name, value in environment.items()
        if name not in _CREDENTIALS and name.lower() not in _PAST_US
    }


def _without(secrets: Collection[str], value: str, key: str) -> str:
    """The value with `key` for each secret; one so short that it may be a part of any word only where it is alone."""
    if value in secrets:
        return key
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SURELY_SECRET:
            value = value.replace(secret, key)
    return value


def has_credentials(environment: Mapping[str, str]) -> bool:
    """Whether there is a credential in it that the command will not be given."""
    return any(environment.get(name) for name in _CREDENTIALS)


def filled_in(command: Sequence[str], ready: Ready, **more: str) -> list[str]:
    """The command with {url}, {early_access_url} and {http_url} in its arguments replaced, and what is in `more`."""
    places = {
        "{url}": ready.url,
        "{early_access_url}": ready.early_access_url,
        "{http_url}": ready.http_url,
        **{f"{{{name}}}": value for name, value in more.items()},
    }
    return [_replaced(argument, places) for argument in command]


def _replaced(text: str, places: Mapping[str, str]) -> str:
    for place, value in places.items():
        text = text.replace(place, value)
    return text


def _without_proxy(environment: Mapping[str, str]) -> str:
    """The hosts that are reached directly: this machine, and those of the user that are no live hosts."""
    theirs = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = [host.strip() for host in theirs.split(",") if host.strip()]
    return ",".join(dict.fromkeys((*_LOOPBACK, *_that_spare_live_hosts(hosts))))


def _that_spare_live_hosts(hosts: Iterable[str]) -> list[str]:
    return [host for host in hosts if not any(_covers(host, live) for live in LIVE_HOSTS)]


def _covers(pattern: str, host: str) -> bool:
    """Whether clients would take the pattern of NO_PROXY, a domain or "*", to mean that host."""
    domain = pattern.lower().partition(":")[0].lstrip("*.")
    return not domain or host == domain or host.endswith(f".{domain}")
