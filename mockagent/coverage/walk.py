"""A walk through every cell: the real player and judge are brought into each state, and there the client does each act.

There is no network and no waiting. What the service makes of each act is reported, not judged; a cell that the walk
has no way to is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockagent.coverage import acts
from mockagent.coverage.rows import Kind, Row, state
from mockagent.coverage.ways import FUNCTION, WAYS, Move, script_for, way_to
from mockagent.protocol import codec, messages
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
    Side,
)
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.requirements import Requirement
from mockagent.protocol.switches import Switches
from mockagent.protocol.transitions import Phase, Turn
from mockagent.scenario.beats import Beat
from mockagent.scenario.model import Scenario
from mockagent.scenario.stage import Problems, Stage

Example = Callable[[Dialect, str], JsonObject]
"""A valid body of a client's message type."""

_SPEAKS_FOR = 0.5
"""Seconds: how long the user of the walk speaks, and what passes while nobody does anything."""
_MOST_MOVES = 20
"""How often time may pass, or the agent speak, before a session has settled; far more than any takes."""
_FLUX = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-general-en"}}
_UNASKED = FunctionCall("none", FUNCTION)
_STILL_HERE = "Still here?"


@dataclass(frozen=True, slots=True)
class Walked:
    """What became of one act in one cell.

    `answer` is what the server did at once, `later` what followed until all was said and done, each in words: a
    message's type with its role or code, "audio", "close". `broke` are the requirements that the client broke by it,
    `faults` those that the server broke anywhere. `goes_on`: the session is open and the service answers.
    """

    cell: Row
    answer: tuple[str, ...]
    later: tuple[str, ...]
    broke: tuple[str, ...]
    faults: tuple[str, ...]
    goes_on: bool


def walked(requirements: Mapping[str, Requirement], problems: Problems, example: Example) -> Iterator[Walked]:
    """Every cell that there is a way to, in the order of the ways."""
    for dialect in Dialect:
        for phase, turn in WAYS:
            for act in acts.acts(dialect):
                walk = _Walk(dialect, phase, turn, act, requirements, problems, example)
                for move in way_to(phase, turn, act):
                    walk.go(move)
                if walk.is_there:
                    yield walk.through()


class _Walk:
    """One session, from its opening to one cell and through it."""

    def __init__(
        self,
        dialect: Dialect,
        phase: Phase,
        turn: Turn,
        act: str,
        requirements: Mapping[str, Requirement],
        problems: Problems,
        example: Example,
    ) -> None:
        self._dialect = dialect
        self._act = act
        self._problems = problems
        self._user_speaks = False
        self._example = example
        self._cell = Row(Kind.CELL, dialect, state(phase, turn), act)
        switches = Switches(history=False, latency_report=False, think_live=act == acts.ENABLED)
        scenario = Scenario(name="walk", summary="", steps=(), dialect=dialect, switches=switches)
        self.stage = Stage(
            scenario,
            (),
            self._settings(),
            script_for(dialect, phase, turn, act),
            requirements,
            problems,
            holds_speech=True,
        )

    @property
    def is_there(self) -> bool:
        """Whether the act would be in the cell: the session is in its state, and knows what tells the act apart."""
        if self.stage.is_over:
            return False
        content = self._content()
        if content is None:
            return False
        session = self.stage.session
        event = Event(self.stage.now, Side.CLIENT, content)
        act = acts.act_of(session, event)
        return Row(Kind.CELL, self._dialect, state(session.phase, session.turn), str(act)) == self._cell

    def through(self) -> Walked:
        """Do the act, and see what becomes of it."""
        mine = self._do()
        answer = self._since(mine)
        settled = len(self.stage.beats)
        self._settle()
        later = self._since(settled)
        broke, goes_on = self._broken(mine), self._goes_on()
        return Walked(self._cell, answer, later, broke, self._faults(), goes_on)

    def go(self, move: Move) -> None:
        """Let that happen."""
        stage = self.stage
        match move:
            case Move.WELCOME:
                stage.pass_time(stage.now)
            case Move.SETTINGS:
                stage.do(self._message(self._settings()), None)
            case Move.GREETING:
                stage.begin_speech()
                stage.finish_speech()
            case Move.USER_SPEAKS_UP:
                self._user_speaks = True
                stage.notice(speech=True)
            case Move.USER_HAS_SPOKEN:
                self._user_speaks = False
                stage.now += _SPEAKS_FOR
                stage.notice(speech=False)
            case Move.TIME_PASSES:
                stage.pass_time(stage.now + _SPEAKS_FOR)
            case Move.AGENT_SOUNDS:
                stage.begin_speech()

    def _settings(self) -> JsonObject:
        settings = self._example(self._dialect, messages.SETTINGS[self._dialect])
        agent = dict(settings["agent"])
        if self._act == acts.OBEYED:
            agent["listen"] = _FLUX
        agent["think"] = {**agent["think"], "functions": [{"name": FUNCTION, "description": "…"}]}
        return {**settings, "agent": agent}

    def _do(self) -> int:
        """Do the act; the number of its beat. Before Welcome, the time for that comes next."""
        mine = len(self.stage.beats)
        content = self._content()
        if isinstance(content, Elapsed):
            deadline = self.stage.session.deadline
            self.stage.now = max(self.stage.now, deadline[0] if deadline else 0.0)
        if content is not None:
            self.stage.do(content, None)
        if isinstance(content, Closed):
            self.stage.is_over = True
        if not self.stage.is_over:
            self.go(Move.WELCOME)
        return mine

    def _content(self) -> Content | None:
        match self._act:
            case acts.AUDIO:
                return codec.decode(Frame(bytes(640), binary=True))
            case acts.EMPTY:
                return codec.decode(Frame(b"", binary=True))
            case acts.JSON_AS_AUDIO:
                return codec.decode(Frame(b'{"type":"KeepAlive"}', binary=True))
            case acts.MALFORMED:
                return codec.decode(Frame(b'{"type":"KeepAlive"'))
            case acts.UNKNOWN:
                return self._message({"type": "Hello"})
            case acts.BROKEN:
                return self._message({"type": "InjectAgentMessage", "message": 7})
            case acts.STAY_SILENT:
                deadline = self.stage.session.deadline
                return Elapsed(deadline[1]) if deadline else None
            case acts.CLOSE:
                return Closed(1000)
            case _:
                return self._message(self._body())

    def _body(self) -> JsonObject:
        type, _, rest = self._act.partition(" ")
        if type == acts.ANSWER:
            pending = next((each.call for each in self.stage.session.calls), _UNASKED)
            return messages.function_call_response(self._dialect, pending, "Sunny.")
        if type == messages.SETTINGS[self._dialect]:
            return self._settings()
        body = self._example(self._dialect, type)
        if type == "UpdateListen":
            return {**body, "listen": self._settings()["agent"]["listen"]}
        return {**body, "behavior": rest} if type == "InjectAgentMessage" and rest else body

    def _message(self, body: JsonObject) -> Message:
        problems = tuple(self._problems(self._dialect, Side.CLIENT, body))
        return Message(str(body["type"]), body, problems)

    def _settle(self) -> None:
        """Whoever speaks comes to an end, and time passes until nothing more happens."""
        for _ in range(_MOST_MOVES):
            if self.stage.is_over or self.stage.session.phase is Phase.FAILED:
                return
            before = len(self.stage.beats)
            if self._user_speaks:
                self.go(Move.USER_HAS_SPOKEN)
            self.go(Move.AGENT_SOUNDS)
            self.stage.finish_speech()
            self.go(Move.TIME_PASSES)
            if len(self.stage.beats) == before:
                return

    def _goes_on(self) -> bool:
        """Whether the service still answers what it must answer: an injection is spoken or refused."""
        before = len(self.stage.beats)
        if self.stage.is_over:
            return False
        self.stage.do(self._message({"type": "InjectAgentMessage", "message": _STILL_HERE}), None)
        answers = {"ConversationText assistant", "InjectionRefused"}
        return not self.stage.is_over and not answers.isdisjoint(self._since(before))

    def _since(self, number: int) -> tuple[str, ...]:
        served = [beat for beat in self.stage.beats[number:] if beat.sender is Side.SERVER]
        return tuple(map(_words, served))

    def _broken(self, number: int) -> tuple[str, ...]:
        return _ids(self.stage.beats[number : number + 1])

    def _faults(self) -> tuple[str, ...]:
        """What the server broke on the whole way, and what its script has missed while the session goes on."""
        served = (beat for beat in self.stage.beats if beat.sender is Side.SERVER)
        missed = () if self.stage.is_over else self.stage.unmet
        return (*_ids(served), *map(str, missed))


def _ids(beats: Iterable[Beat]) -> tuple[str, ...]:
    return tuple(violation.requirement.id for beat in beats for violation in beat.broken)


def _words(beat: Beat) -> str:
    match beat.content:
        case Message(type=type, body=body):
            return " ".join([type, *(str(body[key]) for key in ("role", "code") if key in body)])
        case Audio():
            return "audio"
        case Closed(code=code):
            return "close" if code is None else f"close {code}"
        case _:
            return ""
