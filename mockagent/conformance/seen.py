"""What was seen of a client in one case, as values: the ground on which it is judged. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mockagent.conformance.exercise import Exercise
from mockagent.conformance.observing.lines import Observations
from mockagent.conformance.observing.served import Served
from mockagent.protocol import configuration, service
from mockagent.protocol.events import Audio, Closed, Content, Dialect, Elapsed, Event, Message, Side
from mockagent.protocol.handshake import Handshake
from mockagent.protocol.judge import Violation
from mockagent.protocol.ruling import words_for
from mockagent.protocol.switches import Switches
from mockagent.scenario.account import Unmet


class Clock(StrEnum):
    """Which of the clocks ran out."""

    CONNECT = "connect"
    STEP = "step"
    CASE = "case"
    EXIT = "exit"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach: of which requirement, at which event of which session's trace, and what that was in words."""

    requirement: str
    binds: Side
    frame: int
    what: str
    expected: str
    got: str
    pointer: str
    session: int = 1


class Witness:
    """Keeps of a session what a verdict on that side needs; takes its place among the recorders.

    `session` counts the sessions of the case from 1.
    `progress` grows with all that either side does, but for what a client may do for ever;
    `answered` is how the server closed, or answered the close, where it is under test;
    `last` is what happened last before the close; `is_configured` whether the client's Settings were ever applied, and
    `functions` which ones they define; `served` is what there was for the application to see; `lacking` is why the kit
    itself could not speak as the client asked, "" if it could.
    """

    wants_audio = False

    def __init__(
        self, dialect: Dialect, switches: Switches, session: int = 1, *, side: Side = Side.CLIENT
    ) -> None:
        self.session = session
        self.faults: list[Fault] = []
        self.asked: set[str] = set()
        self.functions: frozenset[str] = frozenset()
        self.is_configured = False
        self.lacking = ""
        self.closed_by: Side | None = None
        self.closed: Closed | None = None
        self.answered: Closed | None = None
        self.last_frame = 0
        self.last = ""
        self.frames = 0
        self.progress = 0
        self.ending = ""
        self.unmet: tuple[Unmet, ...] = ()
        self.trace = ""
        self.served = Served()
        self._exercise = Exercise(dialect, switches, side)

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None:
        """Take in one event, what was found against it, and what it breaks on purpose."""
        self.frames += 1
        self._exercise.see(event)
        self.asked = self._exercise.asked
        what = f"{event.sender} {words_for(event.content)}"
        self.faults += [
            Fault(
                v.requirement.id,
                v.requirement.binds,
                self.frames,
                what,
                v.expected,
                v.got,
                v.pointer,
                self.session,
            )
            for v in violations
            if v.requirement.id not in breaks
        ]
        self.served.see(event, self.frames, not any(v.requirement.binds is Side.SERVER for v in violations))
        if isinstance(event.content, Closed) and self.closed is None:
            self.closed, self.closed_by = event.content, event.sender
        elif not isinstance(event.content, Elapsed):
            self.last_frame, self.last = self.frames, what
        if isinstance(event.content, Message):
            self._read(event.sender, event.content)
        if event.sender is Side.SERVER or not _is_idle(event.content):
            self.progress += 1

    def _read(self, sender: Side, message: Message) -> None:
        if sender is Side.SERVER:
            self.lacking = self.lacking or service.lacks_codecs(message)
        if sender is Side.SERVER and message.type == "SettingsApplied":
            self.is_configured = True
            self.functions = frozenset(configuration.functions_of(self._exercise.session.settings or {}))

    @property
    def is_played(self) -> bool:
        """Whether the script came to its end, be it by a fault that ends everything."""
        return self.ending in ("finished", "faulted")


def _is_idle(content: Content) -> bool:
    return isinstance(content, Audio) or (isinstance(content, Message) and content.type == "KeepAlive")


@dataclass(slots=True)
class Seen:
    """One case as it went. `status` is the command's exit status as a shell gives it, None if it was stopped.

    `refused` are the reasons why connections were turned away that should not have been; `troubles` what the kit
    could not do; `late` the clock that ran out, and after how many seconds. `who` names the client in a sentence;
    `observed` is what the application wrote of what it saw, None if it wrote nothing; `pace` is session seconds in a
    second of the wall.
    """

    sessions: list[Witness] = field(default_factory=list)
    handshakes: list[Handshake] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    status: int | None = None
    late: Clock | None = None
    late_after: float = 0.0
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    output: str = ""
    who: str = "the command"
    observed: Observations | None = None
    pace: float = 1.0
