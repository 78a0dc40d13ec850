"""A scenario as values: a play for two parts, and where in its file each line stands.

Steps say who acts. A `client` step is something the client does, a `server` step one thing the server
sends; `user`, `agent` and `call` are whole turns of the conversation. Nothing here knows which part the
program that reads it will play. All lengths are seconds on the session's clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.switches import Switches

Pattern: TypeAlias = Any
"""What a matcher compares a JSON value with; see `mockagent.scenario.matching`."""


class Trigger(StrEnum):
    """What makes a served `user` turn happen."""

    AUDIO = "audio"
    SPEECH = "speech"
    TEXT = "text"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step begins: 1-based line and column of a file."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    place: Place = Place()
    breaks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSends(_Step):
    """`client: {type: …}`: the client sends a message that fits `pattern` (always an object with a type).

    `captures` maps a name to the JSON pointer of the value it keeps, for `${name}` in later texts.
    """

    pattern: Mapping[str, Pattern]
    captures: Mapping[str, str] = field(default_factory=dict)
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStreams(_Step):
    """`client: {audio: 2 s}`: the client sends at least that much audio."""

    seconds: float
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCloses(_Step):
    """`client: {closes: true}`: the client ends the connection, with `code` if that is given."""

    code: int | None = None
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStaysSilent(_Step):
    """`client: {silent: true}`: the client sends nothing, until the service's own limit ends the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStays(_Step):
    """`client: {stays: true}`: the client keeps the session open, until the service ends it for its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSends(_Step):
    """`server: {type: …}`: one message, with `${name}` templates in its strings.

    An Error ends the session; with `stays_open` the close is left to the steps that follow.
    """

    body: JsonObject
    stays_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCloses(_Step):
    """`server: {closes: …}`: the server ends the connection; `code` None is a close frame without status."""

    code: int | None = None
    reason: str = ""


class During(StrEnum):
    """What the agent is doing when the user interrupts."""

    SPEAKING = "speaking"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class Interruption:
    """How a reply is cut short: `after` so many seconds of it, or as soon as the user is heard or typed (`by`)."""

    after: float | None = None
    by: Trigger = Trigger.TIMER
    during: During = During.SPEAKING


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTurn(_Step):
    """`agent: …`: the agent says something; several `texts` are one reply in several statements.

    `lasts` is how long all of it takes to say when its templates are as short as they usually are. `behavior` is
    what its ConversationText says of it; `backchannel` what the user says meanwhile without taking the floor.
    Before all that so many providers of thinking and of speech fail; infinitely many are all that Settings names.
    """

    texts: tuple[str, ...]
    lasts: float = 0.0
    thinking: str | None = None
    interrupted: Interruption | None = None
    wav: bytes | None = None
    behavior: str | None = None
    backchannel: str | None = None
    think_fails: float = 0
    speak_fails: float = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One function called: `answer` is what its response must look like, `capture` the name that keeps it.

    `result` is what a function with an endpoint answers, `fails` why it does not; with either of them the server
    does not really call it. `server_side` None lets Settings decide, as the live service does.
    """

    name: str
    arguments: JsonObject
    answer: Pattern = "*"
    capture: str | None = None
    result: str | None = None
    fails: str | None = None
    server_side: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTurn(_Step):
    """`call: …`: the agent calls functions, all in one request, and waits for every answer.

    The answers of those named in `order` must come one after the other as they stand there.
    """

    calls: tuple[Call, ...]
    thinking: str | None = None
    within: float | None = None
    order: tuple[str, ...] = ()
    interrupted: Interruption | None = None


@dataclass(frozen=True, slots=True)
class Speculation:
    """The window in which the agent already thinks, and perhaps calls, while the user's turn is not confirmed yet.

    It takes `lasts` seconds. `resumed`: the user had only paused and goes on; then nothing comes of it all.
    """

    lasts: float
    resumed: bool = False
    call: CallTurn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTurn(_Step):
    """`user: …`: the caller says something. `pattern` is what an InjectUserMessage must say in its place.

    `lasts` is how long the utterance takes; `wav` is a recording of it (the bytes of a WAV file); `languages` are
    those heard in it, for a model that tells of them.
    """

    text: str
    trigger: Trigger = Trigger.AUDIO
    pattern: Pattern = "*"
    lasts: float
    wav: bytes | None = None
    within: float | None = None
    speculates: Speculation | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(_Step):
    """`wait: 2 s`: nothing is done for so long."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Either(_Step):
    """`either: [[…], […]]`: the branch whose first line comes first is played; all of it `within` so long."""

    branches: tuple[tuple["Step", ...], ...]
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOrder(_Step):
    """`any_order: [[…], […]]`: all parts are played, as their lines come; all of it `within` so long."""

    parts: tuple[tuple["Step", ...], ...]
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(_Step):
    """`client: …` with `before: […]`: the steps are played meanwhile, and `first` must come before they are over."""

    first: ClientSends | ClientStreams
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Ban:
    """What `side` must never send: a message that fits `pattern`, or audio where that is None."""

    side: Side
    pattern: Mapping[str, Pattern] | None
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Never(_Step):
    """`never: …` with `during: […]`: while these steps are played, nothing comes that is banned."""

    bans: tuple[Ban, ...]
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(_Step):
    """`repeat: {times: 3, steps: […]}`: played so many times over; all of it `within` so long."""

    times: int
    steps: tuple["Step", ...]
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStrikes(_Step):
    """`fault: NAME` or `fault: {NAME: {…}}`: the server inflicts that fault on its client.

    `values` are all parameters of the fault; `breaks` names also what it breaks by its nature.
    """

    fault: str
    values: Mapping[str, Any] = field(default_factory=dict)


Step: TypeAlias = (
    ClientSends
    | ClientStreams
    | ClientCloses
    | ClientStaysSilent
    | ClientStays
    | ServerSends
    | ServerCloses
    | UserTurn
    | AgentTurn
    | CallTurn
    | Pause
    | Either
    | AnyOrder
    | Before
    | Never
    | Repeat
    | FaultStrikes
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """`on: {…}`, `do: […]`: these are played whenever the client sends what fits and no step waits for it."""

    pattern: Mapping[str, Pattern]
    steps: tuple[Step, ...]
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`attempts: […]`: how one connection differs. `steps` () are the scenario's own."""

    faults: tuple[FaultStrikes, ...] = ()
    steps: tuple[Step, ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole play. `name` is how a command or a client asks for it.

    What is in `never` must not come from Settings on. `attempts` hold for the first connections that play it, one
    each. `at_the_door` are the faults of the handshake.
    """

    name: str
    summary: str
    steps: tuple[Step, ...]
    reactions: tuple[Reaction, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    at_the_door: tuple[FaultStrikes, ...] = ()
    never: tuple[Ban, ...] = ()
    dialect: Dialect = Dialect.V1
    tags: tuple[str, ...] = ()
    switches: Switches = field(default_factory=Switches)
    place: Place = Place()

    def for_attempt(self, number: int) -> "Scenario":
        """The play as the connection of that number (from 1) plays it."""
        if not 0 < number <= len(self.attempts):
            return replace(self, attempts=()) if self.attempts else self
        attempt = self.attempts[number - 1]
        return replace(self, attempts=(), steps=attempt.steps or self.steps, at_the_door=attempt.faults)
