"""Drives one connection: each frame is recorded, judged and answered, in that order, and nothing is decided here.

The clock is passed in and counts session seconds since the upgrade; with it, `--speed` or a fake clock changes
nothing else. What falls due by itself is told with the time at which it was due, and speech that it cuts has sent
the frames due by then and no more: however late a busy machine comes to it, the same happens.
Runs of audio that nobody must look at one by one are counted, and become one event.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

from mockagent.connection import deeds
from mockagent.connection.listening import Listening
from mockagent.connection.outside import Clock, Detector, Functions, Recorder, Wire
from mockagent.connection.running_calls import RunningCalls
from mockagent.connection.tally import Tally
from mockagent.protocol import codec, formats
from mockagent.protocol.events import (
    NO_CLOSE_FRAME,
    Audio,
    Closed,
    Content,
    Dialect,
    Elapsed,
    Event,
    Frame,
    JsonObject,
    Message,
    Opened,
    Problem,
    Side,
)
from mockagent.protocol.formats import AudioFormat
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.session import UNREAD, Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase
from mockagent.scenario.actions import (
    Action,
    CallFunction,
    Close,
    Deed,
    DropCall,
    Hush,
    Inflict,
    Ping,
    Put,
    Send,
    Sever,
    Speak,
    Strike,
    Write,
)
from mockagent.scenario.faults.distortion import Batch, distorted, format_spoken
from mockagent.scenario.faults.onlookers import Onlookers
from mockagent.scenario.outcomes import Outcome
from mockagent.scenario.player import Player
from mockagent.ticker import Stream, Ticker


class Connection:
    """One session from the server's side. `reports` hears of every violation, with what was broken on purpose;
    `deaf` why the client's speech is waited for in vain, should that be so.

    With `gives_up` the session ends as soon as its script has failed. `struck` hears of every fault that is inflicted.
    """

    def __init__(
        self,
        wire: Wire,
        player: Player,
        judge: Judge,
        *,
        clock: Clock,
        ticker: Ticker,
        problems: Callable[[Dialect, Side, JsonObject], tuple[Problem, ...]],
        speech: Callable[[Speak, AudioFormat, float], Iterable[bytes | None]],
        detector: Callable[[AudioFormat], Detector],
        functions: Functions,
        recorder: Recorder | None = None,
        reports: Callable[[Violation, frozenset[str]], None] = lambda violation, breaks: None,
        deaf: Callable[[str], None] = lambda reason: None,
        ended: Callable[[], None] = lambda: None,
        gives_up: bool = False,
        struck: Callable[[Inflict], None] = lambda inflicted: None,
    ) -> None:
        self.player = player
        self.judge = judge
        self._wire = wire
        self._clock = clock
        self._ticker = ticker
        self._loop = asyncio.get_running_loop()
        self._problems = problems
        self._speech = speech
        self._calls = RunningCalls(self._loop, functions, self._function_ended)
        self._recorder = recorder
        self._wants_audio = recorder is not None and recorder.wants_audio
        self._listening = Listening(detector, self._is_deaf, counts=not self._wants_audio)
        self._reports = reports
        self._deaf = deaf
        self._ended = ended
        self._gives_up = gives_up
        self._struck = struck
        self._onlookers = Onlookers(judge)
        self._is_over = False
        self._tallies = {side: Tally() for side in Side}
        self._received = self._tallies[Side.CLIENT]
        self._sent = self._tallies[Side.SERVER]
        self._stream: Stream[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def session(self) -> Session:
        """The session as the server takes it to be: without the faults that it inflicts."""
        return self._onlookers.session

    def hold_by(self, switches: Switches) -> None:
        """From now on these switches hold."""
        self._onlookers.hold_by(switches)

    def uncounted(self, side: Side) -> tuple[int, int]:
        """Bytes and frames of that side's audio that have not become an event yet."""
        tally = self._tallies[side]
        return tally.size, tally.frames

    def open(self) -> None:
        """The handshake succeeded."""
        self._observe(Event(0.0, Side.SERVER, Opened(self.session.dialect)))
        self._wait()

    def on_message(self, data: bytes, binary: bool) -> None:
        """The client sent a whole message."""
        changes = self._listening.feed(data) if binary else ()
        if binary and self._listening.only_counts(data):
            if self._received.count(len(data)):
                self._count_up()
                self._wait()
        else:
            self._take(data, binary)
        for started in changes:
            self._count_up()
            self._carry_out(self.player.on_heard(self._clock.now(), started))
            self._wait()

    def _take(self, data: bytes, binary: bool) -> None:
        content: Content = codec.decode(Frame(data, binary))
        if isinstance(content, Message):
            content = self._checked(Side.CLIENT, content)
        elif isinstance(content, Audio):
            self._count_up()
            data = content.data if self._wants_audio else b""
            content = replace(content, data=data, lasts=self._listening.newly_decoded())
        self._handle(Event(self._clock.now(), Side.CLIENT, content))

    def on_unread(self) -> None:
        """The client does not read, and the server can keep no more for it."""
        if not self._is_over and self.session.phase is not Phase.CLOSED:
            self._count_up()
            self._observe(Event(self._clock.now(), Side.CLIENT, Elapsed(UNREAD)))

    def on_closed(self, side: Side, code: int | None, reason: str) -> None:
        """A side ended the connection."""
        if self._is_over:
            return
        if self.session.phase is not Phase.CLOSED:
            event = Event(self._clock.now(), side, Closed(code, reason))
            self._count_up()
            before = self.session
            violations = self._observe(event)
            self.player.on_event(event, before, violations)
        self._finish()

    def shut_down(self) -> None:
        """The server ends: say so, and close."""
        if not self._is_over:
            self._count_up()
            self._carry_out(self.player.on_shutdown(self._clock.now()))

    def _finish(self) -> None:
        self._is_over = True
        self._hush()
        self._calls.drop_all()
        if self._timer is not None:
            self._timer.cancel()
        self._ended()

    def _checked(self, sender: Side, message: Message) -> Message:
        problems = self._problems(self.session.dialect, sender, message.body)
        return replace(message, problems=problems) if problems else message

    def _handle(self, event: Event) -> None:
        """Record, judge and answer one event of the client."""
        self._count_up()
        before = self.session
        violations = self._observe(event, self.player.excuses)
        self._carry_out(self.player.on_event(event, before, violations))
        self._wait()

    def _observe(
        self, event: Event, breaks: frozenset[str] = frozenset(), *, is_meant: bool = True
    ) -> tuple[Violation, ...]:
        """What the event breaks as the server meant it; told and recorded is what it breaks as it is."""
        sight = self._onlookers.see(event, is_meant=is_meant)
        if sight.of_faults:
            breaks |= sight.of_faults
        if self._recorder is not None:
            self._recorder.record(event, sight.violations, breaks)
        for violation in sight.violations:
            self._reports(violation, breaks)
        return sight.meant

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Send(body=body, breaks=breaks):
                    self._send(body, breaks)
                case Speak():
                    self._speak(action)
                case Hush():
                    self._hush()
                case Close(code=code, reason=reason, breaks=breaks):
                    self._close(code, reason, breaks)
                case CallFunction():
                    self._calls.start(action)
                case DropCall(id=id):
                    self._calls.drop(id)
                case Inflict():
                    self._inflict(action)
        if self._gives_up and self.player.unmet:
            self._gives_up = False
            self.shut_down()

    def _send(self, body: JsonObject, breaks: frozenset[str]) -> None:
        self._count_up()
        message = self._checked(Side.SERVER, Message(str(body.get("type")), body))
        self._observe(Event(self._clock.now(), Side.SERVER, message), breaks)
        self._wire.send(codec.encode(body).data, False)

    def _close(self, code: int | None, reason: str, breaks: frozenset[str]) -> None:
        self._count_up()
        self._hush()
        self._observe(Event(self._clock.now(), Side.SERVER, Closed(code, reason)), breaks)
        self._wire.close(code, reason)

    def _inflict(self, action: Inflict) -> None:
        """A fault strikes: the record holds what comes of it, the server goes by what it meant."""
        self._count_up()
        self._onlookers.part()
        if action.is_first:
            self._struck(action)
        if action.meant is not None:
            body = action.meant.body
            meant = self._checked(Side.SERVER, Message(str(body.get("type")), body))
            self._onlookers.mean(Event(self._clock.now(), Side.SERVER, meant))
        for deed in action.deeds:
            self._do(deed, action.strike.breaks)

    def _do(self, deed: Deed, breaks: frozenset[str]) -> None:
        match deed:
            case Write(frame=frame):
                self._observe_frame(frame, breaks)
                deeds.write(deed, self._wire, self._clock)
            case Put(frame=raw, message=message):
                if message is not None:
                    self._observe_frame(message, breaks)
                self._wire.put(raw.encoded(Side.SERVER))
            case Ping(count=count):
                self._wire.ping(count)
            case Sever():
                self._hush()
                self._observe(Event(self._clock.now(), Side.SERVER, Closed(NO_CLOSE_FRAME)))
                deeds.sever(deed, self._wire, self._clock)

    def _observe_frame(self, frame: Frame, breaks: frozenset[str]) -> None:
        content: Content = codec.decode(frame)
        if isinstance(content, Message):
            content = self._checked(Side.SERVER, content)
        self._observe(Event(self._clock.now(), Side.SERVER, content), breaks, is_meant=False)

    def _speak(self, action: Speak) -> None:
        session, fault = self.session, action.fault
        format = formats.output_format(session.settings or {}, session.dialect)
        lasts = session.switches.frame_for
        period, spoken = self._clock.length(lasts), partial(self._spoken, self.player.now, lasts)
        if fault is None:
            self._stream = Stream(self._speech(action, format, lasts), period, self._send_audio, spoken)
        else:
            frames = self._speech(action, format_spoken(fault.fault, format), lasts)
            self._stream = Stream(
                self._distorted(frames, lasts, fault),
                period,
                lambda batch: self._send_batch(batch, fault.breaks),
                spoken,
            )
        self._ticker.start(self._stream, self._clock.loop_time(self.player.now))

    def _distorted(
        self, frames: Iterable[bytes | None], lasts: float, fault: Strike
    ) -> Iterable[Batch | None]:
        """Speech that is meant to be as it should be, and of which each frame is looked at as it is."""
        size = len(next(filter(None, frames), b""))
        self._onlookers.mean(Event(self._clock.now(), Side.SERVER, Audio(size, largest=size)))
        return distorted(fault.fault, frames, lasts, fault.values)

    def _send_batch(self, batch: Batch, breaks: frozenset[str]) -> None:
        for frame in batch:
            self._observe_frame(frame, breaks)
            self._wire.send(frame.data, frame.binary)

    def _hush(self) -> None:
        if self._stream is not None:
            self._ticker.stop(self._stream)
            self._stream = None

    def _spoken(self, began_at: float, frame_for: float) -> None:
        """The last frame has gone out of what was begun then."""
        if self._is_over or self._stream is None:
            return
        spoken_at = began_at + max(0, self._stream.next - 1) * frame_for
        self._stream = None
        self._count_up()
        self._carry_out(self.player.on_spoken(max(spoken_at, self.player.now)))
        self._wait()

    def _function_ended(self, id: str, outcome: Outcome) -> None:
        self._count_up()
        self._carry_out(self.player.on_function_ended(self._clock.now(), id, outcome))
        self._wait()

    def _send_audio(self, data: bytes) -> None:
        if self._wants_audio:
            audio = Audio(len(data), largest=len(data), data=data)
            self._observe(Event(self._clock.now(), Side.SERVER, audio))
        else:
            self._sent.count(len(data))
        self._wire.send(data, True)

    def _count_up(self) -> None:
        """Make events of the audio that has been counted so far."""
        for side, tally in self._tallies.items():
            if not tally.frames:
                continue
            run = tally.taken(self._listening.newly_decoded() if side is Side.CLIENT else None)
            event, before = Event(self._clock.now(), side, run), self.session
            violations = self._observe(event)
            if side is Side.CLIENT:
                self._carry_out(self.player.on_event(event, before, violations))

    def _wait(self) -> None:
        """See to it that the next limit, or the player's next moment, is met; and how audio is to be taken."""
        if self._is_over:
            return
        if self.session.phase is Phase.ACTIVE:
            self._listening.prepare(self.session, listens=self.player.listens)
        wakes_at = self.player.wakes_at
        if self._stream is not None:
            self._stream.until = inf if wakes_at is None else self._clock.loop_time(wakes_at)
        due = self._due(wakes_at)
        if due is None or (self._timer is not None and self._timer.when() <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._on_timer)

    def _is_deaf(self, reason: str) -> None:
        self.player.on_deaf(reason)
        self._deaf(reason)

    def _due(self, wakes_at: float | None) -> float | None:
        deadline = self.session.deadline
        moments = [at for at in (deadline[0] if deadline else None, wakes_at) if at is not None]
        return self._clock.loop_time(min(moments)) if moments else None

    def _on_timer(self) -> None:
        self._timer = None
        self._count_up()
        now = self._clock.now()
        deadline = self.session.deadline
        if deadline and deadline[0] <= now:
            self._handle(Event(now, Side.CLIENT, Elapsed(deadline[1])))
        wakes_at = self.player.wakes_at
        if wakes_at is not None and wakes_at <= now and not self._is_over:
            if self._stream is not None and not self._ticker.catch_up(
                self._stream, self._clock.loop_time(wakes_at)
            ):
                self._timer = self._loop.call_at(self._loop.time(), self._on_timer)
                return
            self._carry_out(self.player.on_time(max(wakes_at, self.player.now)))
        self._wait()
