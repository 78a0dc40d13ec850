"""Plays one straight play through with an ideal client: whatever is waited for, it does."""

from collections.abc import Mapping, Sequence

from mockagent.protocol.events import Closed, JsonObject, Message
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.session import SESSION_END, SESSION_WARNING, SILENCE
from mockagent.scenario import ideal, model
from mockagent.scenario.actions import Action
from mockagent.scenario.beats import Beat, Play
from mockagent.scenario.cues import Cue, Script, Want
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.model import Scenario, Trigger
from mockagent.scenario.opening import faults_of_opening, is_settings
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import perform
from mockagent.scenario.stage import Problems, Stage
from mockagent.scenario.user_turns import BEGINS_AFTER, PAUSES_AFTER

ACTS_AFTER = 0.1
"""Seconds that the ideal client takes to do what is waited for."""
_MOST_MOVES = 40
"""How often, in each line, the client may do something or time may pass; far more than any line takes."""


class Rehearsal:
    """One play of a scenario. `problems` are those of a message with its schema."""

    def __init__(
        self, scenario: Scenario, lines: Lines, requirements: Mapping[str, Requirement], problems: Problems
    ) -> None:
        self._dialect = scenario.dialect
        self._whole = lines
        faults = len(faults_of_opening([line.step for line in lines], scenario.dialect))
        opening, lines = lines[:faults], lines[faults:]
        is_opened = bool(lines) and is_settings(lines[0].step, scenario.dialect)
        self._opening = lines[0] if is_opened else None
        self._lines = lines[1:] if is_opened else lines
        self._settings = ideal.settings_of(scenario, lines)
        self._stage = Stage(
            scenario, self._whole, self._settings, self._script, requirements, problems, opening
        )
        self._at = -1
        self._want: Want | None = None
        self._is_played = False
        self._heard_of: dict[int, float] = {}
        self._speaks = False
        self._planned_for: Line | None = None
        self._due: list[tuple[float, Line]] = []

    def play(self) -> Play:
        """Everything that happens, to the end of the play or to where it goes no further."""
        self._stage.pass_time(0.0)
        self._say(ideal.message_for(self._settings), self._opening, self._wanted())
        self._stage.settle()
        for _ in range(_MOST_MOVES * (len(self._lines) + 1)):
            before = self._state()
            if not self._stage.is_over:
                self._go_on()
            if before == self._state():
                break
        self._let_speak()
        self._stage.pass_time_of_faults()
        return Play(
            self._whole,
            tuple(self._stage.beats),
            self._stage.unmet,
            self._unreached(),
            frozenset(self._stage.broken_by_faults),
            self._stage.unstruck,
        )

    def _wanted(self) -> JsonObject:
        step = self._opening.step if self._opening else None
        return step.pattern if isinstance(step, model.ClientSends) else {"type": self._settings["type"]}

    def _state(self) -> tuple[object, ...]:
        stage = self._stage
        return self._at, self._want, stage.now, len(stage.beats), sum(self._heard_of.values())

    def _unreached(self) -> Line | None:
        following = self._lines[self._at + 1 :]
        return following[0] if following and not self._is_played else None

    def _script(self, scene: Scene) -> Script:
        """The lines one after the other, noting which one each action comes from and what is waited for."""
        out = scene.out

        def note(action: Action) -> None:
            self._stage.note(action, self._line)
            out(action)

        scene.out = scene.floor.out = note
        if self._opening is not None:
            scene.held.clear()  # the Settings that came are those of the opening line, and of no other
        for index, line in enumerate(self._lines):
            self._at = index
            self._forbid(scene, line)
            script = perform(scene, ideal.with_any_answer(line.step))
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

    def _forbid(self, scene: Scene, line: Line) -> None:
        """What the line bans holds from its stretch's first line on, and is told of once."""
        before = self._lines[self._at - 1].bans if self._at else ()
        scene.bans[:] = [ban for ban in scene.bans if ban in line.bans]
        scene.bans += [ban for ban in line.bans if ban not in before]

    @property
    def _line(self) -> Line | None:
        return self._lines[self._at] if self._at >= 0 else self._opening

    def _go_on(self) -> None:
        """The next thing that happens, whoever does it."""
        if self._is_played or self._want is None or self._line is None:
            self._let_speak()
            self._stage.is_over = True
            return
        if self._want.pause:
            self._stage.end_functions() if self._stage.running else self._pass_time()
            return
        match self._line.step:
            case model.UserTurn() as step if self._want.pattern == {"type": "FunctionCallResponse"}:
                self._answer_a_call(ideal.calls_in(step), self._line)
            case model.UserTurn() as step:
                self._speak_up(step, self._line)
            case model.AgentTurn(interrupted=model.Interruption(during=model.During.THINKING) as how):
                self._interrupt_thought(how)
            case model.AgentTurn(interrupted=model.Interruption(after=None) as how) if self._stage.speech:
                self._interrupt(how, self._stage.speech[0].at + self._stage.speech[1] / 2)
            case model.AgentTurn() | model.Pause():
                self._pass_time()
            case model.CallTurn(interrupted=model.Interruption() as how):
                self._interrupt_thought(how)
            case model.CallTurn(calls=calls):
                self._answer_a_call(calls, self._line)
            case step:
                self._let_speak()
                if self._want is not None:
                    self._act(step, self._line)

    def _act(self, step: model.Step, line: Line) -> None:
        """What the client does in a step of its own."""
        match step:
            case model.ClientSends(pattern=pattern):
                self._say(ideal.message_for(pattern), line, pattern)
            case model.ClientStreams(seconds=seconds):
                self._stage.stream(seconds, line, goes_on=False)
            case model.ClientCloses(code=code):
                self._stage.now += ACTS_AFTER
                self._stage.do(Closed(1000 if code is None else code), line)
                self._stage.is_over = True
            case model.ClientStaysSilent():
                self._stage.run_out(SILENCE, line)
            case model.ClientStays():
                self._stage.run_out(SESSION_WARNING, line)
                self._stage.run_out(SESSION_END, line)

    def _speak_up(self, step: model.UserTurn, line: Line) -> None:
        """The client's part of a user turn: a beginning that is noticed, then the rest of it."""
        if step.trigger is Trigger.TIMER:
            self._pass_time()
            return
        self._let_speak()
        if step.trigger is Trigger.TEXT:
            self._say(ideal.typed_for(step), line, ideal.typed_as(step))
            return
        self._stream(self._next_of(step), self._at)
        if step.trigger is Trigger.SPEECH:
            self._speaks = not self._speaks
            self._stage.notice(speech=self._speaks)

    def _next_of(self, step: model.UserTurn) -> float:
        """Seconds of the utterance to the next thing that is noticed: its beginning, a pause in it, or its end."""
        heard = self._heard_of.get(self._at, 0.0)
        if not heard:
            return BEGINS_AFTER
        pauses_at = step.lasts * PAUSES_AFTER
        if step.speculates and step.speculates.resumed and heard < pauses_at:
            return pauses_at - heard
        return max(step.lasts - heard, BEGINS_AFTER)

    def _interrupt_thought(self, how: model.Interruption) -> None:
        """The user speaks up, or types, while the agent thinks or waits for an answer."""
        if how.after is not None:
            self._pass_time()
        else:
            self._interrupt(how, self._stage.now + ACTS_AFTER)

    def _interrupt(self, how: model.Interruption, at: float) -> None:
        """The user speaks up, or types, at that time."""
        line = self._lines[self._at + 1]
        self._stage.now = at
        if how.by is Trigger.TEXT and isinstance(line.step, model.UserTurn):
            self._say(ideal.typed_for(line.step), line, ideal.typed_as(line.step))
        else:
            self._stream(BEGINS_AFTER, self._at + 1)
            self._speaks = True
            self._stage.notice(speech=True)

    def _answer_a_call(self, asked: Sequence[model.Call], line: Line) -> None:
        calls = self._stage.session.calls
        order = line.step.order if isinstance(line.step, model.CallTurn) else ()
        waiting = ideal.in_order([each.call for each in calls if each.call.client_side], order)
        pending = waiting[0] if waiting else None
        if pending is not None:
            call = next((call for call in asked if call.name == pending.name), asked[0])
            wanted = {"type": "FunctionCallResponse", "content": call.answer}
            self._say(ideal.answer_to(pending, call, self._dialect), line, wanted)

    def _pass_time(self) -> None:
        """To the end of the speech or of the pause, whichever comes first."""
        speech = self._stage.speech
        until = self._want.until if self._want and not self._want.must else None
        if speech is not None and (until is None or speech[0].at + speech[1] <= until):
            self._let_speak()
        elif until is not None:
            self._stage.pass_time(until)

    def _let_speak(self) -> None:
        """Let all that the agent has begun to say come to its end, and injections come in between."""
        while self._stage.speech is not None:
            beat, lasts = self._stage.speech
            self._plan(beat, lasts)
            if self._due and self._due[0][0] <= beat.at + lasts:
                self._stage.now, line = self._due.pop(0)
                if isinstance(line.step, model.ClientSends):
                    pattern = line.step.pattern
                    self._stage.say(ideal.message_for(pattern), line, pattern)
            else:
                self._stage.finish_speech()

    def _plan(self, beat: Beat, lasts: float) -> None:
        """Spread the injections that follow a reply over its speech, once a reply."""
        if beat.line is self._line and beat.line is not None and beat.line is not self._planned_for:
            coming = ideal.injections_after(self._lines, self._at)
            times = [beat.at + lasts * number / (len(coming) + 1) for number in range(1, len(coming) + 1)]
            self._due = list(zip(times, coming, strict=True))
            self._planned_for = beat.line

    def _stream(self, seconds: float, at: int) -> None:
        heard = self._heard_of.get(at, 0.0)
        self._heard_of[at] = heard + seconds
        self._stage.stream(seconds, self._lines[at], goes_on=bool(heard))

    def _say(self, message: Message, line: Line | None, wanted: JsonObject | None) -> None:
        self._stage.now += ACTS_AFTER
        self._stage.say(message, line, wanted)
