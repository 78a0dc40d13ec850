"""Where a rehearsal takes place: the real player and judge, a clock of its own, and a list of all that happens.

Whatever the player wants done is done at once and takes exactly its time; nothing here decides anything.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TypeAlias

from mockagent.protocol import codec, messages
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
    Problem,
    Side,
)
from mockagent.protocol.formats import SAMPLE_WIDTHS, input_format, output_format
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.session import SESSION_END, SESSION_WARNING, Session
from mockagent.scenario import model
from mockagent.scenario.account import Unmet
from mockagent.scenario.actions import (
    Action,
    CallFunction,
    Close,
    DropCall,
    Hush,
    Inflict,
    Put,
    Send,
    Sever,
    Speak,
    Strike,
    Write,
)
from mockagent.scenario.beats import Beat, Struck
from mockagent.scenario.cues import Script
from mockagent.scenario.faults.distortion import distorted
from mockagent.scenario.faults.inflicting import Inflicting
from mockagent.scenario.faults.onlookers import Onlookers
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.model import Scenario
from mockagent.scenario.opening import refuses_settings
from mockagent.scenario.outcomes import Returned
from mockagent.scenario.part import Part
from mockagent.scenario.player import Player
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import strike_of
from mockagent.scenario.server_calls import NO_RESULT, RUNS_FOR

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_MARGIN = 0.01
"""Seconds of audio more than are asked for, so that rounding never leaves too little."""
_LETTER_FOR = 1 / 15
_ENDLESS = float("inf")
_SAMPLES_IN_A_FRAME = 480
_AFTER_SPEECH = ("AgentAudioDone", "LatencyReport")

Problems: TypeAlias = Callable[[Dialect, Side, JsonObject], Sequence[Problem]]


class Stage:
    """One session without a network. `now` is its clock; `speech` what the agent is saying, and how long it takes.

    `running` are the ids of the calls that endpoints have yet to answer. With `holds_speech` the first sound of each
    statement waits for `begin_speech`.
    """

    def __init__(
        self,
        scenario: Scenario,
        lines: Lines,
        settings: JsonObject,
        script: Callable[[Scene], Script],
        requirements: Mapping[str, Requirement],
        problems: Problems,
        opening: Lines = (),
        *,
        holds_speech: bool = False,
    ) -> None:
        self.now = scenario.switches.welcome_after
        self.beats: list[Beat] = []
        self.broken_by_faults: set[tuple[model.Place, str]] = set()
        self._onlookers = Onlookers(Judge(requirements, scenario.switches, scenario.dialect))
        self.speech: tuple[Beat, float] | None = None
        self.running: list[str] = []
        self.is_over = False
        self._dialect = scenario.dialect
        self._lines = lines
        self._settings = settings
        self._problems = problems
        self._by_sentence = scenario.switches.text_by_sentence
        self._holds_speech = holds_speech
        self._held: tuple[str, Line | None, Strike | None] | None = None
        self._spoken: Beat | None = None
        self._injected: dict[str, Line] = {}
        self._origins: dict[int, Line | None] = {}
        self._struck: dict[model.Place, None] = {}
        self._lines_of_strikes: dict[Strike, Line | None] = {}
        strikes = [self._strike_of(line) for line in opening]
        applies_settings = not refuses_settings(line.step for line in lines)
        part, ids = Part(script, scenario.switches, applies_settings=applies_settings), count(1)
        self._player = Player(
            lambda _: part,
            request_id=REQUEST_ID,
            new_id=lambda: f"call-{next(ids)}",
            dialect=scenario.dialect,
            switches=scenario.switches,
            faults=Inflicting(strikes, dialect=scenario.dialect, is_wrong=self._is_wrong),
        )

    @property
    def session(self) -> Session:
        """The session as the service takes it to be."""
        return self._onlookers.session

    @property
    def unstruck(self) -> tuple[model.Place, ...]:
        """The faults that have had nothing to hit."""
        return tuple(strike.place for strike in self._player.faults.armed)

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """What could not be played."""
        return self._player.unmet

    def note(self, action: Action, line: Line | None) -> None:
        """Remember from which line an action comes that the player is about to want."""
        self._origins[id(action)] = line
        if isinstance(action, Strike):
            self._lines_of_strikes[action] = line

    def pass_time(self, at: float) -> None:
        """It is now `at`; the service ends a session that lasts too long."""
        for limit in (SESSION_WARNING, SESSION_END):
            due = self.session.runs_out_at(limit)
            if due is not None and due <= at:
                self.run_out(limit, None)
        if self.is_over:
            return
        self.pass_time_of_faults(at)
        self.now = max(self.now, at)
        self._carry_out(self._player.on_time(self.now))

    def settle(self) -> None:
        """Let the time pass that Settings take."""
        if self._player.applies_at is not None:
            self.pass_time(self._player.applies_at)

    def pass_time_of_faults(self, until: float = _ENDLESS) -> None:
        """Let what faults hold back until then come in its time."""
        while not self.is_over and (at := self._player.faults_wake_at) is not None and at <= until:
            self.now = max(self.now, at)
            self._carry_out(self._player.on_time(self.now))

    def notice(self, *, speech: bool) -> None:
        """The client's audio begins, or ceases, to be speech."""
        self._carry_out(self._player.on_heard(self.now, speech))

    def begin_speech(self) -> None:
        """The first sound of what the agent is about to say."""
        if self._held is not None:
            (text, line, fault), self._held = self._held, None
            self._speak(text, line, fault)

    def finish_speech(self) -> None:
        """The agent says what it is saying to its end."""
        if self.speech is not None:
            beat, lasts = self.speech
            self.pass_time_of_faults(beat.at + lasts)
            self.now = max(self.now, beat.at + lasts)
            beat.lasts, self.speech, self._spoken = lasts, None, beat
            self._carry_out(self._player.on_spoken(self.now))

    def end_functions(self) -> None:
        """Let every function that was called at its endpoint answer, as an ideal one does."""
        self.now += RUNS_FOR
        ended, self.running = self.running, []
        for id in ended:
            self._carry_out(self._player.on_function_ended(self.now, id, Returned(NO_RESULT)))

    def say(self, message: Message, line: Line | None, wanted: JsonObject | None = None) -> None:
        """The client sends a message; `wanted` is the pattern that it fits."""
        if message.type == "InjectAgentMessage" and line is not None:
            self._injected.setdefault(messages.injected_text(message.body), line)
        self.do(message, line, wanted=wanted)

    def stream(self, seconds: float, line: Line, *, goes_on: bool) -> None:
        """The client sends audio; what goes on with the audio of a line is one beat with it."""
        format, lasts = input_format(self._settings, self._dialect), seconds + _MARGIN
        audio = Audio(max(format.size_of(lasts), 1)) if format.is_counted else Audio(1, lasts=lasts)
        self.do(audio, line, lasts=seconds, goes_on=goes_on)

    def run_out(self, limit: str, line: Line | None) -> None:
        """Time passes until that limit of the service runs out; nothing happens where it does not."""
        due = self.session.runs_out_at(limit)
        if due is not None:
            self.now = max(self.now, due)
            self.do(Elapsed(limit), line)

    def do(
        self,
        content: Content,
        line: Line | None,
        *,
        wanted: JsonObject | None = None,
        lasts: float = 0.0,
        goes_on: bool = False,
    ) -> None:
        """The client does something that takes so long, and the player answers."""
        self.pass_time_of_faults(self.now)
        before = self.session
        sight = self._onlookers.see(Event(self.now, Side.CLIENT, content))
        last = self._last_audio_of(line) if goes_on else None
        if last is not None:
            last.lasts += lasts
        else:
            beat = Beat(self.now, Side.CLIENT, content, line, lasts, wanted=wanted, broken=sight.violations)
            self.beats.append(beat)
        self.now += lasts
        self._carry_out(self._player.on_event(Event(self.now, Side.CLIENT, content), before, sight.meant))

    def _last_audio_of(self, line: Line | None) -> Beat | None:
        mine = (b for b in reversed(self.beats) if b.line is line and isinstance(b.content, Audio))
        return next(mine, None)

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            line = self._origins.pop(id(action), self._opening)
            match action:
                case Send(body=body):
                    self._serve(self._checked(Message(str(body.get("type")), body)), line)
                case Speak(text=text, fault=fault):
                    self._held = text, line, fault
                    if not self._holds_speech:
                        self.begin_speech()
                case Inflict():
                    self._inflict(action)
                case Hush():
                    self._held = None
                    self._hush()
                case CallFunction(call=call):
                    self.running.append(call.id)
                case DropCall(id=dropped) if dropped in self.running:
                    self.running.remove(dropped)
                case Close(code=code, reason=reason):
                    self._serve(Closed(code, reason), line)
                    self.is_over = True

    def _strike_of(self, line: Line) -> Strike:
        assert isinstance(line.step, model.FaultStrikes)
        strike = strike_of(line.step)
        self._lines_of_strikes[strike] = line
        return strike

    def _is_wrong(self, body: JsonObject) -> bool:
        return bool(self._problems(self._dialect, Side.SERVER, body))

    def _checked(self, message: Message) -> Message:
        problems = tuple(self._problems(self._dialect, Side.SERVER, message.body))
        return Message(message.type, message.body, problems)

    def _inflict(self, action: Inflict) -> None:
        """A fault strikes: what it does is seen, and told in its own line."""
        line = self._lines_of_strikes.get(action.strike)
        if line is not None:
            self._struck[line.step.place] = None
        self._onlookers.part()
        if action.is_first:
            self.beats.append(Beat(self.now, Side.SERVER, Struck(action.strike), line))
        if action.meant is not None:
            body = action.meant.body
            meant = self._checked(Message(str(body.get("type")), body))
            self._onlookers.mean(Event(self.now, Side.SERVER, meant))
        for deed in action.deeds:
            match deed:
                case Write(frame=frame) | Put(message=Frame() as frame):
                    self._serve_frame(frame, line)
                case Sever():
                    self._serve(Closed(NO_CLOSE_FRAME), line)
                    self.is_over = True

    def _serve_frame(self, frame: Frame, line: Line | None) -> None:
        content = codec.decode(frame)
        content = self._checked(content) if isinstance(content, Message) else content
        self._serve(content, line, is_meant=False)

    @property
    def _opening(self) -> Line | None:
        """The line that the opening belongs to: the client's Settings, where that is written."""
        first = next((each for each in self._lines if not isinstance(each.step, model.FaultStrikes)), None)
        wrote = first and isinstance(first.step, model.ClientSends) and first.step.pattern.get("type")
        return first if wrote == messages.SETTINGS[self._dialect] else None

    def _speak(self, text: str, line: Line | None, fault: Strike | None = None) -> None:
        encoding = output_format(self._settings, self._dialect).encoding
        size = SAMPLE_WIDTHS.get(encoding, 1) * _SAMPLES_IN_A_FRAME
        owner = self._injected.get(text, line)
        self.speech = self._serve(Audio(size, largest=size), owner), _length(text, owner, self._by_sentence)
        if fault is not None:
            for batch in filter(None, distorted(fault.fault, [bytes(size)] * 2, 1.0, fault.values)):
                for frame in batch:
                    self._see(codec.decode(frame), is_meant=False)

    def _hush(self) -> None:
        if self.speech is not None:
            beat, lasts = self.speech
            beat.lasts, beat.was_cut, self.speech = min(lasts, self.now - beat.at), True, None

    def _serve(self, content: Content, line: Line | None, *, is_meant: bool = True) -> Beat:
        broken = self._see(content, is_meant=is_meant)
        beat = Beat(self.now, Side.SERVER, content, self._owner(content, line), broken=broken)
        self.beats.append(beat)
        return beat

    def _see(self, content: Content, *, is_meant: bool) -> tuple[Violation, ...]:
        """What the server breaks by this without any fault; what faults break is put down to them."""
        sight = self._onlookers.see(Event(self.now, Side.SERVER, content), is_meant=is_meant)
        self.broken_by_faults |= {(place, id) for place in self._struck for id in sight.of_faults}
        return tuple(each for each in sight.violations if each.requirement.id not in sight.of_faults)

    def _owner(self, content: Content, line: Line | None) -> Line | None:
        """The line that a beat belongs to: an interruption to the user, an injected statement to the client."""
        if not isinstance(content, Message) or line is None or isinstance(line.step, model.ServerSends):
            return line
        if content.type == "UserStartedSpeaking" and isinstance(line.step, model.AgentTurn | model.CallTurn):
            following = self._lines.index(line) + 1
            return self._lines[following] if following < len(self._lines) else line
        if content.type in _AFTER_SPEECH and self._spoken is not None:
            return self._spoken.line
        return self._injected.get(str(content.body.get("content")), line)


def _length(text: str, line: Line | None, by_sentence: bool) -> float:
    """Seconds that the speech of one statement takes; what is injected is reckoned by its letters."""
    step = line.step if line else None
    if not isinstance(step, model.AgentTurn):
        return max(1.0, len(text) * _LETTER_FOR)
    if len(step.texts) == 1 and not by_sentence:
        return step.lasts
    return step.lasts * min(1.0, len(text) / sum(map(len, step.texts)))
