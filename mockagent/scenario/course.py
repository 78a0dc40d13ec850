"""The course of a session against a straight play: which duties are done by now, and what came where it may not.

Reads the events of both sides and decides nothing. An event that no duty asks for is free: whether it may come at
all is for the rules to say.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from mockagent.protocol import messages
from mockagent.protocol.effects import after
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Side
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.ruling import words_for
from mockagent.protocol.session import Session
from mockagent.protocol.transitions import Phase
from mockagent.scenario import model
from mockagent.scenario.account import Account, Unmet
from mockagent.scenario.cues import StepFailed
from mockagent.scenario.duties import (
    Answered,
    Called,
    Duty,
    Ended,
    Said,
    Sent,
    Sounded,
    Words,
    plan_of,
)
from mockagent.scenario.lines import Lines
from mockagent.scenario.matching import ANYTHING, matches
from mockagent.scenario.model import Ban, Place
from mockagent.scenario.order import broken_bans
from mockagent.scenario.templates import UnknownName, filled, presets, value_at

MOST_UNASKED = 50
"""Messages that no duty asked for which are kept, to name the nearest of them."""


class _Fit(Enum):
    """How far an event does what it is held against."""

    NOT = auto()
    PARTLY = auto()
    WHOLLY = auto()


class Course:
    """What a server is expected to do in one straight play of a scenario, as a partial order."""

    def __init__(self, lines: Lines, dialect: Dialect, *, words: Words = Words.EXACT) -> None:
        plan = plan_of(lines, dialect, words)
        self._lines = lines
        self._words = words
        self._duties = plan.duties
        self._stages = plan.stages
        self._stage = 0
        self._begun_at = 0.0
        self._todo = list(range(len(plan.duties)))
        self._over: set[int] = set()
        self._misworded: set[int] = set()
        self._sounds = [n for n in self._todo if isinstance(plan.duties[n].deed, Sounded)]
        self._said: dict[int, str] = {}
        self._ids: dict[int, str] = {}
        self._names: dict[str, Any] = {}
        self._session = Session(dialect)
        self._request_id = ""
        self._unasked: list[Event] = []
        self._account = Account(side=Side.SERVER)
        self._wrong: list[Unmet] = []
        self._bans: list[Ban] = []
        self._seen_bans: tuple[Ban, ...] = ()

    def see(self, event: Event) -> None:
        """Every event of either side, in the order of arrival."""
        self._go_on(event.at)
        self._account.note(event)
        self._hold_bans()
        for failure in broken_bans(self._bans, event.sender, event.content):
            self._wrong.append(self._account.unmet(failure, ()))
        self._take(event)
        self._session = after(self._session, event)
        self._go_on(event.at)

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """What came where it may not, as it came; then what has not come by now, as the play asks for it next."""
        due = (number for number in self._todo if self._is_due(number))
        missing = (self._missing(self._duties[number]) for number in due)
        return (*self._wrong, *missing, *self._owed())

    @property
    def is_complete(self) -> bool:
        """Has all come that must, and nothing where it may not?"""
        return not self._todo and not self.unmet

    def _is_due(self, number: int) -> bool:
        return self._duties[number].after <= self._over

    def _take(self, event: Event) -> None:
        match event.content:
            case Message() as message:
                self._learn(event.sender, message)
                calls = messages.calls_of(message.body) if message.type == "FunctionCallRequest" else ()
                asked = [self._take_call(call) for call in calls]
                if message.type == "FunctionCallCancelled":
                    self._cancel(messages.calls_of(message.body))
                if any(asked) or self._take_one(event):
                    return
                if event.sender is Side.SERVER:
                    self._misworded.update(self._meant_by(message))
                    self._unasked = [*self._unasked[1 - MOST_UNASKED :], event]
            case Audio() if event.sender is Side.SERVER and self._sounds and self._is_due(self._sounds[0]):
                self._do(self._sounds.pop(0))
            case Closed():
                self._take_one(event)

    def _take_one(self, event: Event) -> bool:
        """Put down the event to the duty that it does: one that is due, or else one for which it is too early."""
        of_sender = [n for n in self._todo if self._duties[n].sender in (None, event.sender)]
        for number in of_sender:
            if event.sender is Side.SERVER and not self._is_due(number):
                continue
            fit = self._fit(number, event)
            if fit is not _Fit.NOT:
                self._do(number) if fit is _Fit.WHOLLY else self._say(number, event)
                return True
        return event.sender is Side.SERVER and self._take_early(event)

    def _meant_by(self, message: Message) -> list[int]:
        """The statements that are due from whoever says something else."""
        role = message.body.get("role") if message.type == "ConversationText" else None
        due = [n for n in self._todo if self._is_due(n)]
        return [n for n in due if isinstance(deed := self._duties[n].deed, Said) and deed.role == role]

    def _take_early(self, event: Event) -> bool:
        """What is not due yet. What waits only for a statement that came in other words need not wait for it."""
        for number in self._todo:
            duty = self._duties[number]
            if (
                self._is_due(number)
                or duty.sender is Side.CLIENT
                or self._fit(number, event) is not _Fit.WHOLLY
            ):
                continue
            waiting = duty.after - self._over
            if waiting <= self._misworded:
                self._pass(waiting)
                self._do(number)
                return True
            if self._is_particular(duty):
                self._too_early(number, event)
                return True
        return False

    def _take_call(self, call: FunctionCall) -> bool:
        """One call of a request; one that is not due is thought ahead, and has to come again."""
        for number in self._todo:
            deed = self._duties[number].deed
            if isinstance(deed, Called) and self._is_due(number) and self._is_call(deed, call):
                self._ids[number] = call.id
                self._do(number)
                return True
        return False

    def _is_call(self, deed: Called, call: FunctionCall) -> bool:
        if deed.name != call.name:
            return False
        return deed.arguments is None or matches(self._filled(deed.arguments), _parsed(call.arguments))

    def _cancel(self, calls: Iterable[FunctionCall]) -> None:
        """What was called and is cancelled has to come again, unless the play has the user talk over it."""
        ids = {call.id for call in calls}
        for number in [n for n, id in self._ids.items() if id in ids]:
            deed = self._duties[number].deed
            if isinstance(deed, Called) and not deed.cut:
                results = {
                    n for n, each in enumerate(self._duties) if each.deed == Answered(number, deed.name)
                }
                self._over -= {number, *results}
                self._todo = sorted({*self._todo, number, *results})
                del self._ids[number]

    def _do(self, number: int) -> None:
        self._over.add(number)
        self._todo.remove(number)
        self._said.pop(number, None)

    def _too_early(self, number: int, event: Event) -> None:
        """It is told once; what it should have waited for may still come, and nothing else waits for that."""
        duty = self._duties[number]
        waiting = sorted(duty.after - self._over)
        before = self._duties[waiting[0]]
        failure = StepFailed(
            duty.place, f"{before.expects} before {duty.expects}", f"{words_for(event.content)} first"
        )
        self._wrong.append(self._account.unmet(failure, ()))
        self._pass(waiting)
        self._do(number)

    def _pass(self, numbers: Iterable[int]) -> None:
        """Wait for these no longer, nor for what they wait for."""
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number not in self._over:
                self._over.add(number)
                waiting += self._duties[number].after

    def _is_particular(self, duty: Duty) -> bool:
        """Can it be told by itself which of several alike an event is meant to be?"""
        match duty.deed:
            case Said(text=text):
                return text is not None
            case Sent(pattern=pattern):
                return self._words is Words.EXACT and len(pattern) > 1
        return False

    def _fit(self, number: int, event: Event) -> "_Fit":
        """How far this event does the duty."""
        match self._duties[number].deed, event.content:
            case Said() as said, Message(type="ConversationText", body=body):
                return self._fit_of_statement(number, said, body)
            case Sent(pattern=pattern), Message(body=body):
                fits = matches(self._filled(pattern), body)
            case Answered() as wanted, Message(type="FunctionCallResponse", body=body):
                fits = self._is_result(wanted, body)
            case Ended(code=code), Closed() as closed:
                fits = code is None or code == closed.code
            case _:
                fits = False
        return _Fit.WHOLLY if fits else _Fit.NOT

    def _fit_of_statement(self, number: int, said: Said, body: Mapping[str, Any]) -> "_Fit":
        """Done by the last of the statements that together are the text; of one worded freely by the first."""
        if body.get("role") != said.role or messages.is_backchannel(body):
            return _Fit.NOT
        if said.text is None:
            spoken = self._session.injection_spoken_by(body)
            return _Fit.WHOLLY if spoken is None or not spoken.text else _Fit.NOT
        text = self._filled(said.text)
        if said.is_pattern or text == ANYTHING:
            return _Fit.WHOLLY if matches(text, body.get("content")) else _Fit.NOT
        whole, so_far = _plain(text), self._with_more(number, body)
        if whole == so_far or (said.cut and whole.startswith(f"{so_far} ")):
            return _Fit.WHOLLY
        return _Fit.PARTLY if whole.startswith(f"{so_far} ") else _Fit.NOT

    def _with_more(self, number: int, body: Mapping[str, Any]) -> str:
        """What has been said of a text, and this."""
        return _plain(f"{self._said.get(number, '')} {body.get('content')}")

    def _say(self, number: int, event: Event) -> None:
        if isinstance(event.content, Message):
            self._said[number] = self._with_more(number, event.content.body)

    def _is_result(self, wanted: Answered, body: Mapping[str, Any]) -> bool:
        result = messages.result_of(body)
        if wanted.call not in self._ids:
            return False
        return result.id == self._ids[wanted.call] if result.id else result.name == wanted.name

    def _missing(self, duty: Duty) -> Unmet:
        pattern = None
        if isinstance(duty.deed, Said):
            words = {} if duty.deed.text is None else {"content": duty.deed.text}
            pattern = {"type": "ConversationText", "role": duty.deed.role, **words}
        elif isinstance(duty.deed, Sent):
            pattern = dict(duty.deed.pattern)
        failure = StepFailed(duty.place, duty.expects, "nothing like it", self._filled(pattern))
        return self._account.unmet(failure, self._unasked)

    def _owed(self) -> Iterator[Unmet]:
        """What the protocol still owes the client: acknowledgements, and what was to be injected."""
        if self._session.phase is Phase.FAILED or self._session.failed_at is not None:
            return
        causes = {ack: type for type, ack in messages.ACKNOWLEDGEMENTS[self._session.dialect].items()}
        for ack in self._session.acknowledgements_due:
            failure = StepFailed(self._place_of(causes.get(ack, "")), ack, "nothing like it")
            yield self._account.unmet(failure, self._unasked)
        for due in self._session.injections_due:
            expected = f"the injection {due.outcome} ({due.behavior}, {due.turn})"
            failure = StepFailed(self._place_of("InjectAgentMessage"), expected, "nothing like it")
            yield self._account.unmet(failure, self._unasked)

    def _place_of(self, type: str) -> Place:
        """The last line in which the client sends such a message."""
        steps = (line.step for line in reversed(self._lines))
        found = (s.place for s in steps if isinstance(s, model.ClientSends) and s.pattern.get("type") == type)
        return next(found, Place())

    def _hold_bans(self) -> None:
        """The bans of the line at hand; those of the whole play hold after its end too, none before Settings."""
        if self._session.settings is None:
            return
        every = self._stages[min(self._stage, len(self._stages) - 1)].bans if self._stages else ()
        if self._stage == len(self._stages):
            every = tuple(ban for ban in every if all(ban in stage.bans for stage in self._stages))
        self._bans = [ban for ban in self._bans if ban in every]
        self._bans += [ban for ban in every if ban not in self._seen_bans]
        self._seen_bans = every

    def _go_on(self, at: float) -> None:
        """To the first line that is not over yet; none begins before Settings."""
        if self._session.settings is None:
            self._begun_at = at
            return
        while self._stage < len(self._stages):
            stage = self._stages[self._stage]
            if not stage.duties <= self._over or at < self._begun_at + stage.lasts:
                return
            self._stage += 1
            self._begun_at = at

    def _learn(self, sender: Side, message: Message) -> None:
        """Keep what later lines quote."""
        if message.type == "Welcome":
            self._request_id = str(message.body.get("request_id") or message.body.get("session_id") or "")
        elif message.type == messages.SETTINGS[self._session.dialect] and self._session.settings is None:
            self._names |= presets(message.body, self._request_id)
        elif message.type == "FunctionCallResponse":
            self._keep_result(message.body)
        if sender is Side.CLIENT:
            self._capture(message)

    def _keep_result(self, body: Mapping[str, Any]) -> None:
        result = messages.result_of(body)
        for line in self._lines:
            calls = line.step.calls if isinstance(line.step, model.CallTurn) else ()
            named = {
                call.capture for call in calls if call.capture and call.name == (result.name or call.name)
            }
            self._names |= dict.fromkeys(named, result.content)

    def _capture(self, message: Message) -> None:
        for line in self._lines:
            step = line.step
            if (
                isinstance(step, model.ClientSends)
                and step.captures
                and matches(self._filled(step.pattern), message.body)
            ):
                for name, pointer in step.captures.items():
                    with suppress(LookupError):
                        self._names[name] = value_at(message.body, pointer)

    def _filled(self, value: Any) -> Any:
        """With the names that are known by now; what quotes another may be anything."""
        try:
            return filled(value, self._names)
        except UnknownName:
            if isinstance(value, Mapping):
                return {key: self._filled(part) for key, part in value.items()}
            return ANYTHING


def _plain(text: str) -> str:
    return " ".join(text.split())


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
