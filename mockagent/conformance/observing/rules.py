"""The requirements that only the application can show to be broken, each a function over a session and its lines. Pure.

A rule is named as the sentence that is true while it is kept. `asks` says whether a session puts it in question.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockagent.conformance.observing.fields import lost_fields, paired
from mockagent.conformance.observing.hearing import Hearing
from mockagent.conformance.observing.lines import Line, SawEvent, StoppedPlayback, ToldClose, ToldError
from mockagent.conformance.observing.served import Ended, Sent, Served
from mockagent.protocol.events import NO_CLOSE_FRAME, NO_STATUS, Audio, Message, Side

_ERROR = "Error"
_BARGE_IN = "UserStartedSpeaking"
_NORMAL = (None, 1000, 1001)


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that did not reach the application: which event of the trace it is, in words, and what was seen."""

    frame: int
    what: str
    expected: str
    got: str
    pointer: str = ""


Check: TypeAlias = Callable[[Hearing], Iterator[Loss]]
Asks: TypeAlias = Callable[[Served], bool]
Tells: TypeAlias = Callable[[Sequence[Line]], bool]


@dataclass(frozen=True, slots=True)
class ObservedRule:
    """A check, and the requirement it belongs to.

    `asks` says whether a session has anything that it looks at, `tells` whether the application says enough for it.
    """

    requirement: str
    asks: Asks
    check: Check
    tells: Tells


OBSERVED: list[ObservedRule] = []
"""Every such rule, in the order of the catalogue."""


def asked(sessions: Iterable[Served]) -> frozenset[str]:
    """The requirements that these sessions put in question."""
    return frozenset(rule.requirement for session in sessions for rule in OBSERVED if rule.asks(session))


def is_told(requirement: str, lines: Sequence[Line]) -> bool:
    """Whether the application says enough to judge this one by."""
    return any(rule.tells(lines) for rule in OBSERVED if rule.requirement == requirement)


def _rule(requirement: str, asks: Asks, tells: Tells = lambda lines: True) -> Callable[[Check], Check]:
    def enter(check: Check) -> Check:
        OBSERVED.append(ObservedRule(requirement, asks, check, tells))
        return check

    return enter


def _messages(session: Served) -> list[Message]:
    return [each.content for each in session.sent if isinstance(each.content, Message) and each.is_right]


def _has_messages(session: Served) -> bool:
    return any(message.type != _ERROR for message in _messages(session))


def _has_fields(session: Served) -> bool:
    return any(len(message.body) > 1 for message in _messages(session))


def _tells_fields(lines: Sequence[Line]) -> bool:
    return any(isinstance(line, SawEvent) and line.message is not None for line in lines)


def _has_error(session: Served) -> bool:
    return any(message.type == _ERROR for message in _messages(session))


def _has_audio(session: Served) -> bool:
    return any(isinstance(each.content, Audio) and each.is_right for each in session.sent)


def _has_barge_in(session: Served) -> bool:
    return any(is_over_speech for _, is_over_speech in _utterances(session.sent))


def _is_closed_by_server(session: Served) -> bool:
    return session.ended is not None and session.ended.sender is Side.SERVER


@_rule("OBS-001", _has_messages)
def every_message_reaches_the_application(hearing: Hearing) -> Iterator[Loss]:
    """Errors have a requirement of their own."""
    for index in hearing.unseen():
        sent = hearing.sent[index]
        assert isinstance(sent.content, Message)
        type = sent.content.type
        if type != _ERROR:
            seen = sum(line.type == type for line in hearing.events)
            came = sum(message.type == type for _, _, message in hearing.messages)
            yield Loss(
                sent.frame, f"server {type}", f"the application to see each {type}", f"{seen} of {came}"
            )


@_rule("OBS-002", _has_fields, _tells_fields)
def every_field_reaches_the_application(hearing: Hearing) -> Iterator[Loss]:
    """Where the application tells of fields at all; however their names are written in its language."""
    for sent, message, line in paired(hearing):
        for pointer in lost_fields(message.body, line.message or {}):
            yield Loss(
                sent.frame,
                f"server {message.type}",
                f"the application to read every field of {line.name or message.type}",
                "none of that name",
                pointer,
            )


@_rule("OBS-003", _has_error)
def every_error_reaches_the_application(hearing: Hearing) -> Iterator[Loss]:
    """As a message, or as an error of its SDK."""
    told = sum(isinstance(line, ToldError) for line in hearing.lines)
    missed = [index for index in hearing.unseen() if _type_at(hearing, index) == _ERROR]
    for index in missed[told:]:
        yield Loss(
            hearing.sent[index].frame,
            "server Error",
            "the application to be told of the Error",
            "nothing of it",
        )


@_rule("OBS-004", _has_audio)
def all_audio_reaches_the_application(hearing: Hearing) -> Iterator[Loss]:
    runs = [(sent, size) for index, sent, size in hearing.audio if not hearing.is_excused(index)]
    total, heard = sum(size for _, size in runs), hearing.heard
    if heard >= total:
        return
    passed = 0
    for sent, size in runs:
        passed += size
        if passed > heard:
            yield Loss(
                sent.frame,
                f"server audio ({size} bytes)",
                f"the application to get {total} bytes of audio",
                f"{heard}",
            )
            return


@_rule("OBS-005", _has_barge_in)
def playback_stops_when_the_user_speaks_up(hearing: Hearing) -> Iterator[Loss]:
    utterances = list(_utterances(hearing.sent))
    spans = _stops_around_barge_ins(hearing)
    are_all_seen = len(spans) == len(utterances)
    left = sum(isinstance(line, StoppedPlayback) for line in hearing.lines)
    for number, (index, is_over_speech) in enumerate(utterances):
        if not is_over_speech or hearing.is_excused(index):
            continue
        has_stopped = spans[number] if are_all_seen else left > 0
        left -= 1
        if not has_stopped:
            yield Loss(
                hearing.sent[index].frame,
                f"server {_BARGE_IN}",
                "playback that stops while the agent speaks",
                "none that stopped",
            )


@_rule("OBS-006", _is_closed_by_server)
def the_application_is_told_of_the_close(hearing: Hearing) -> Iterator[Loss]:
    """Of the end of a connection without a close frame, or by an unusual code, an error of the SDK tells as well."""
    told = [line for line in hearing.lines if isinstance(line, ToldClose)]
    errors = any(isinstance(line, ToldError) for line in hearing.lines)
    if len(hearing.ends) > 1:
        told = told if len(told) >= len(hearing.ends) else told[:0]
    for ended in hearing.ends:
        if ended.sender is not Side.SERVER:
            continue
        what, code = f"server a close ({ended.code or 'no status'})", ended.code or "no status"
        if not told and not (errors and ended.code not in _NORMAL):
            yield Loss(ended.frame, what, "the application to be told of the close", "nothing of it")
        elif told and not any(_fits(ended, line.code) for line in told):
            got = ", ".join(str(line.code) for line in told)
            yield Loss(ended.frame, what, f"the application to be told of the code ({code})", got)


def _fits(ended: Ended, told: int | None) -> bool:
    if told is None:
        return True
    if ended.code is None:
        return told == NO_STATUS
    if ended.code == NO_CLOSE_FRAME:
        return told not in _NORMAL
    return told == ended.code


def _type_at(hearing: Hearing, index: int) -> str:
    content = hearing.sent[index].content
    return content.type if isinstance(content, Message) else ""


def _utterances(sent: Iterable[Sent]) -> Iterator[tuple[int, bool]]:
    """Where each UserStartedSpeaking stands, and whether it came while the agent's audio did."""
    is_speaking = False
    for index, each in enumerate(sent):
        match each.content:
            case _ if not each.is_right:
                continue
            case Audio():
                is_speaking = True
            case Message(type="AgentAudioDone"):
                is_speaking = False
            case Message(type=type) if type == _BARGE_IN:
                yield index, is_speaking
                is_speaking = False


def _stops_around_barge_ins(hearing: Hearing) -> list[bool]:
    """For each UserStartedSpeaking that was seen, whether playback stopped by it.

    An application may write that before the event, too, but not before the event that came before it.
    """
    found: list[bool] = []
    stopped_since_event = False
    for line in hearing.lines:
        if isinstance(line, SawEvent):
            if line.type == _BARGE_IN:
                found.append(stopped_since_event)
            stopped_since_event = False
        elif isinstance(line, StoppedPlayback):
            stopped_since_event = True
            if found:
                found[-1] = True
    return found


IDS = frozenset(rule.requirement for rule in OBSERVED)
