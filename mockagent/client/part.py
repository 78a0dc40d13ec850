"""The client's part of one straight play, as decisions: reads the server's events, gives acts. Pure.

It goes on when the server's own events say so and never by guessing how long something takes: it speaks until
the server says that it has heard, and answers when it is asked.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockagent.client.sayings import Sayings
from mockagent.protocol import messages
from mockagent.protocol.events import Audio, Closed, Content, Dialect, JsonObject, Message
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Turn
from mockagent.scenario import model
from mockagent.scenario.checks import ends_session
from mockagent.scenario.ideal import calls_in, in_order, injections_after
from mockagent.scenario.lines import Lines
from mockagent.scenario.model import Trigger
from mockagent.scenario.opening import is_settings, refuses_settings

MARGIN = 0.25
"""Seconds by which the client does everything longer that the server measures too."""

PAUSES_FOR = 1.0
"""Seconds of silence after which the server takes a spoken turn for over."""

_NORMAL_CLOSURE = 1000


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message."""

    body: JsonObject


@dataclass(frozen=True, slots=True)
class Talk:
    """Stream a text spoken (or a recording), and then silence, until told to stop."""

    text: str
    wav: bytes | None = None


@dataclass(frozen=True, slots=True)
class StopTalking:
    """Stream no more audio."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Let so many seconds pass, and then tell by `on_rested`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class FallSilent:
    """Send nothing any more, not even KeepAlive."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Close the connection."""

    code: int


Act: TypeAlias = Say | Talk | StopTalking | Rest | FallSilent | Leave
_Rested: TypeAlias = None
_Accepts: TypeAlias = Callable[[Content | _Rested], bool]
_Script: TypeAlias = Generator[_Accepts, Content | _Rested, None]


class ClientPart:
    """One client in one session. `do` carries out each act at once; `session` is what the client knows by then."""

    def __init__(
        self, lines: Lines, sayings: Sayings, do: Callable[[Act], None], session: Callable[[], Session]
    ) -> None:
        self._lines = lines
        self._sayings = sayings
        self._do = do
        self._session = session
        self._said: set[int] = set()
        self._paused: set[int] = set()
        self._injected: list[str] = []
        self._meanwhile: deque[Content] = deque()
        self._ahead: Counter[str] = Counter()
        self._rests = False
        self._script = self._play()
        self._accepts: _Accepts | None = next(self._script)

    @property
    def is_over(self) -> bool:
        """Whether the client has done all that it had to do, and the connection has been closed."""
        return self._accepts is None

    def on_event(self, content: Content) -> None:
        """The server did something; what comes during a rest is looked at after it."""
        self._meanwhile.append(content)
        if isinstance(content, Closed):
            self.on_rested()
        self._catch_up()

    def on_rested(self) -> None:
        """The time asked for by Rest has passed."""
        if self._rests:
            self._rests = False
            self._take(None)
            self._catch_up()

    def _catch_up(self) -> None:
        while self._meanwhile and not self._rests:
            self._take(self._meanwhile.popleft())

    def _take(self, heard: Content | _Rested) -> None:
        if self._accepts is None:
            return
        if not self._accepts(heard):
            self._answer_unasked(heard)
            return
        try:
            self._accepts = self._script.send(heard)
        except StopIteration:
            self._accepts = None

    def _answer_unasked(self, heard: Content | _Rested) -> None:
        """A call that no line waits for, or not yet: a language model calls when it likes, and is answered at once."""
        if not isinstance(heard, Message) or heard.type != "FunctionCallRequest":
            return
        asked = [call for line in self._lines for call in calls_in(line.step)]
        for call in messages.calls_of(heard.body):
            if call.client_side:
                self._ahead[call.name] += 1
                self._say(self._sayings.answer(call, asked))

    def _play(self) -> _Script:
        yield _is("Welcome")
        self._do(Say(self._sayings.settings(self._lines)))
        if not refuses_settings(line.step for line in self._lines):
            yield _is("SettingsApplied")
        for index, line in enumerate(self._lines):
            if not self._is_opening(line.step):
                yield from self._perform(line.step, index)
        if not self._lines or not ends_session(self._lines[-1].step):
            yield from self._leave(_NORMAL_CLOSURE)
        yield lambda heard: isinstance(heard, Closed)

    @property
    def _dialect(self) -> Dialect:
        return self._session().dialect

    def _is_opening(self, step: model.Step) -> bool:
        """Whether the step is what every session opens with, and so has been played already."""
        if isinstance(step, model.ServerSends):
            return step.body.get("type") in ("Welcome", "SettingsApplied") and not step.breaks
        return is_settings(step, self._dialect)

    def _perform(self, step: model.Step, index: int) -> _Script:
        match step:
            case model.ClientSends(pattern=pattern):
                if index not in self._said:
                    self._say(self._sayings.message(pattern))
            case model.ClientStreams(seconds=seconds):
                self._do(Talk(""))
                yield from self._rest(seconds)
                self._do(StopTalking())
            case model.ClientCloses(code=code):
                yield from self._leave(_NORMAL_CLOSURE if code is None else code)
            case model.ClientStaysSilent():
                self._do(FallSilent())
            case model.ServerSends(body=body):
                yield _is(str(body["type"]))
            case model.UserTurn():
                yield from self._user(step, index)
            case model.AgentTurn():
                yield from self._agent(step, index)
            case model.CallTurn(interrupted=model.Interruption() as how):
                yield from self._talk_over(step, how, index)
            case model.CallTurn(calls=calls, order=order):
                yield from self._answer(calls, len(calls), order)
            case model.Pause(seconds=seconds):
                yield from self._rest(seconds)

    def _rest(self, seconds: float) -> _Script:
        self._rests = True
        self._do(Rest(seconds + MARGIN))
        yield lambda heard: heard is None

    def _leave(self, code: int) -> _Script:
        yield from self._until_settled()
        self._do(Leave(code))

    def _until_settled(self) -> _Script:
        """Nothing that the client said is still to be answered, and nobody speaks."""
        if not self._is_settled():
            yield lambda _: self._is_settled()

    def _is_settled(self) -> bool:
        session = self._session()
        waits = session.injections_due or session.acknowledgements_due
        return not waits and session.turn not in (Turn.REPLYING, Turn.SPEAKING)

    def _say(self, body: JsonObject) -> None:
        if body["type"] == "InjectAgentMessage":
            self._injected.append(messages.injected_text(body))
        self._do(Say(body))

    def _user(self, step: model.UserTurn, index: int) -> _Script:
        """The user speaks up, unless they have begun to, until the server says what it heard."""
        if index not in self._said:
            yield from self._until_settled()
            self._speak_up(step, index)
        if _resumes(step) and step.trigger is Trigger.SPEECH and index not in self._paused:
            self._paused.add(index)
            yield from self._rest(step.lasts + PAUSES_FOR)
            self._do(Talk(step.text, step.wav))
        expected = 0 if _resumes(step) else len(calls_in(step))
        late: list[FunctionCall] = []
        while True:
            heard = yield lambda heard: _is_of_call(heard) or _text_of(heard, "user") is not None
            if not isinstance(heard, Message) or heard.type == "ConversationText":
                break
            expected -= self._answer_ahead(step, heard, late)
        self._do(StopTalking())
        yield from self._answer(calls_in(step), expected)

    def _answer_ahead(self, step: model.UserTurn, heard: Message, late: list[FunctionCall]) -> int:
        """Answer what was called before the turn was confirmed, but what will be cancelled only once it is too late."""
        if _ends_call(heard):
            return 0
        calls = list(messages.calls_of(heard.body))
        if _resumes(step) and heard.type == "FunctionCallRequest":
            late.extend(calls)
            return 0
        for call in late if _resumes(step) else calls:
            self._say(self._sayings.answer(call, calls_in(step)))
        return 0 if _resumes(step) else len(calls)

    def _speak_up(self, step: model.UserTurn, index: int) -> None:
        self._said.add(index)
        if step.trigger is Trigger.TEXT:
            self._say(self._sayings.typed(step))
        elif step.trigger is not Trigger.TIMER:
            self._do(Talk(step.text, step.wav))

    def _agent(self, step: model.AgentTurn, index: int) -> _Script:
        """The agent's own statement comes, and then its end; what is to come in between is said at its first sound."""
        if step.interrupted and step.interrupted.during is model.During.THINKING:
            yield from self._interrupt(step.interrupted, index)
            return
        if ends_session(step):
            return
        yield self._is_reply
        coming = injections_after(self._lines, index)
        if coming or (step.interrupted and step.interrupted.after is None):
            heard = yield lambda heard: isinstance(heard, Audio) or _is("AgentAudioDone")(heard)
            self._come_between(index, len(coming), step.interrupted is not None)
            if not isinstance(heard, Audio):
                return
        is_interrupted = step.interrupted is not None
        yield lambda heard: self._is_over(heard, is_interrupted)

    def _come_between(self, index: int, injections: int, interrupts: bool) -> None:
        for at in range(index + 1, index + 1 + injections):
            step = self._lines[at].step
            if isinstance(step, model.ClientSends):
                self._said.add(at)
                self._say(self._sayings.message(step.pattern))
        following = self._lines[index + 1].step
        if interrupts and isinstance(following, model.UserTurn):
            self._speak_up(following, index + 1)

    def _is_reply(self, heard: Content | _Rested) -> bool:
        text = _text_of(heard, "assistant")
        return text is not None and text not in self._injected

    def _is_over(self, heard: Content | _Rested, is_interrupted: bool) -> bool:
        if is_interrupted and _is("UserStartedSpeaking")(heard):
            return True
        return _is("AgentAudioDone")(heard) and not self._session().injections_due

    def _interrupt(self, how: model.Interruption, index: int) -> _Script:
        """The user speaks up, or types, before the agent has said anything; the server says that it has heard."""
        if how.after is None:
            self._come_between(index, 0, True)
        if how.by is not Trigger.TEXT:
            yield _is("UserStartedSpeaking")

    def _talk_over(self, step: model.CallTurn, how: model.Interruption, index: int) -> _Script:
        """The user interrupts a call, whose answer comes only when it has been cancelled."""
        heard = yield _is("FunctionCallRequest")
        calls = list(messages.calls_of(heard.body)) if isinstance(heard, Message) else []
        if how.after is None:
            self._come_between(index, 0, True)
        yield _is("FunctionCallCancelled" if self._dialect is Dialect.V1 else "UserStartedSpeaking")
        for call in calls:
            if call.client_side:
                self._say(self._sayings.answer(call, step.calls))

    def _answer(self, calls: Sequence[model.Call], requests: int, order: Sequence[str] = ()) -> _Script:
        """So many calls come; those that the client runs are answered, of the others the result comes.

        Where an order is asked for, the answers wait for the last call.
        """
        results = 0
        waiting: list[FunctionCall] = []
        for call in calls:
            if requests and self._ahead[call.name]:
                self._ahead[call.name] -= 1
                requests -= 1
        while requests or results:
            heard = yield _is_of_call
            if not isinstance(heard, Message):
                continue
            if _ends_call(heard):
                results -= 1
                continue
            for asked in messages.calls_of(heard.body):
                requests -= 1
                if asked.client_side:
                    waiting.append(asked)
                else:
                    results += self._dialect is Dialect.V1
            if requests and order:
                continue
            for answered in in_order(waiting, order):
                self._say(self._sayings.answer(answered, calls))
            waiting.clear()


def _resumes(step: model.UserTurn) -> bool:
    return step.speculates is not None and step.speculates.resumed


def _is_of_call(heard: Content | _Rested) -> bool:
    return _is("FunctionCallRequest")(heard) or _is("FunctionCallCancelled")(heard) or _ends_call(heard)


def _is(type: str) -> _Accepts:
    return lambda heard: isinstance(heard, Message) and heard.type == type


def _ends_call(heard: Content | _Rested) -> bool:
    """Whether this tells what came of a function that the server runs."""
    if isinstance(heard, Message) and heard.type == "Warning":
        return heard.body.get("code") == "FUNCTION_CALL_FAILED"
    return _is("FunctionCallResponse")(heard)


def _text_of(heard: Content | _Rested, role: str) -> str | None:
    """What that role said, if this is its ConversationText."""
    if isinstance(heard, Message) and heard.type == "ConversationText" and heard.body.get("role") == role:
        return str(heard.body.get("content"))
    return None
