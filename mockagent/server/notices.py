"""What a server tells while it runs: one value a happening, each of which can be written as a JSON object."""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeAlias

from mockagent.scenario.account import Unmet
from mockagent.scenario.actions import Strike
from mockagent.scenario.faults.table import FAULTS, Strikes, given


@dataclass(frozen=True, slots=True)
class Ready:
    """The server accepts connections at these addresses; `ca` is the file by which clients trust its TLS.

    `journal_url` is None where no journal is kept.
    """

    event: ClassVar[str] = "ready"
    url: str
    early_access_url: str
    http_url: str
    scenarios: tuple[str, ...]
    ca: str | None = None
    journal_url: str | None = None


@dataclass(frozen=True, slots=True)
class ProxyReady:
    """A proxy leads from these hosts to the server; `ca` is the file by which clients trust it there."""

    event: ClassVar[str] = "proxy_ready"
    url: str
    hosts: tuple[str, ...]
    ca: str


@dataclass(frozen=True, slots=True)
class ProxyRefused:
    """The proxy was asked for what it does not do, and answered with this HTTP status."""

    event: ClassVar[str] = "proxy_refused"
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A client came in."""

    event: ClassVar[str] = "session_opened"
    session: str
    number: int
    dialect: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A client was refused before the upgrade, with this HTTP status."""

    event: ClassVar[str] = "turned_away"
    request: str
    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a requirement forbids was seen. `at` is in session seconds."""

    event: ClassVar[str] = "finding"
    session: str
    number: int
    at: float
    requirement: str
    keyword: str
    binds: str
    sentence: str
    expected: str
    got: str
    pointer: str
    source: str


@dataclass(frozen=True, slots=True)
class FaultInflicted:
    """A fault was inflicted on a client. `number` is None, and `at` 0, where it struck the handshake.

    `hit` is a message's type, "handshake" or "speech"; None where it came out of nowhere. `parameters` are those that
    have a value, lengths in seconds. `place` is the line of the scenario, "" for a fault of the run.
    """

    event: ClassVar[str] = "fault"
    session: str
    number: int | None
    at: float
    fault: str
    hit: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    place: str = ""


def fault_inflicted(
    session: str, number: int | None, at: float, strike: Strike, hit: str | None = None
) -> FaultInflicted:
    """The notice of a strike; `hit` is the type of the message that it hit, if it was one."""
    hit = hit or _HIT.get(FAULTS[strike.fault].strikes)
    place = str(strike.place) if strike.place.line else ""
    return FaultInflicted(session, number, at, strike.fault, hit, given(strike.values), place)


_HIT = {Strikes.HANDSHAKE: "handshake", Strikes.OPENING: "Settings", Strikes.NEXT_REPLY: "speech"}


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """A session ended. `lasted` is in session seconds, which the live service would bill.

    `heard` is how many seconds of sound the client sent. `remarks` are what it should have done about a fault, and
    did not; they do not count.
    """

    event: ClassVar[str] = "session_closed"
    session: str
    number: int
    scenario: str | None
    ending: str
    lasted: float
    heard: float
    findings: dict[str, int]
    broken: tuple[str, ...]
    unmet: tuple[Unmet, ...]
    trace: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the scenario was finished and nothing that MUST hold was broken."""
        return self.ending != "unfinished" and not self.broken


@dataclass(frozen=True, slots=True)
class Trouble:
    """The server itself could not do something, such as write a trace; sessions go on."""

    event: ClassVar[str] = "trouble"
    text: str


@dataclass(frozen=True, slots=True)
class Limitation:
    """Something that this server cannot do as it is installed, and what to do about it."""

    event: ClassVar[str] = "limitation"
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it all. `connection_seconds` is what the live service would bill.

    `never_struck` are the faults of the run that hit nothing in any session, as they were asked for.
    """

    event: ClassVar[str] = "summary"
    sessions: int
    clean: int
    connection_seconds: float
    findings: dict[str, int]
    never_struck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A command that was run beside the server ended: with which status, None if it was stopped after its time.

    `exit_code` is what is made of it; `missing` is what should have happened and did not, a line each.
    """

    event: ClassVar[str] = "run_ended"
    status: int | None
    exit_code: int
    missing: tuple[str, ...]


Notice: TypeAlias = (
    Ready
    | ProxyReady
    | ProxyRefused
    | SessionOpened
    | TurnedAway
    | Finding
    | FaultInflicted
    | SessionClosed
    | Trouble
    | Limitation
    | Summary
    | RunEnded
)


def as_json(notice: Notice) -> dict[str, Any]:
    """The notice as a JSON object with its `event`."""
    body = {"event": notice.event, **asdict(notice)}
    if isinstance(notice, SessionClosed):
        body["clean"] = notice.is_clean
        body["unmet"] = [_unmet(each) for each in notice.unmet]
    return body


def _unmet(unmet: Unmet) -> dict[str, str]:
    return {"place": str(unmet.place) if unmet.place.line else "", "text": str(unmet)}
