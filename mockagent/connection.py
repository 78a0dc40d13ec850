"""Drives one connection: each frame is recorded, judged and answered, in that order, and nothing is decided here.

The clock is passed in and counts session seconds since the upgrade; with it, `--speed` or a fake clock changes
nothing else. What falls due by itself is told with the time at which it was due, and speech that it cuts has sent
the frames due by then and no more: however late a busy machine comes to it, the same happens.
Runs of audio that nobody must look at one by one are counted, and become one event.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from math import inf
from typing import Any, Protocol

from mockagent.protocol import codec, formats
from mockagent.protocol.events import (
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
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase
from mockagent.scenario.actions import (
    Action,
    CallFunction,
    Close,
    Cut,
    Deed,
    DropCall,
    Form,
    Hush,
    Inflict,
    Ping,
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

RUN = 10
"""Frames of audio that are counted together before they become an event."""

_BRACE = ord("{")
_NO_CLOSE_FRAME = 1006


class Wire(Protocol):
    """Where frames go."""

    def send(self, data: bytes, binary: bool) -> None: ...

    def close(self, code: int | None, reason: str = "") -> None: ...

    def abort(self) -> None: ...

    def send_in_parts(self, data: bytes, binary: bool, parts: int) -> None: ...

    def send_stalling(self, data: bytes, binary: bool, seconds: float) -> None: ...

    def send_compressed(self, data: bytes, binary: bool) -> None: ...

    def ping(self, count: int) -> None: ...

    def hang_up(self) -> None: ...

    def reset(self) -> None: ...

    def vanish(self, seconds: float) -> None: ...


class Clock(Protocol):
    """The session's time in seconds since it opened, and when a moment of it comes on the loop's clock."""

    def now(self) -> float: ...

    def loop_time(self, at: float) -> float: ...

    def length(self, seconds: float) -> float:
        """How long a length of session time takes on the loop's clock."""


class Recorder(Protocol):
    """Who keeps what happened, event by event."""

    @property
    def wants_audio(self) -> bool:
        """Whether each frame of audio is to be an event of its own, with its data; otherwise runs are counted."""

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None: ...


class Detector(Protocol):
    """Tells speech from silence in a stream of audio. `why_deaf` says why it cannot, if it cannot.

    `heard_for` is the seconds of sound so far, None where it cannot tell.
    """

    @property
    def why_deaf(self) -> str | None: ...

    @property
    def heard_for(self) -> float | None: ...

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""


class Functions(Protocol):
    """Calls functions at their endpoints."""

    def call(self, wanted: CallFunction) -> Coroutine[Any, Any, Outcome]:
        """What comes of it; fails only by being cancelled."""


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
        speech: Callable[[Speak, AudioFormat, float], Sequence[bytes]],
        detector: Callable[[AudioFormat], Detector],
        functions: Functions,
        recorder: Recorder | None = None,
        reports: Callable[[Violation, frozenset[str]], None] = lambda violation, breaks: None,
        deaf: Callable[[str], None] = lambda reason: None,
        ended: Callable[[], None] = lambda: None,
        gives_up: bool = False,
        struck: Callable[[str], None] = lambda fault: None,
    ) -> None:
        self.player = player
        self.judge = judge
        self._wire = wire
        self._clock = clock
        self._ticker = ticker
        self._loop = asyncio.get_running_loop()
        self._problems = problems
        self._speech = speech
        self._new_detector = detector
        self._detector: Detector | None = None
        self._functions = functions
        self._calls: dict[str, asyncio.Task[Outcome]] = {}
        self._input: AudioFormat | None = None
        self._is_deaf = False
        self._decoded_for = 0.0
        self._recorder = recorder
        self._wants_audio = recorder is not None and recorder.wants_audio
        self._reports = reports
        self._deaf = deaf
        self._ended = ended
        self._gives_up = gives_up
        self._struck = struck
        self._onlookers = Onlookers(judge)
        self._is_over = False
        self._counts = False
        self._width = 1
        self._tallies = {Side.CLIENT: [0, 0, 0], Side.SERVER: [0, 0, 0]}
        self._received = self._tallies[Side.CLIENT]
        self._sent = self._tallies[Side.SERVER]
        self._stream: Stream[Any] | None = None
        self._spoken_at = 0.0
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
        size, frames, _ = self._tallies[side]
        return size, frames

    def open(self) -> None:
        """The handshake succeeded."""
        self._observe(Event(0.0, Side.SERVER, Opened(self.session.dialect)))
        self._wait()

    def on_message(self, data: bytes, binary: bool) -> None:
        """The client sent a whole message."""
        changes = self._detector.feed(data) if binary and self._detector is not None else ()
        if binary and self._counts and data and data[0] != _BRACE and not len(data) % self._width:
            if self._count(self._received, len(data)):
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
            content = replace(content, data=data, lasts=self._newly_decoded())
        self._handle(Event(self._clock.now(), Side.CLIENT, content))

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
        self._drop_calls()
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
                    self._call(action)
                case DropCall(id=id):
                    self._drop_call(id)
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
            self._struck(action.strike.fault)
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
                self._write(deed)
            case Ping(count=count):
                self._wire.ping(count)
            case Sever(how=how, seconds=seconds):
                self._sever(how, seconds)

    def _observe_frame(self, frame: Frame, breaks: frozenset[str]) -> None:
        content: Content = codec.decode(frame)
        if isinstance(content, Message):
            content = self._checked(Side.SERVER, content)
        self._observe(Event(self._clock.now(), Side.SERVER, content), breaks, is_meant=False)

    def _write(self, deed: Write) -> None:
        data, binary = deed.frame.data, deed.frame.binary
        match deed.form:
            case Form.WHOLE:
                self._wire.send(data, binary)
            case Form.PARTS:
                self._wire.send_in_parts(data, binary, round(deed.amount))
            case Form.STALLED:
                self._wire.send_stalling(data, binary, self._clock.length(deed.amount))
            case Form.COMPRESSED:
                self._wire.send_compressed(data, binary)

    def _sever(self, how: Cut, seconds: float) -> None:
        """End the connection without a close frame; the session is over once it is gone."""
        self._hush()
        self._observe(Event(self._clock.now(), Side.SERVER, Closed(_NO_CLOSE_FRAME)))
        match how:
            case Cut.CLOSE:
                self._wire.hang_up()
            case Cut.RESET:
                self._wire.reset()
            case Cut.SILENCE:
                self._wire.vanish(self._clock.length(seconds))

    def _speak(self, action: Speak) -> None:
        session, fault = self.session, action.fault
        format = formats.output_format(session.settings or {}, session.dialect)
        lasts = session.switches.frame_for
        began_at = self.player.now
        if fault is None:
            frames = self._speech(action, format, lasts)
            self._spoken_at = began_at + max(0, len(frames) - 1) * lasts
            self._stream = Stream(frames, self._clock.length(lasts), self._send_audio, self._spoken)
        else:
            frames = self._speech(action, format_spoken(fault.fault, format), lasts)
            self._stream = self._distorted(frames, lasts, fault)
        self._ticker.start(self._stream, self._clock.loop_time(began_at))

    def _distorted(self, frames: Sequence[bytes], lasts: float, fault: Strike) -> Stream[Batch]:
        """Speech that is meant to be as it should be, and of which each frame is looked at as it is."""
        size = len(frames[0])
        self._onlookers.mean(Event(self._clock.now(), Side.SERVER, Audio(size, largest=size)))
        batches = distorted(fault.fault, frames, lasts, fault.values)
        self._spoken_at = self.player.now + max(0, len(batches) - 1) * lasts
        period = self._clock.length(lasts)
        return Stream(batches, period, lambda batch: self._send_batch(batch, fault.breaks), self._spoken)

    def _send_batch(self, batch: Batch, breaks: frozenset[str]) -> None:
        for frame in batch:
            self._observe_frame(frame, breaks)
            self._wire.send(frame.data, frame.binary)

    def _hush(self) -> None:
        if self._stream is not None:
            self._ticker.stop(self._stream)
            self._stream = None

    def _spoken(self) -> None:
        if self._is_over:
            return
        self._stream = None
        self._count_up()
        self._carry_out(self.player.on_spoken(max(self._spoken_at, self.player.now)))
        self._wait()

    def _call(self, wanted: CallFunction) -> None:
        task = self._loop.create_task(self._functions.call(wanted))
        self._calls[wanted.call.id] = task
        task.add_done_callback(lambda task: self._function_ended(wanted.call.id, task))

    def _function_ended(self, id: str, task: asyncio.Task[Outcome]) -> None:
        if self._calls.pop(id, None) is None or task.cancelled():
            return
        self._count_up()
        self._carry_out(self.player.on_function_ended(self._clock.now(), id, task.result()))
        self._wait()

    def _drop_call(self, id: str) -> None:
        task = self._calls.pop(id, None)
        if task is not None:
            task.cancel()

    def _drop_calls(self) -> None:
        for id in list(self._calls):
            self._drop_call(id)

    def _send_audio(self, data: bytes) -> None:
        if self._wants_audio:
            audio = Audio(len(data), largest=len(data), data=data)
            self._observe(Event(self._clock.now(), Side.SERVER, audio))
        else:
            self._count(self._sent, len(data))
        self._wire.send(data, True)

    def _count(self, tally: list[int], size: int) -> bool:
        """Count a frame; whether the run is long enough to become an event."""
        tally[0] += size
        tally[1] += 1
        tally[2] = max(tally[2], size)
        return tally[1] >= RUN

    def _count_up(self) -> None:
        """Make events of the audio that has been counted so far."""
        if not self._received[1] and not self._sent[1]:
            return
        for side, tally in self._tallies.items():
            size, frames, largest = tally
            if not frames:
                continue
            tally[:] = (0, 0, 0)
            lasts = self._newly_decoded() if side is Side.CLIENT else None
            event = Event(self._clock.now(), side, Audio(size, frames, largest, lasts=lasts))
            before = self.session
            violations = self._observe(event)
            if side is Side.CLIENT:
                self._carry_out(self.player.on_event(event, before, violations))

    def _newly_decoded(self) -> float | None:
        """Seconds of the client's sound since this was last asked; None where its bytes tell, or nothing does."""
        if self._detector is None or self._input is None or self._input.is_counted:
            return None
        heard_for = self._detector.heard_for
        if heard_for is None:
            return None
        lasts, self._decoded_for = heard_for - self._decoded_for, heard_for
        return lasts

    def _wait(self) -> None:
        """See to it that the next limit, or the player's next moment, is met; and how audio is to be taken."""
        if self._is_over:
            return
        if self.session.phase is Phase.ACTIVE:
            self._prepare_for_audio()
        wakes_at = self.player.wakes_at
        if self._stream is not None:
            self._stream.until = inf if wakes_at is None else self._clock.loop_time(wakes_at)
        due = self._due(wakes_at)
        if due is None or (self._timer is not None and self._timer.when() <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._on_timer)

    def _prepare_for_audio(self) -> None:
        """Decide how the client's audio is to be taken: counted, or looked at frame by frame; heard or not."""
        if self._input is None:
            session = self.session
            self._input = formats.input_format(session.settings or {}, session.dialect)
            self._counts = not self._wants_audio
            self._width = formats.SAMPLE_WIDTHS.get(self._input.encoding, 1)
        if self._detector is None and (self.player.listens or not self._input.is_counted):
            self._detector = self._new_detector(self._input)
        if self._detector is not None and not self._is_deaf and self.player.listens:
            self._tell_if_deaf(self._detector)

    def _tell_if_deaf(self, detector: Detector) -> None:
        if detector.why_deaf is not None:
            self._is_deaf = True
            self.player.on_deaf(detector.why_deaf)
            self._deaf(detector.why_deaf)

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
            if self._stream is not None:
                self._ticker.catch_up(self._stream, self._clock.loop_time(wakes_at))
            self._carry_out(self.player.on_time(max(wakes_at, self.player.now)))
        self._wait()
