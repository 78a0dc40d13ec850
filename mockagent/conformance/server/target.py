"""The URL of a server under test: which scenario it is told to play, and what of the URL may be shown. Pure."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from mockagent.protocol.events import Dialect
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.redaction import REDACTED

_PLACES = ("{scenario}", "{case}")
_SCHEMES = ("ws", "wss")
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server is; `{scenario}` and `{case}` in it stand for names. `spoken` is the dialect, if it is given."""

    url: str
    spoken: Dialect | None = None

    @property
    def problem(self) -> str:
        """What is wrong with the URL, without showing what may be a secret in it; "" when nothing is."""
        try:
            parts = urlsplit(self.url)
            has_port = parts.port is None or parts.port > 0
        except ValueError as error:
            return f"expected ws://HOST[:PORT]/PATH or wss://…, got a URL that cannot be read: {error}"
        if parts.scheme not in _SCHEMES or not parts.hostname or not has_port:
            return f"expected ws://HOST[:PORT]/PATH or wss://…, got {self.shown!r}"
        if "@" in parts.netloc:
            return "the URL holds a user or a password, which belong in no command line"
        return ""

    @property
    def names_scenarios(self) -> bool:
        """Whether the server is told which scenario to play."""
        return any(place in self.url for place in _PLACES)

    @property
    def dialect(self) -> Dialect:
        """The one that is given, else by its path; V1 where that is none of the API's."""
        if self.spoken is not None:
            return self.spoken
        return next((d for d, path in PATHS.items() if path == urlsplit(self.url).path), Dialect.V1)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, and can call back."""
        return urlsplit(self.url).hostname in _HERE

    @property
    def shown(self) -> str:
        """The URL without what may be secret: a user, and the values of a query that are no places for names."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = "&".join(f"{key}={value if value in _PLACES else REDACTED}" for key, value in pairs)
        return urlunsplit((parts.scheme, host, parts.path, query, ""))

    def for_case(self, scenario: str, case: str) -> str:
        """Where to connect for that case."""
        url = self.url.replace("{scenario}", quote(scenario, safe=""))
        return url.replace("{case}", quote(case, safe=""))
