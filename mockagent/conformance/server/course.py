"""What a server is expected to do in a play, and how far it has come. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mockagent.protocol import messages
from mockagent.protocol.events import Content, Dialect, Event, Message, Side
from mockagent.protocol.ruling import words_for
from mockagent.scenario import model
from mockagent.scenario.account import Unmet
from mockagent.scenario.checks import ends_session
from mockagent.scenario.lines import Lines
from mockagent.scenario.model import Place


class Words(StrEnum):
    """Whether a server says what the script says, or finds its own words."""

    EXACT = "exact"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class _Expected:
    place: Place
    words: str
    accepts: Callable[[Content], bool]


class Course:
    """Follows a session: each thing that is expected, in its order; whatever else comes in between."""

    def __init__(self, lines: Lines, dialect: Dialect, words: Words = Words.EXACT) -> None:
        self._expected = [each for line in lines for each in _expected(line.step)]
        self._last = "nothing"

    def see(self, event: Event) -> None:
        """Take in the next event."""
        if event.sender is not Side.SERVER:
            return
        self._last = words_for(event.content)
        if self._expected and self._expected[0].accepts(event.content):
            self._expected.pop(0)

    @property
    def is_complete(self) -> bool:
        return not self._expected

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """What has not come."""
        return tuple(
            Unmet(each.place, each.words, f"nothing like it (last came: {self._last})")
            for each in self._expected
        )


def _expected(step: model.Step) -> Iterator[_Expected]:
    match step:
        case model.ServerSends(body=body):
            yield _Expected(step.place, str(body["type"]), _is(str(body["type"])))
        case model.UserTurn():
            yield _Expected(step.place, "ConversationText of the user", _is_text("user"))
        case model.AgentTurn(interrupted=how):
            if (how and how.during is model.During.THINKING) or ends_session(step):
                return
            yield _Expected(step.place, "ConversationText of the assistant", _is_text("assistant"))
            if not how:
                yield _Expected(step.place, "AgentAudioDone", _is("AgentAudioDone"))
        case model.CallTurn(calls=calls):
            for call in calls:
                yield _Expected(step.place, f"a call of {call.name}", _is_call(call.name))


def _is(type: str) -> Callable[[Content], bool]:
    return lambda content: isinstance(content, Message) and content.type == type


def _is_text(role: str) -> Callable[[Content], bool]:
    return lambda content: (
        isinstance(content, Message)
        and content.type == "ConversationText"
        and content.body.get("role") == role
    )


def _is_call(name: str) -> Callable[[Content], bool]:
    return lambda content: (
        isinstance(content, Message)
        and content.type == "FunctionCallRequest"
        and name in {call.name for call in messages.calls_of(content.body)}
    )
