"""Plays one straight play through, without a network: the real player, an ideal client, a clock of its own.

Whatever is waited for, the ideal client does; whatever takes time, takes exactly its time.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TypeAlias

from mockagent.protocol import messages
from mockagent.protocol.events import (
    Audio,
    Closed,
    Content,
    Dialect,
    Elapsed,
    Event,
    JsonObject,
    Message,
    Problem,
    Side,
)
from mockagent.protocol.formats import input_format, output_format
from mockagent.protocol.judge import Judge
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.session import SILENCE
from mockagent.scenario import model
from mockagent.scenario.actions import Action, Close, Hush, Send, Speak
from mockagent.scenario.beats import Beat, Play
from mockagent.scenario.cues import Cue, Script, Want
from mockagent.scenario.ideal import (
    answer_to,
    injections_after,
    is_settings,
    message_for,
    settings_of,
    typed_for,
    with_any_answer,
)
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.model import Scenario, Trigger
from mockagent.scenario.player import Part, Player
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import perform
from mockagent.scenario.turns import BEGINS_AFTER

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
ACTS_AFTER = 0.1
"""Seconds that the ideal client takes to do what is waited for."""
_MARGIN = 0.01
_LETTER_FOR = 1 / 15
_SAMPLES_IN_A_FRAME = 480
_AFTER_SPEECH = ("AgentAudioDone", "LatencyReport")

Problems: TypeAlias = Callable[[Dialect, Side, JsonObject], Sequence[Problem]]


class Rehearsal:
    """One play of a scenario. `problems` are those of a message with its schema."""

    def __init__(
        self, scenario: Scenario, lines: Lines, requirements: Mapping[str, Requirement], problems: Problems
    ) -> None:
        self._dialect = scenario.dialect
        self._problems = problems
        self._whole = lines
        self._opening = lines[0] if lines and is_settings(lines[0].step, scenario.dialect) else None
        self._lines = lines[1:] if self._opening else lines
        self._settings = settings_of(scenario, lines)
        self._judge = Judge(requirements, scenario.switches, scenario.dialect)
        part = Part(self._script, scenario.switches)
        ids = count(1)
        self._player = Player(
            lambda _: part,
            request_id=REQUEST_ID,
            new_id=lambda: f"call-{next(ids)}",
            dialect=scenario.dialect,
            switches=scenario.switches,
        )
        self._beats: list[Beat] = []
        self._now = scenario.switches.welcome_after
        self._at = -1
        self._want: Want | None = None
        self._is_played = False
        self._is_over = False
        self._speech: tuple[Beat, float] | None = None
        self._spoken: Beat | None = None
        self._due: list[tuple[float, Line]] = []
        self._injected: dict[str, Line] = {}
        self._heard_of: dict[int, float] = {}
        self._origins: dict[int, Line | None] = {}

    def play(self) -> Play:
        """Everything that happens, to the end of the play or to where it goes no further."""
        self._carry_out(self._player.on_time(self._now))
        self._now += ACTS_AFTER
        self._do(Message(str(self._settings["type"]), self._settings), self._opening, wanted=self._wanted())
        while not self._is_over:
            before = self._state()
            self._go_on()
            if before == self._state():
                break
        self._let_speak()
        return Play(self._whole, tuple(self._beats), self._player.unmet, self._unreached())

    def _wanted(self) -> JsonObject:
        step = self._opening.step if self._opening else None
        return step.pattern if isinstance(step, model.ClientSends) else {"type": str(self._settings["type"])}

    def _state(self) -> tuple[object, ...]:
        return self._at, self._want, self._now, len(self._beats), sum(self._heard_of.values())

    def _unreached(self) -> Line | None:
        following = self._lines[self._at + 1 :]
        return following[0] if following and not self._is_played else None

    def _script(self, scene: Scene) -> Script:
        """The lines one after the other, noting which one each action comes from and what is waited for."""
        out = scene.out

        def note(action: Action) -> None:
            self._origins[id(action)] = self._line
            out(action)

        scene.out = scene.floor.out = note
        for self._at, line in enumerate(self._lines):
            script = perform(scene, with_any_answer(line.step))
            cue: Cue | None = None
            while True:
                try:
                    wanted = next(script) if cue is None else script.send(cue)
                except StopIteration:
                    break
                self._want = wanted if isinstance(wanted, Want) else None
                cue = yield wanted
                self._want = None
        self._is_played = True

    @property
    def _line(self) -> Line | None:
        return self._lines[self._at] if self._at >= 0 else self._opening

    def _go_on(self) -> None:
        """The next thing that happens, whoever does it."""
        if self._is_played or self._want is None or self._line is None:
            self._let_speak()
            self._is_over = True
            return
        match self._line.step:
            case model.UserTurn() as step:
                self._speak_up(step, self._line)
            case model.AgentTurn(interrupted=model.Interruption(after=None) as how) if self._speech:
                self._interrupt(how, self._speech)
            case model.AgentTurn() | model.Pause():
                self._pass_time()
            case model.CallTurn() as step:
                self._answer_a_call(step, self._line)
            case step:
                self._let_speak()
                if self._want is not None:
                    self._act(step, self._line)

    def _act(self, step: model.Step, line: Line) -> None:
        """What the client does in a step of its own."""
        match step:
            case model.ClientSends(pattern=pattern):
                self._say(message_for(pattern), line, pattern)
            case model.ClientStreams(seconds=seconds):
                self._stream(seconds + _MARGIN, line)
            case model.ClientCloses(code=code):
                self._now += ACTS_AFTER
                self._do(Closed(1000 if code is None else code), line)
                self._is_over = True
            case model.ClientStaysSilent():
                deadline = self._judge.session.deadline
                self._now = max(self._now, deadline[0] if deadline else 0.0)
                self._do(Elapsed(SILENCE), line)

    def _speak_up(self, step: model.UserTurn, line: Line) -> None:
        """The client's part of a user turn: a beginning that is noticed, then the rest of it."""
        if step.trigger is Trigger.TIMER:
            self._pass_time()
            return
        self._let_speak()
        if step.trigger is Trigger.TEXT:
            self._say(typed_for(step), line, {"type": "InjectUserMessage", "content": step.pattern})
            return
        heard = self._heard_of.get(self._at, 0.0)
        rest = max(step.lasts - heard, BEGINS_AFTER) + _MARGIN
        self._stream(rest if heard else BEGINS_AFTER + _MARGIN, line)
        if step.trigger is Trigger.SPEECH:
            self._carry_out(self._player.on_heard(self._now, not heard))

    def _interrupt(self, how: model.Interruption, speech: tuple[Beat, float]) -> None:
        """The user speaks up, or types, in the middle of a reply."""
        line = self._lines[self._at + 1]
        self._now = speech[0].at + speech[1] / 2
        if how.by is Trigger.TEXT and isinstance(line.step, model.UserTurn):
            self._say(typed_for(line.step), line)
        else:
            self._stream(BEGINS_AFTER + _MARGIN, line, of=self._at + 1)
            self._carry_out(self._player.on_heard(self._now, True))

    def _answer_a_call(self, step: model.CallTurn, line: Line) -> None:
        if self._want is not None and not self._want.must:
            self._pass_time()
            return
        pending = next((each.call for each in self._judge.session.calls if each.call.client_side), None)
        if pending is not None:
            call = next((call for call in step.calls if call.name == pending.name), step.calls[0])
            wanted = {"type": "FunctionCallResponse", "content": call.answer}
            self._say(answer_to(pending, call, self._dialect), line, wanted)

    def _pass_time(self) -> None:
        """To the end of the speech or of the pause, whichever comes first."""
        until = self._want.until if self._want and not self._want.must else None
        ends_at = self._speech[0].at + self._speech[1] if self._speech else None
        if ends_at is not None and (until is None or ends_at <= until):
            self._let_speak()
        elif until is not None:
            self._now = max(self._now, until)
            self._carry_out(self._player.on_time(self._now))

    def _let_speak(self) -> None:
        """Let all that the agent has begun to say come to its end, and injections come in between."""
        while self._speech is not None:
            beat, lasts = self._speech
            if self._due and self._due[0][0] <= beat.at + lasts:
                self._now, line = self._due.pop(0)
                if isinstance(line.step, model.ClientSends):
                    self._say(message_for(line.step.pattern), line, line.step.pattern, after=0.0)
                continue
            self._now = max(self._now, beat.at + lasts)
            beat.lasts, self._speech, self._spoken = lasts, None, beat
            self._carry_out(self._player.on_spoken(self._now))

    def _stream(self, seconds: float, line: Line, of: int | None = None) -> None:
        """The client sends audio; what belongs to one line is one beat."""
        place = self._at if of is None else of
        heard = self._heard_of.get(place, 0.0)
        self._heard_of[place] = heard + seconds
        size = input_format(self._settings, self._dialect).size_of(seconds)
        self._do(Audio(max(size, 1)), line, lasts=seconds, goes_on=bool(heard))

    def _say(
        self, message: Message, line: Line, wanted: JsonObject | None = None, after: float = ACTS_AFTER
    ) -> None:
        self._now += after
        if message.type == "InjectAgentMessage":
            self._injected.setdefault(messages.injected_text(message.body), line)
        self._do(message, line, wanted=wanted)

    def _do(
        self,
        content: Content,
        line: Line | None,
        *,
        wanted: JsonObject | None = None,
        lasts: float = 0.0,
        goes_on: bool = False,
    ) -> None:
        """The client does something, and the player answers."""
        before = self._judge.session
        violations = self._judge.observe(Event(self._now, Side.CLIENT, content))
        last = next((b for b in reversed(self._beats) if b.line is line and isinstance(b.content, Audio)), None)
        if goes_on and last is not None:
            last.lasts += lasts
        else:
            self._beats.append(Beat(self._now, Side.CLIENT, content, line, lasts, wanted, violations))
        self._now += lasts
        self._carry_out(self._player.on_event(Event(self._now, Side.CLIENT, content), before, violations))

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            line = self._origins.pop(id(action), self._opening)
            match action:
                case Send(body=body):
                    problems = tuple(self._problems(self._dialect, Side.SERVER, body))
                    self._serve(Message(str(body.get("type")), body, problems), line)
                case Speak(text=text):
                    self._speak(text, line)
                case Hush() if self._speech:
                    beat, lasts = self._speech
                    beat.lasts, self._speech = min(lasts, self._now - beat.at), None
                case Close(code=code, reason=reason):
                    self._serve(Closed(code, reason), line)
                    self._is_over = True

    def _serve(self, content: Content, line: Line | None) -> Beat:
        broken = self._judge.observe(Event(self._now, Side.SERVER, content))
        beat = Beat(self._now, Side.SERVER, content, self._owner(content, line), broken=broken)
        self._beats.append(beat)
        return beat

    def _owner(self, content: Content, line: Line | None) -> Line | None:
        """The line that a beat belongs to: an interruption to the user, an injected statement to the client."""
        if not isinstance(content, Message) or line is None or isinstance(line.step, model.ServerSends):
            return line
        if content.type == "UserStartedSpeaking" and isinstance(line.step, model.AgentTurn):
            following = self._lines.index(line) + 1
            return self._lines[following] if following < len(self._lines) else line
        if content.type in _AFTER_SPEECH and self._spoken is not None:
            return self._spoken.line
        return self._injected.get(str(content.body.get("content")), line)

    def _speak(self, text: str, line: Line | None) -> None:
        size = output_format(self._settings, self._dialect).sample_width * _SAMPLES_IN_A_FRAME
        owner = self._injected.get(text, line)
        beat = self._serve(Audio(size, largest=size), owner)
        lasts = _length(text, owner)
        self._speech = beat, lasts
        coming = injections_after(self._lines, self._at) if owner is self._line else []
        self._due = self._due or [
            (beat.at + lasts * number / (len(coming) + 1), each) for number, each in enumerate(coming, 1)
        ]


def _length(text: str, line: Line | None) -> float:
    """Seconds that the speech of one statement takes; what is injected is reckoned by its letters."""
    step = line.step if line else None
    if not isinstance(step, model.AgentTurn):
        return max(1.0, len(text) * _LETTER_FOR)
    if len(step.texts) == 1:
        return step.lasts
    return step.lasts * min(1.0, len(text) / sum(map(len, step.texts)))
