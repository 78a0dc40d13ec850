"""What a straight play asks of a session, as a partial order: a duty is one thing that must come, after some others.

Only what the script itself asks for stands here. What the protocol fixes (that sound follows its text, that History
repeats what was said) is in the rules; what merely accompanies a turn is no duty, and may come wherever it likes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from mockagent.protocol.events import Dialect, JsonObject, Side
from mockagent.protocol.transitions import TRANSITIONS, Phase, Turn
from mockagent.scenario import model
from mockagent.scenario.checks import ends_session
from mockagent.scenario.lines import Line, Lines
from mockagent.scenario.matching import ANYTHING
from mockagent.scenario.model import Ban, Place, Trigger
from mockagent.scenario.order import message_in_words

_NAMING = ("type", "role", "code")
"""The keys of a message that say which it is, and not how it is worded."""


class Words(StrEnum):
    """How a server must word what it says: as the scenario does, or freely, as a language model does.

    Worded freely, a statement may come in several; what is said counts by who says it, and when.
    """

    EXACT = "exact"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that fits a pattern, `${name}` in it and all."""

    pattern: JsonObject


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of that role; any words where `text` is None. Of what may be `cut` the beginning will do."""

    role: str
    text: Any
    cut: bool = False
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A function is asked for; with any arguments where there are None. One that is `cut` is talked over."""

    name: str
    arguments: JsonObject | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The call that is the duty of that number has its result."""

    call: int
    name: str


@dataclass(frozen=True, slots=True)
class Sounded:
    """Some audio."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is closed; with any code where there is None."""

    code: int | None


Deed: TypeAlias = Sent | Said | Called | Answered | Sounded | Ended


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that must come from `sender` (None: whoever runs the function), after the duties of those numbers."""

    deed: Deed
    sender: Side | None
    place: Place
    after: frozenset[int] = frozenset()

    @property
    def expects(self) -> str:
        """The duty in words."""
        match self.deed:
            case Sent(pattern=pattern):
                return message_in_words(pattern)
            case Said(role=role, text=text):
                return f"a statement of the {role}" if text is None else f"the {role} to say {text!r}"
            case Called(name=name):
                return f"a call of {name}"
            case Answered(name=name):
                return f"the result of {name}"
            case Sounded():
                return "speech of the reply"
            case Ended(code=code):
                return f"the close of the {self.sender}{'' if code is None else f' with code {code}'}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A line of the play: over when its `duties` are done and it has lasted so long; `bans` hold until then."""

    duties: frozenset[int]
    lasts: float = 0.0
    bans: tuple[Ban, ...] = ()


@dataclass(slots=True)
class Plan:
    """The duties of a play by their numbers, and its lines in order. `exits` are what the next line comes after.

    `heard` is the user's text, where that was the last thing: an agent that thinks ahead may call before it.
    """

    words: Words
    dialect: Dialect
    duties: list[Duty] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    exits: frozenset[int] = frozenset()
    heard: int | None = None

    def add(self, deed: Deed, line: Line, sender: Side | None = Side.SERVER, *after: int) -> int:
        """One more duty, after what the line comes after and these of its own; its number."""
        earlier = self.exits - {self.heard} if isinstance(deed, Called) else self.exits
        self.duties.append(Duty(deed, sender, line.step.place, earlier | frozenset(after)))
        return len(self.duties) - 1


def plan_of(lines: Lines, dialect: Dialect, words: Words) -> Plan:
    """What must come in a straight play, and in which order where the play says so."""
    plan = Plan(words, dialect)
    for line in lines:
        first = len(plan.duties)
        loose = _loose(plan, line)
        if loose is not None:
            plan.duties.append(Duty(loose, Side.SERVER, line.step.place))
            own: frozenset[int] = frozenset()
        else:
            leaving = frozenset(_perform(plan, line))
            own = frozenset(range(first, len(plan.duties)))
            is_of_client = all(plan.duties[number].sender is Side.CLIENT for number in leaving)
            plan.exits = plan.exits | leaving if is_of_client else leaving
            plan.heard = _heard(plan, line) if own else plan.heard
        plan.stages.append(Stage(own, _lasts(line.step), line.bans))
    return plan


def _heard(plan: Plan, line: Line) -> int | None:
    """The number of the text of the user's turn that the line is."""
    said = (n for n in sorted(plan.exits) if isinstance(plan.duties[n].deed, Said))
    return next(said, None) if isinstance(line.step, model.UserTurn) else None


def _loose(plan: Plan, line: Line) -> Sent | None:
    """What the line has the server send, if it moves no turn and so may come at any time."""
    if not isinstance(line.step, model.ServerSends) or not is_loose(str(line.step.body.get("type"))):
        return None
    return _sent(plan, line.step.body)


def is_loose(type: str) -> bool:
    """May a message of that type come at any turn, and leave it as it is?"""
    rows = TRANSITIONS.get((Side.SERVER, type), ())
    return bool(rows) and all(
        row.to_turn is None and row.turns == frozenset(Turn) and row.to_phase is not Phase.FAILED
        for row in rows
    )


def _perform(plan: Plan, line: Line) -> Iterable[int]:
    """Enter the duties of a line; those that what follows must wait for."""
    match line.step:
        case model.ClientSends(pattern=pattern):
            return [plan.add(Sent(pattern), line, Side.CLIENT)]
        case model.ClientCloses(code=code):
            return [plan.add(Ended(code), line, Side.CLIENT)]
        case model.ServerSends(body=body, stays_open=stays_open):
            sent = plan.add(_sent(plan, body), line)
            is_end = body.get("type") == "Error" and not stays_open
            return [sent, plan.add(Ended(None), line, Side.SERVER, sent)] if is_end else [sent]
        case model.ServerCloses(code=code):
            return [plan.add(Ended(code), line)]
        case model.UserTurn() as step:
            return list(_of_user(plan, line, step))
        case model.AgentTurn() as step:
            return list(_of_agent(plan, line, step))
        case model.CallTurn() as step:
            return list(_of_calls(plan, line, step))
        case model.ClientStaysSilent() | model.ClientStays():
            return _failure(plan, line)
    return plan.exits


def _failure(plan: Plan, line: Line) -> list[int]:
    error = plan.add(Sent({"type": "Error"}), line)
    return [error, plan.add(Ended(None), line, Side.SERVER, error)]


def _sent(plan: Plan, body: JsonObject) -> Sent:
    if plan.words is Words.EXACT:
        return Sent(body)
    return Sent({key: body[key] for key in _NAMING if key in body})


def _of_user(plan: Plan, line: Line, step: model.UserTurn) -> Iterator[int]:
    """The user is heard, or types; what the agent calls ahead of the turn's end may come before that or after it."""
    is_typed = step.trigger is Trigger.TEXT
    if is_typed:
        typed = {"type": "InjectUserMessage", "content": step.pattern}
        began = plan.add(Sent(typed), line, Side.CLIENT)
    else:
        began = plan.add(Sent({"type": "UserStartedSpeaking"}), line)
    yield began
    text = step.pattern if is_typed else step.text
    is_exact = plan.words is Words.EXACT and text != ANYTHING
    said = Said("user", text if is_exact else None, is_pattern=is_typed)
    yield plan.add(said, line, Side.SERVER, began) if is_typed else plan.add(said, line)
    if step.speculates and step.speculates.call and not step.speculates.resumed:
        yield from _of_calls(plan, line, step.speculates.call)


def _of_agent(plan: Plan, line: Line, step: model.AgentTurn) -> Iterator[int]:
    """All statements one after the other, some sound, and then the end; an interrupted reply need only have begun."""
    if step.interrupted and step.interrupted.during is model.During.THINKING:
        yield from plan.exits
        return
    if ends_session(step):
        yield from _failure(plan, line)
        return
    is_exact, is_cut = plan.words is Words.EXACT, step.interrupted is not None
    texts: tuple[str | None, ...] = (step.texts[:1] if is_cut else step.texts) if is_exact else (None,)
    said: list[int] = []
    if is_exact and step.thinking is not None:
        yield plan.add(Sent({"type": "AgentThinking", "content": step.thinking}), line)
    for text in texts:
        said.append(plan.add(Said("assistant", text, is_cut), line, Side.SERVER, *said))
    sounded = plan.add(Sounded(), line)
    yield from (*said, sounded)
    if not is_cut:
        yield plan.add(Sent({"type": "AgentAudioDone"}), line, Side.SERVER, *said, sounded)


def _of_calls(plan: Plan, line: Line, step: model.CallTurn) -> Iterator[int]:
    """Every function is asked for, in one request or several; what follows waits for their results."""
    is_exact = plan.words is Words.EXACT
    if is_exact and step.thinking is not None:
        yield plan.add(Sent({"type": "AgentThinking", "content": step.thinking}), line)
    for call in step.calls:
        asked = plan.add(
            Called(call.name, call.arguments if is_exact else None, step.interrupted is not None), line
        )
        yield asked
        if step.interrupted is None:
            yield from _result(plan, line, call, asked)


def _result(plan: Plan, line: Line, call: model.Call, asked: int) -> Iterator[int]:
    """Early access does not tell what came of a function that the server runs."""
    is_of_server = call.server_side or call.result is not None or call.fails is not None
    if call.fails is not None and plan.dialect is Dialect.V1:
        failed = {"type": "Warning", "code": "FUNCTION_CALL_FAILED"}
        yield plan.add(Sent(failed), line, Side.SERVER, asked)
    elif not is_of_server or plan.dialect is Dialect.V1:
        yield plan.add(Answered(asked, call.name), line, Side.SERVER if is_of_server else None, asked)


def _lasts(step: model.Step) -> float:
    return step.seconds if isinstance(step, model.Pause | model.ClientStreams) else 0.0
