"""Plays the server's part of one session: what the protocol does by itself, and between that the script.

Reads events, gives actions; holds no socket and asks for no time. What the script does not mention the
protocol answers: Welcome, acknowledgements, refusals, injections. What nobody waited for is kept, for the
step that may still want it and for the account of what came instead.
"""

from collections import deque
from collections.abc import Callable

from mockagent.errors import NoSuchName
from mockagent.protocol import codes, messages, service
from mockagent.protocol.events import (
    Audio,
    Closed,
    Content,
    Dialect,
    Elapsed,
    Event,
    JsonObject,
    Message,
    Side,
    Tolerance,
)
from mockagent.protocol.injection import Outcome
from mockagent.protocol.judge import Violation
from mockagent.protocol.ruling import words_for
from mockagent.protocol.session import Session
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase
from mockagent.scenario.account import Account, Unmet
from mockagent.scenario.actions import Action, Close, Inflict, Strike
from mockagent.scenario.cues import Cue, FunctionEnded, Happened, Heard, Script, StepFailed, TurnForced, Want
from mockagent.scenario.faults.inflicting import Inflicting
from mockagent.scenario.faults.leaving import Leaving
from mockagent.scenario.faults.table import FAULTS
from mockagent.scenario.floor import Floor
from mockagent.scenario.matching import matches
from mockagent.scenario.order import broken_bans, content_of
from mockagent.scenario.outcomes import Outcome as FunctionOutcome
from mockagent.scenario.part import Ending, Part
from mockagent.scenario.scene import Scene, kind_of_answer
from mockagent.scenario.script import play
from mockagent.scenario.templates import presets
from mockagent.scenario.troupe import Troupe
from mockagent.scenario.turns import message_of

_EARLY_WELCOME = frozenset({"OPN-002"})
_BEFORE_SETTINGS = (Phase.OPEN, Phase.WELCOMED)


class Player:
    """The server's part of one session. Every method gives the actions to carry out, in order.

    `cast` names the part once Settings is there (NoSuchName if it asks for one that does not exist);
    `switches` hold until then. `has_codecs` is whether speech can be made in encodings that take a codec library.
    `faults` are those that the session is to suffer; `applies_at` is when Settings will be applied, where one of
    them has that take long.
    """

    def __init__(
        self,
        cast: Callable[[JsonObject], Part],
        *,
        request_id: str,
        new_id: Callable[[], str],
        dialect: Dialect = Dialect.V1,
        switches: Switches | None = None,
        tolerance: Tolerance = Tolerance.FAITHFUL,
        has_codecs: bool = True,
        faults: Inflicting | None = None,
    ) -> None:
        self.faults = faults or Inflicting()
        self.unmet: tuple[Unmet, ...] = ()
        self.part: Part | None = None
        self.applies_at: float | None = None
        self._cast = cast
        self._request_id = request_id
        self._dialect = dialect
        self._tolerance = tolerance
        self._has_codecs = has_codecs
        self._switches = switches or Switches()
        self._is_done = False
        self._is_closing = False
        self._welcomed = False
        self._is_faulted = False
        self._has_failed = False
        self._leaving = Leaving()
        self._waiting: list[tuple[Event, Session, tuple[Violation, ...]]] = []
        self._actions: list[Action] = []
        self._cues: deque[Cue] = deque()
        self._account = Account()
        floor = Floor(dialect, self._switches, self._out, self._cues.append)
        self._scene = Scene(dialect, self._switches, floor, self._out, new_id)
        self._troupe = Troupe(self._scene.held, self._fail)
        self._troupe.start(self._main())

    @property
    def wakes_at(self) -> float | None:
        """When `on_time` must be called next, unless something else happens before."""
        if self._is_closing:
            return None
        if not self._welcomed:
            return self._switches.welcome_after
        moments = (self._troupe.wakes_at, self.faults_wake_at)
        return min((at for at in moments if at is not None), default=None)

    @property
    def faults_wake_at(self) -> float | None:
        """When something that a fault holds back will come."""
        moments = (self.applies_at, self.faults.wakes_at)
        return min((at for at in moments if at is not None), default=None)

    @property
    def now(self) -> float:
        """The time that it was last told of."""
        return self._scene.now

    @property
    def listens(self) -> bool:
        """Whether somebody waits for detected speech."""
        return any(want.listens for want in self._troupe.wants)

    @property
    def heard_for(self) -> float:
        """Seconds of sound that the client has sent."""
        return self._scene.heard_for

    @property
    def excuses(self) -> frozenset[str]:
        """The requirements that the script lets the client break at this point."""
        return frozenset().union(*(want.excuses for want in self._troupe.wants))

    @property
    def ending(self) -> Ending:
        """How far the script has come."""
        if self.part is not None and not self.part.is_scripted:
            return Ending.UNSCRIPTED
        if self._is_faulted and not self._is_done:
            return Ending.FAULTED
        return Ending.FINISHED if self._is_done and not self.unmet else Ending.UNFINISHED

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the client should have done about a fault and did not, though the script does not ask for it."""
        return self._leaving.remarks

    def on_event(self, event: Event, before: Session, violations: tuple[Violation, ...]) -> list[Action]:
        """The client did something, or a limit ran out: `before` is the session as it was until then."""
        self._at(event.at)
        self._account.note(event)
        if isinstance(event.content, Closed):
            self._left(event)
        elif not self._welcomed or self._settings_take(event):
            self._waiting.append((event, before, violations))
        elif not self._is_closing:
            self._answer(event, before, violations)
        return self._flush()

    def on_time(self, at: float) -> list[Action]:
        """It is now `at`, and no event came with it."""
        self._at(at)
        if not self._welcomed and at >= self._switches.welcome_after:
            self._welcome()
        if self.applies_at is not None and at >= self.applies_at:
            self.applies_at = None
            self._answer_those_waiting()
        if not self._is_closing:
            self._troupe.pass_time(at)
            self._fall_due(at)
        return self._flush()

    def on_spoken(self, at: float) -> list[Action]:
        """The speech last asked for has been sent to its end."""
        self._at(at)
        self._scene.floor.spoken(at)
        return self._flush()

    def on_heard(self, at: float, started: bool) -> list[Action]:
        """The client's audio began, or ceased, to be speech."""
        self._at(at)
        self._cues.append(Heard(at, started))
        return self._flush()

    def on_function_ended(self, at: float, id: str, outcome: FunctionOutcome) -> list[Action]:
        """The function whose call has that id, and which was asked for, has ended."""
        self._at(at)
        self._cues.append(FunctionEnded(at, id, outcome))
        return self._flush()

    def on_deaf(self, reason: str) -> None:
        """The client's audio cannot be listened to, so that none of it will ever be known for speech."""
        self._account.remark = reason

    def on_shutdown(self, at: float) -> list[Action]:
        """The server ends."""
        self._at(at)
        if not self._welcomed:
            self._welcome(_EARLY_WELCOME if at < self._switches.welcome_after else frozenset())
        if not self._is_closing:
            self._scene.floor.clear(at)
            self._close_with(codes.error(self._dialect, "SERVER_GOING_AWAY"))
            self._leave_off("the server's shutdown")
        return self._flush()

    def _at(self, at: float) -> None:
        self._scene.now = self._troupe.now = at

    def _out(self, action: Action) -> None:
        """Have something done, unless the connection is being closed: nothing follows a close."""
        if not self._is_closing:
            self._actions.append(action)
            if self._scene.bans and (content := content_of(action)) is not None:
                self._watch(Side.SERVER, content)
            self._is_closing = isinstance(action, Close) or _ends(action)

    def _flush(self) -> list[Action]:
        self._play()
        if self._is_closing:
            self._leave_off("the server's own close")
        actions, self._actions = self._actions, []
        if self.faults.is_idle and not any(isinstance(action, Strike) for action in actions):
            return actions
        return self._noted(self.faults.through(actions, self._scene.now))

    def _noted(self, actions: list[Action]) -> list[Action]:
        for action in actions:
            if isinstance(action, Inflict) and action.is_first:
                self._leaving.struck(action.strike)
        return actions

    def _fall_due(self, at: float) -> None:
        """What the faults of the session have come to by now."""
        for action in self.faults.fallen_due(at):
            self._is_faulted = self._is_faulted or _ends(action)
            self._out(action)

    def _play(self) -> None:
        while self._cues and not self._is_closing:
            self._dispatch(self._cues.popleft())

    def _welcome(self, breaks: frozenset[str] = frozenset()) -> None:
        self._welcomed = True
        self._scene.send(messages.welcome(self._dialect, self._request_id), breaks)
        self._answer_those_waiting()

    def _answer_those_waiting(self) -> None:
        """What came meanwhile is answered in its turn; some of it may have to wait for longer."""
        waiting, self._waiting = deque(self._waiting), []
        while waiting and not self._is_closing:
            event, before, violations = waiting.popleft()
            if self._settings_take(event):
                self._waiting = [(event, before, violations), *waiting]
                return
            self._answer(event, before, violations)
            self._play()

    def _settings_take(self, event: Event) -> bool:
        """Whether there is to be no answer yet, since a fault has Settings take long."""
        if self.applies_at is None and self._is_settings(event):
            slow = self.faults.settings_take()
            if slow is not None:
                strike, seconds = slow
                self.applies_at = self._scene.now + seconds
                self._out(Inflict(strike))
        return self.applies_at is not None

    def _main(self) -> Script:
        wanted = messages.SETTINGS[self._dialect]
        cue = yield Want(
            lambda cue: self.part is not None and message_of(cue, wanted) is not None,
            until=self._switches.first_settings_within + 1,
            expects=f"{wanted} that can be applied",
            pattern={"type": wanted},
        )
        if isinstance(cue, Happened) and self.part is not None:
            self._scene.held.append(cue.event)  # the script may wait for it too
            yield from self.part.script(self._scene)
        self._is_done = True

    def _left(self, event: Event) -> None:
        """The client is gone; its close may still be what the script waits for."""
        if not self._is_closing:
            self._is_closing = True
            while self._troupe.take(Happened(event)):
                pass  # in a branch and after it, the script may wait for the same close
            if isinstance(event.content, Closed) and event.sender is Side.CLIENT:
                is_answer = self._leaving.left(event.content)
                self._is_faulted = self._is_faulted or (is_answer and not self._has_failed)
            self._leave_off(words_for(event.content))

    def _answer(self, event: Event, before: Session, violations: tuple[Violation, ...]) -> None:
        """The protocol's own answer, then the script's. After an Error that the script sent, only the script's."""
        self._watch(Side.CLIENT, event.content)
        if before.phase is not Phase.FAILED:
            error = service.error_for(violations, before, self._tolerance, self._switches)
            error = error or service.end_of_session(event.content, self._dialect)
            if error is None and self._is_settings(event):
                error = service.cannot_speak(event.content, self._dialect, has_codecs=self._has_codecs)
            if error is not None:
                self._refuse(error, event)
                return
            if before.phase in _BEFORE_SETTINGS and not self._is_settings(event):
                return
            try:
                self._by_itself(event, before)
            except NoSuchName as unknown:
                self._refuse(codes.error(self._dialect, "INVALID_SETTINGS", str(unknown)), event)
                return
        if not service.answers_cancelled_call(event.content, before):
            self._cues.append(Happened(event))

    def _is_settings(self, event: Event) -> bool:
        content = event.content
        return isinstance(content, Message) and content.type == messages.SETTINGS[self._dialect]

    def _by_itself(self, event: Event, before: Session) -> None:
        match event.content:
            case Message() as message:
                self._acknowledge(message, before, event.at)
                if message.type == "InjectAgentMessage":
                    self._inject(message, before, event.at)
                if message.type == "FunctionCallResponse":
                    self._scene.call_answered(messages.result_of(message.body))
            case Elapsed() as elapsed:
                warning = service.warning_of_the_end(elapsed)
                if warning is not None:
                    self._send_unasked(warning)
            case Audio() as audio if not audio.json:
                self._scene.hear(audio, event.at)

    def _acknowledge(self, message: Message, before: Session, at: float) -> None:
        if message.type == messages.SETTINGS[self._dialect]:
            self._take_part(message.body)
            self._scene.configure(message.body, presets(message.body, self._request_id))
            if self.part is not None and not self.part.applies_settings:
                return
            self._send_unasked(messages.bare("SettingsApplied"))
            self.faults.applied(self._scene.now)
        self._scene.update(message)
        for body in service.acknowledgements(before, message):
            self._send_unasked(body)
        if service.ends_turn(before, message):
            self._cues.append(TurnForced(at))

    def _take_part(self, settings: JsonObject) -> None:
        self.part = self._cast(settings)
        self._scene.bans += self.part.bans
        self._switches = self._scene.switches = self._scene.floor.switches = self.part.switches

    def _inject(self, message: Message, before: Session, at: float) -> None:
        outcome = service.injection_outcome(before, message)
        if outcome is Outcome.REFUSE:
            for body in service.refusal_of_injection(before, self._switches):
                self._send_unasked(body)
        self._scene.floor.inject(messages.injected_text(message.body), outcome, at)

    def _send_unasked(self, body: JsonObject) -> None:
        self._scene.send(body)
        self._scene.sent_unasked.append(kind_of_answer(body))

    def _dispatch(self, cue: Cue) -> None:
        if self._troupe.take(cue) or not isinstance(cue, Happened):
            return
        content = cue.event.content
        if not isinstance(content, Message):
            return
        reactions = self.part.reactions if self.part else ()
        reaction = next((each for each in reactions if matches(each.pattern, content.body)), None)
        if reaction:
            if content.type == "InjectUserMessage":
                self._scene.user_types(str(content.body.get("content")), cue.at)
            self._troupe.start(play(self._scene, reaction.steps))
        elif content.type not in ("KeepAlive", messages.SETTINGS[self._dialect]):
            self._troupe.hold(cue.event)

    def _refuse(self, error: JsonObject, event: Event) -> None:
        self._scene.floor.clear(event.at)
        self._close_with(error)
        self._troupe.take(Happened(event))
        said = [str(error[key]) for key in ("code", "description", "message") if key in error]
        self._leave_off(f"{words_for(event.content)}, refused with {': '.join(said)}")

    def _close_with(self, error: JsonObject) -> None:
        self._scene.send(error)
        self._scene.out(Close())

    def _leave_off(self, came: str) -> None:
        """The session is over: what is still waited for does not come any more."""
        is_waiting = not self._is_done and not self._has_failed and not self._is_faulted
        if self.ending is Ending.UNFINISHED and is_waiting:
            failure = self._troupe.unfinished(came)
            if failure is not None:
                self._fail(failure)
        self._troupe.stop()

    def _fail(self, failure: StepFailed) -> None:
        self._has_failed = True
        self.unmet += (self._account.unmet(failure, self._scene.held),)

    def _watch(self, side: Side, content: Content) -> None:
        """What must not come is told once, and the play goes on as if it had not been banned."""
        for failure in broken_bans(self._scene.bans, side, content):
            self.unmet += (self._account.unmet(failure, ()),)


def _ends(action: Action) -> bool:
    """Whether the session is over by this fault."""
    return isinstance(action, Strike) and FAULTS[action.fault].ends
