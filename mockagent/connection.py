"""Drives one connection: each frame is recorded, judged and answered, in that order, and nothing is decided here.

The clock is passed in and counts session seconds since the upgrade; with it, `--speed` or a fake clock changes
nothing else. Runs of audio that nobody must look at one by one are counted, and become one event.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
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
    Close,
    Cut,
    Deed,
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

    def record(self, event: Event, violations: Sequence[Violation], breaks: frozenset[str]) -> None: ...


class Detector(Protocol):
    """Tells speech from silence in a stream of audio."""

    def feed(self, data: bytes) -> Sequence[bool]:
        """For each change: whether speech began (True) or ceased (False)."""


class Connection:
    """One session from the server's side. `reports` hears of every violation, with what was broken on purpose.

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
        speech: Callable[[str, bytes | None, AudioFormat, float], Sequence[bytes]],
        detector: Callable[[AudioFormat], Detector],
        recorder: Recorder | None = None,
        reports: Callable[[Violation, frozenset[str]], None] = lambda violation, breaks: None,
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
        self._recorder = recorder
        self._reports = reports
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
        self._timer: asyncio.TimerHandle | None = None

    @property
    def session(self) -> Session:
        """The session as the server takes it to be: without the faults that it inflicts."""
        return self._onlookers.session

    def hold_by(self, switches: Switches) -> None:
        """From now on these switches hold."""
        self._onlookers.hold_by(switches)

    def open(self) -> None:
        """The handshake succeeded."""
        self._observe(Event(0.0, Side.SERVER, Opened(self.session.dialect)))
        self._wait()

    def on_message(self, data: bytes, binary: bool) -> None:
        """The client sent a whole message."""
        if binary and self._counts and data and data[0] != _BRACE and not len(data) % self._width:
            if self._count(self._received, len(data)):
                self._count_up()
                self._wait()
        else:
            self._take(data, binary)
        if binary and self._detector is not None:
            self._listen(data)

    def _take(self, data: bytes, binary: bool) -> None:
        content: Content = codec.decode(Frame(data, binary))
        if isinstance(content, Message):
            content = self._checked(Side.CLIENT, content)
        elif isinstance(content, Audio) and self._recorder is None:
            content = replace(content, data=b"")
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
                case Speak(text=text, wav=wav, fault=fault):
                    self._speak(text, wav, fault)
                case Hush():
                    self._hush()
                case Close(code=code, reason=reason, breaks=breaks):
                    self._close(code, reason, breaks)
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

    def _speak(self, text: str, wav: bytes | None, fault: Strike | None) -> None:
        session = self.session
        format = formats.output_format(session.settings or {}, session.dialect)
        lasts = session.switches.frame_for
        if fault is None:
            frames = self._speech(text, wav, format, lasts)
            self._stream = Stream(frames, self._clock.length(lasts), self._send_audio, self._spoken)
        else:
            frames = self._speech(text, wav, format_spoken(fault.fault, format), lasts)
            self._stream = self._distorted(frames, lasts, fault)
        self._ticker.start(self._stream)

    def _distorted(self, frames: Sequence[bytes], lasts: float, fault: Strike) -> Stream[Batch]:
        """Speech that is meant to be as it should be, and of which each frame is looked at as it is."""
        size = len(frames[0])
        self._onlookers.mean(Event(self._clock.now(), Side.SERVER, Audio(size, largest=size)))
        batches = distorted(fault.fault, frames, lasts, fault.values)
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
        self._carry_out(self.player.on_spoken(self._clock.now()))
        self._wait()

    def _send_audio(self, data: bytes) -> None:
        if self._recorder is not None:
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
            event = Event(self._clock.now(), side, Audio(size, frames, largest))
            before = self.session
            violations = self._observe(event)
            if side is Side.CLIENT:
                self._carry_out(self.player.on_event(event, before, violations))

    def _listen(self, data: bytes) -> None:
        for started in self._detector.feed(data) if self._detector else ():
            self._count_up()
            self._carry_out(self.player.on_heard(self._clock.now(), started))
            self._wait()

    def _wait(self) -> None:
        """See to it that the next limit, or the player's next moment, is met; and how audio is to be taken."""
        if self._is_over:
            return
        if self.session.phase is Phase.ACTIVE:
            self._prepare_for_audio()
        due = self._due()
        if due is None or (self._timer is not None and self._timer.when() <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._on_timer)

    def _prepare_for_audio(self) -> None:
        """Decide how the client's audio is to be taken: counted, or looked at frame by frame; heard or not."""
        session = self.session
        if not self._counts and self._recorder is None:
            encoding = formats.input_format(session.settings or {}, session.dialect).encoding
            self._width = formats.SAMPLE_WIDTHS.get(encoding, 1)
            self._counts = True
        if self._detector is None and self.player.listens:
            self._detector = self._new_detector(formats.input_format(session.settings or {}, session.dialect))

    def _due(self) -> float | None:
        deadline = self.session.deadline
        moments = [at for at in (deadline[0] if deadline else None, self.player.wakes_at) if at is not None]
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
            self._carry_out(self.player.on_time(now))
        self._wait()
