"""Plays the server's part of one session: what the protocol does by itself, and between that the script.

Reads events, gives actions; holds no socket and asks for no time. What the script does not mention the
protocol answers: Welcome, acknowledgements, refusals, injections. What nobody waited for is kept, for the
step that may still want it and for the account of what came instead.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mockagent.errors import NoSuchName
from mockagent.protocol import messages, service
from mockagent.protocol.events import (
    Audio,
    Closed,
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
from mockagent.scenario.actions import Action, Close
from mockagent.scenario.cues import Cue, Happened, Heard, Script, StepFailed, TurnForced, Want
from mockagent.scenario.floor import Floor, Reply
from mockagent.scenario.matching import closeness, difference, matches
from mockagent.scenario.model import Place, Reaction
from mockagent.scenario.scene import Scene
from mockagent.scenario.script import play
from mockagent.scenario.templates import presets
from mockagent.scenario.troupe import Troupe
from mockagent.scenario.turns import message_of

_MOST_NAMED = 5
GOING_AWAY = ("SERVER_GOING_AWAY", "The server is shutting down.")


class Ending(StrEnum):
    """How far the script came."""

    FINISHED = "finished"
    UNFINISHED = "unfinished"
    UNSCRIPTED = "unscripted"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A step that did not happen: where it stands, what it waited for, what came, and what came nearest."""

    place: Place
    expected: str
    got: str
    nearest: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.line else ""
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{where}expected {self.expected}, got {self.got}{nearest}"


@dataclass(frozen=True, slots=True)
class Part:
    """What is played: a script and the reactions beside it. `is_scripted` False: there is no end to come to."""

    script: Callable[[Scene], Script]
    switches: Switches = field(default_factory=Switches)
    reactions: tuple[Reaction, ...] = ()
    is_scripted: bool = True


class Player:
    """The server's part of one session. Every method gives the actions to carry out, in order.

    `cast` names the part once Settings is there (NoSuchName if it asks for one that does not exist);
    `switches` hold until then.
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
    ) -> None:
        self.unmet: tuple[Unmet, ...] = ()
        self.part: Part | None = None
        self._cast = cast
        self._request_id = request_id
        self._dialect = dialect
        self._tolerance = tolerance
        self._switches = switches or Switches()
        self._is_done = False
        self._is_closing = False
        self._welcomed = False
        self._before_welcome: list[tuple[Event, Session, tuple[Violation, ...]]] = []
        self._actions: list[Action] = []
        self._cues: deque[Cue] = deque()
        self._came: deque[str] = deque(maxlen=_MOST_NAMED)
        floor = Floor(dialect, self._switches, self._actions.append, self._cues.append)
        self._scene = Scene(dialect, self._switches, floor, self._actions.append, new_id)
        self._troupe = Troupe(self._scene.held, self._fail)

    @property
    def wakes_at(self) -> float | None:
        """When `on_time` must be called next, unless something else happens before."""
        if not self._welcomed:
            return self._switches.welcome_after
        return None if self._is_closing else self._troupe.wakes_at

    @property
    def listens(self) -> bool:
        """Whether somebody waits for detected speech."""
        return any(want.listens for want in self._troupe.wants)

    @property
    def excuses(self) -> frozenset[str]:
        """The requirements that the script lets the client break at this point."""
        return frozenset().union(*(want.excuses for want in self._troupe.wants))

    @property
    def ending(self) -> Ending:
        """How far the script has come."""
        if self.part is not None and not self.part.is_scripted:
            return Ending.UNSCRIPTED
        return Ending.FINISHED if self._is_done and not self.unmet else Ending.UNFINISHED

    def on_event(self, event: Event, before: Session, violations: tuple[Violation, ...]) -> list[Action]:
        """The client did something, or a limit ran out: `before` is the session as it was until then."""
        self._at(event.at)
        if not self._welcomed and not isinstance(event.content, Closed):
            self._before_welcome.append((event, before, violations))
            return []
        self._answer(event, before, violations)
        return self._flush()

    def on_time(self, at: float) -> list[Action]:
        """It is now `at`, and no event came with it."""
        self._at(at)
        if not self._welcomed and at >= self._switches.welcome_after:
            self._welcome()
        self._troupe.pass_time(at)
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

    def on_shutdown(self, at: float) -> list[Action]:
        """The server ends."""
        self._at(at)
        if not self._welcomed:
            self._welcome()
        if not self._is_closing:
            self._scene.floor.clear(at)
            self._close_with(messages.error(self._dialect, *GOING_AWAY))
            self._leave_off("the server's shutdown")
        return self._flush()

    def _at(self, at: float) -> None:
        self._scene.now = self._troupe.now = at

    def _flush(self) -> list[Action]:
        while self._cues and not self._is_closing:
            self._dispatch(self._cues.popleft())
        actions = list(self._actions)
        self._actions.clear()
        self._is_closing = self._is_closing or any(isinstance(action, Close) for action in actions)
        return actions

    def _welcome(self) -> None:
        self._welcomed = True
        self._scene.send(messages.welcome(self._dialect, self._request_id))
        self._troupe.start(self._main())
        waiting, self._before_welcome = self._before_welcome, []
        for event, before, violations in waiting:
            self._answer(event, before, violations)

    def _main(self) -> Script:
        wanted = messages.SETTINGS[self._dialect]
        cue = yield Want(
            lambda cue: message_of(cue, wanted) is not None,
            until=self._switches.first_settings_within + 1,
            expects=wanted,
            pattern={"type": wanted},
        )
        if isinstance(cue, Happened):
            self._scene.held.append(cue.event)
        if self.part is not None:
            yield from self.part.script(self._scene)
        self._is_done = True

    def _answer(self, event: Event, before: Session, violations: tuple[Violation, ...]) -> None:
        """The protocol's own answer, then the script's."""
        if isinstance(event.content, Closed):
            self._take(Happened(event))
            self._leave_off(words_for(event.content))
            self._is_closing = True
            return
        if self._is_closing:
            return
        self._came_along(event)
        error = service.error_for(violations, before, self._tolerance, self._switches)
        if error is not None:
            self._refuse(error, event)
            return
        match event.content:
            case Message() as message:
                try:
                    self._by_itself(message, before, event.at)
                except NoSuchName as unknown:
                    self._refuse(messages.error(self._dialect, "INVALID_SETTINGS", str(unknown)), event)
                    return
            case Audio() as audio if not audio.json:
                self._scene.hear(audio, event.at)
        self._cues.append(Happened(event))

    def _by_itself(self, message: Message, before: Session, at: float) -> None:
        scene = self._scene
        if message.type == messages.SETTINGS[self._dialect]:
            self._take_part(message.body)
            scene.configure(message.body, presets(message.body, self._request_id))
            self._send_unasked(messages.bare("SettingsApplied"))
        for body in service.acknowledgements(before, message):
            self._send_unasked(body)
        if service.ends_turn(before, message):
            self._cues.append(TurnForced(at))
        if message.type == "InjectAgentMessage":
            self._inject(message, before, at)

    def _take_part(self, settings: JsonObject) -> None:
        self.part = self._cast(settings)
        self._switches = self._scene.switches = self._scene.floor.switches = self.part.switches

    def _inject(self, message: Message, before: Session, at: float) -> None:
        text = messages.injected_text(message.body)
        floor = self._scene.floor
        outcome = service.injection_outcome(before, message)
        if outcome is Outcome.REFUSE:
            for body in service.refusal_of_injection(before, self._switches):
                self._send_unasked(body)
        elif text.strip():
            reply = Reply((text,))
            match outcome:
                case Outcome.SPEAK:
                    floor.say(reply, at)
                case Outcome.WAIT:
                    floor.queue.append(reply)
                case Outcome.REPLACE:
                    floor.replace(reply, at)

    def _send_unasked(self, body: JsonObject) -> None:
        self._scene.send(body)
        self._scene.sent_unasked.append(str(body["type"]))

    def _dispatch(self, cue: Cue) -> None:
        if self._take(cue) or not isinstance(cue, Happened):
            return
        content = cue.event.content
        if not isinstance(content, Message):
            return
        reactions = self.part.reactions if self.part else ()
        reaction = next((each for each in reactions if matches(each.pattern, content.body)), None)
        if reaction:
            if content.type == "InjectUserMessage":
                self._typed(content, cue.at)
            self._troupe.start(play(self._scene, reaction.steps))
        elif content.type not in ("KeepAlive", messages.SETTINGS[self._dialect]):
            self._troupe.hold(cue.event)

    def _typed(self, message: Message, at: float) -> None:
        if self._scene.floor.current:
            self._scene.user_starts(at)
        self._scene.user_ends(str(message.body.get("content")), at)

    def _take(self, cue: Cue) -> bool:
        if isinstance(cue, Happened) and isinstance(cue.event.content, Message):
            self._scene.sent_unasked = self._scene.sent_unasked[-1:]
        return self._troupe.take(cue)

    def _refuse(self, error: JsonObject, event: Event) -> None:
        self._scene.floor.clear(event.at)
        self._close_with(error)
        code = error.get("code", error.get("message"))
        self._take(Happened(event))
        self._leave_off(f"{words_for(event.content)}, refused with {code}")

    def _close_with(self, error: JsonObject) -> None:
        self._scene.send(error)
        self._scene.out(Close())

    def _leave_off(self, came: str) -> None:
        """The session is over: what is still waited for does not come any more."""
        if self.ending is Ending.UNFINISHED and not self.unmet:
            for want in self._troupe.wants[:1]:
                self._fail(StepFailed(want.place, want.expects, came), want)
        self._troupe.stop()

    def _came_along(self, event: Event) -> None:
        if not isinstance(event.content, Audio | Elapsed) and event.sender is Side.CLIENT:
            self._came.append(words_for(event.content))

    def _fail(self, failure: StepFailed, want: Want | None = None) -> None:
        pattern = want.pattern if want else None
        came = ", ".join(self._came) or "nothing"
        got = f"{failure.got} (last came: {came})"
        self.unmet += (Unmet(failure.place, failure.expected, got, self._nearest(pattern)),)

    def _nearest(self, pattern: object) -> str:
        """Of the messages nobody waited for, the one that came nearest to the pattern, and where it departs."""
        bodies = [event.content.body for event in self._scene.held if isinstance(event.content, Message)]
        if pattern is None or not bodies:
            return ""
        body = max(bodies, key=lambda each: closeness(pattern, each))
        return f"{body['type']}, where {difference(pattern, body)}"
