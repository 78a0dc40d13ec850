"""One client's session on the server: its judge, its player, its recorder, and what came of it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mockagent import __version__, catalogue
from mockagent.connection import Connection, Functions, Recorder
from mockagent.protocol import configuration, formats
from mockagent.protocol.events import JsonObject, Side
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.switches import Switches
from mockagent.scenario.actions import Inflict
from mockagent.scenario.faults.flags import Dice
from mockagent.scenario.faults.inflicting import Inflicting
from mockagent.scenario.house import house
from mockagent.scenario.model import Scenario
from mockagent.scenario.opening import faults_of_opening
from mockagent.scenario.part import Part, part_of
from mockagent.scenario.player import Player
from mockagent.scenario.script import strike_of
from mockagent.server import sound
from mockagent.server.casting import Casting
from mockagent.server.door import Admitted
from mockagent.server.notices import (
    Finding,
    Notice,
    SessionClosed,
    SessionOpened,
    Trouble,
    fault_inflicted,
)
from mockagent.server.options import Options
from mockagent.server.recorders import together
from mockagent.ticker import Ticker
from mockagent.websocket import WebSocket

if TYPE_CHECKING:
    from mockagent.protocol.trace import Header
    from mockagent.server.recorder import FileRecorder


@dataclass(slots=True)
class SessionClock:
    """Session seconds, `speed` times as fast as the loop's."""

    loop: asyncio.AbstractEventLoop
    opened_at: float
    speed: float

    def now(self) -> float:
        return (self.loop.time() - self.opened_at) * self.speed

    def loop_time(self, at: float) -> float:
        return self.opened_at + at / self.speed

    def length(self, seconds: float) -> float:
        return seconds / self.speed


class Guest:
    """A session from the upgrade to its end. `tell` hears what happens, `left` that it is over.

    `record` gives a recorder beside that of the trace file, if there is to be one; `dice` are the session's chances.
    """

    def __init__(
        self,
        number: int,
        id: str,
        client: Admitted,
        scenario: Scenario | None,
        casting: Casting,
        options: Options,
        functions: Functions,
        new_id: Callable[[], str],
        tell: Callable[[Notice], None],
        left: Callable[[SessionClosed], None],
        record: Callable[["Guest"], Recorder | None] = lambda guest: None,
        dice: Dice = lambda: 0.0,
    ) -> None:
        self.number = number
        self.id = id
        self.scenario = scenario
        self.dialect = client.dialect
        self.connection: Connection | None = None
        self._credential = client.credential
        self._casting = casting
        self._options = options
        self._functions = functions
        self._new_id = new_id
        self._tell = tell
        self._left = left
        self._record = record
        self._dice = dice
        self._opening = faults_of_opening(scenario.steps, self.dialect) if scenario else ()
        loop = asyncio.get_running_loop()
        self._clock = SessionClock(loop, loop.time(), options.speed)
        self._began = datetime.now(UTC)
        self._recorder: FileRecorder | None = None
        self._first_header: Header | None = None
        self._findings: Counter[str] = Counter()
        self._broken: dict[str, None] = {}

    def come_in(self, socket: WebSocket, ticker: Ticker) -> None:
        """Begin the session on a socket whose upgrade has been answered."""
        self._tell(SessionOpened(self.id, self.number, self.dialect.value))
        switches = self._switches()
        judge = Judge(catalogue.requirements(), switches, self.dialect)
        player = Player(
            self._cast,
            request_id=self.id,
            new_id=self._new_id,
            dialect=self.dialect,
            switches=switches,
            tolerance=self._options.tolerance,
            has_codecs=sound.has_codecs(),
            faults=self._faults(),
        )
        self._recorder = self._new_recorder()
        self.connection = Connection(
            socket,
            player,
            judge,
            clock=self._clock,
            ticker=ticker,
            problems=catalogue.problems,
            speech=partial(sound.speech, trouble=self._trouble),
            detector=sound.Ear,
            functions=self._functions,
            recorder=together((self._recorder, self._record(self))),
            reports=self._found,
            deaf=self._trouble,
            ended=self._leave,
            gives_up=self._options.gives_up or self._options.sessions is not None,
            struck=self._struck,
        )
        socket.listener = self.connection
        self.connection.open()

    def _cast(self, settings: JsonObject) -> Part:
        self.scenario = self._casting.at_settings(
            configuration.tags_of(settings), self.dialect, self.scenario
        )
        switches = self._switches()
        if self.connection is not None:
            self.connection.hold_by(switches)
        if self._recorder is not None and self.header() != self._first_header:
            self._recorder.cast(self.header().scenario, self.header().switches)
        if self.scenario is None:
            return Part(house, switches, is_scripted=False)
        opening = faults_of_opening(self.scenario.steps, self.dialect)
        return part_of(self.scenario, switches, self.scenario.steps[len(opening) :])

    def _faults(self) -> Inflicting:
        return Inflicting(
            map(strike_of, self._opening),
            self._options.faults,
            dice=self._dice,
            dialect=self.dialect,
            is_wrong=lambda body: bool(catalogue.problems(self.dialect, Side.SERVER, body)),
        )

    def _trouble(self, text: str) -> None:
        self._tell(Trouble(f"[{self.number}] {text}"))

    def _struck(self, inflicted: Inflict) -> None:
        at = round(self._clock.now(), 3)
        self._tell(fault_inflicted(self.id, self.number, at, inflicted.strike, inflicted.hit))

    def _switches(self) -> Switches:
        """The switches at this speed: what a client needs to attach its handler, and an endpoint to answer, does
        not shrink. Nor does the former count against the limit for Settings.
        """
        switches = self.scenario.switches if self.scenario else Switches()
        faster = max(1.0, self._options.speed)
        later = switches.welcome_after * faster
        limit = max(switches.first_settings_within, switches.welcome_after) + later - switches.welcome_after
        return replace(
            switches,
            welcome_after=later,
            first_settings_within=limit,
            function_within=switches.function_within * faster,
        )

    @property
    def secret(self) -> str:
        """The credential of the client, which nobody may see; "" where it is the name of a scenario."""
        return "" if self._casting.knows(self._credential) else self._credential

    @property
    def lasted(self) -> float:
        """Session seconds since the upgrade."""
        return self._clock.now()

    def header(self) -> "Header":
        """The header of a trace of this session, with what is known of its scenario by now."""
        from mockagent.protocol.trace import Header, unusual

        return Header(
            __version__,
            self.dialect,
            self.scenario.name if self.scenario else None,
            self._began.isoformat(timespec="milliseconds"),
            self._options.speed,
            self._options.tolerance.label,
            self.id,
            seed=self._options.seed,
            switches=unusual(self._switches()),
        )

    def _new_recorder(self) -> "FileRecorder | None":
        if self._options.trace is None:
            return None
        from mockagent.server.recorder import FileRecorder  # what few sessions need is loaded by them

        self._first_header = self.header()
        return FileRecorder(
            Path(self._options.trace) / f"{self.number:04d}-{self.id}.jsonl",
            self._first_header,
            secret=self.secret,
            trouble=lambda text: self._tell(Trouble(text)),
            keeps_audio=self._options.trace_audio,
        )

    def _found(self, violation: Violation, breaks: frozenset[str]) -> None:
        requirement = violation.requirement
        if requirement.id in breaks:
            return
        self._findings[requirement.id] += 1
        if requirement.is_must:
            self._broken[requirement.id] = None
        self._tell(
            Finding(
                self.id,
                self.number,
                round(violation.event.at, 3),
                requirement.id,
                requirement.keyword.value,
                requirement.binds.value,
                requirement.sentence,
                violation.expected,
                violation.got,
                violation.pointer,
                requirement.source,
            )
        )

    def _leave(self) -> None:
        connection = self.connection
        if connection is None:
            return
        ending = connection.player.ending
        if self._recorder is not None:
            settings = connection.judge.session.settings or {}
            self._recorder.close(
                ending.value,
                {
                    Side.CLIENT: formats.input_format(settings, self.dialect),
                    Side.SERVER: formats.output_format(settings, self.dialect),
                },
            )
        self._left(
            SessionClosed(
                self.id,
                self.number,
                self.scenario.name if self.scenario else None,
                ending.value,
                round(self._clock.now(), 3),
                round(connection.player.heard_for, 3),
                dict(self._findings),
                tuple(self._broken),
                connection.player.unmet,
                str(self._recorder.path) if self._recorder and self._recorder.path else None,
                connection.player.remarks,
            )
        )
