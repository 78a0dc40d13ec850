"""Sessions and what was observed of them, side by side; and what an application that left need not have seen. Pure.

An application that hangs up does not read what was on its way to it, and nobody can tell how much that was: what came
last before its close, and after the last thing that it did see, is not asked for.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mockagent.conformance.observing.lines import GotAudio, Line, SawEvent, ToldClose
from mockagent.conformance.observing.served import Ended, Sent, Served
from mockagent.protocol.events import NO_CLOSE_FRAME, Audio, Message, Side

ON_ITS_WAY_FOR = 1.0
"""Seconds of the wall for which something that was sent may still not have been read."""


@dataclass(frozen=True)
class Hearing:
    """One session and the lines that belong to it. From `late_from` on what was `sent` may have come too late.

    `ends` are the sessions' closes: more than one where it cannot be told which lines belong to which session.
    """

    sent: tuple[Sent, ...]
    ends: tuple[Ended, ...]
    lines: tuple[Line, ...]
    late_from: int

    @property
    def messages(self) -> Iterator[tuple[int, Sent, Message]]:
        """The server's messages that are right, each with its place among what was sent."""
        for index, each in enumerate(self.sent):
            if isinstance(each.content, Message) and each.is_right:
                yield index, each, each.content

    @property
    def audio(self) -> Iterator[tuple[int, Sent, int]]:
        """The runs of the server's audio that are right, each with its place among what was sent, and its bytes."""
        for index, each in enumerate(self.sent):
            if isinstance(each.content, Audio) and each.is_right:
                yield index, each, each.content.size

    @cached_property
    def events(self) -> list[SawEvent]:
        """The messages that the application saw."""
        return [line for line in self.lines if isinstance(line, SawEvent)]

    @property
    def heard(self) -> int:
        """Bytes of audio that the application got."""
        return sum(line.size for line in self.lines if isinstance(line, GotAudio))

    def unseen(self) -> list[int]:
        """Where the messages stand that the application should have seen and did not."""
        missed, _ = self._matched
        return [index for index in missed if not self.is_excused(index)]

    def is_excused(self, index: int) -> bool:
        """Whether what stands there came last of all, while the application may have been leaving."""
        return index >= self.late_from and index > self._matched[1]

    @cached_property
    def _matched(self) -> tuple[list[int], int]:
        """Where the messages stand that were not seen, and the last that was.

        Of messages of one type the first are taken to be those that were seen.
        """
        left = Counter(line.type for line in self.events)
        missed, last = [], -1
        for index, _, message in self.messages:
            if left[message.type]:
                left[message.type] -= 1
                last = index
            else:
                missed.append(index)
        return missed, last


def hearings(
    sessions: Sequence[Served], lines: Sequence[Line], pace: float, stalled: float = 0.0
) -> list[Hearing]:
    """Each session with its lines, if these can be told apart by the closes among them; else all of it as one.

    `pace` is session seconds in a second of the wall, `stalled` the session seconds for which the script held up what
    was sent.
    """
    late = ON_ITS_WAY_FOR * pace + stalled
    parts = _parted(lines)
    if len(sessions) == 1:
        parts = [tuple(lines)]
    if len(parts) == len(sessions):
        return [
            Hearing(tuple(each.sent), _ends(each), part, _late_from(each, late))
            for each, part in zip(sessions, parts, strict=True)
        ]
    sure = [sent for each in sessions for sent in each.sent[: _late_from(each, late)]]
    ends = tuple(end for each in sessions for end in _ends(each))
    return [Hearing(tuple(sure), ends, tuple(lines), len(sure))]


def _ends(session: Served) -> tuple[Ended, ...]:
    return () if session.ended is None else (session.ended,)


def _late_from(session: Served, late: float) -> int:
    """From where on what was sent may not have been read: the server's own close comes after all of it.

    `late` is how many seconds before the end, in session time, that begins.
    """
    ended = session.ended
    if ended is None or (ended.sender is Side.SERVER and ended.code != NO_CLOSE_FRAME):
        return len(session.sent)
    since = ended.at - late
    return next((index for index, each in enumerate(session.sent) if each.at >= since), len(session.sent))


def _parted(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The lines up to each close, and what comes after the last of them with that one."""
    parts: list[list[Line]] = [[]]
    for line in lines:
        parts[-1].append(line)
        if isinstance(line, ToldClose):
            parts.append([])
    *whole, rest = parts
    if not whole:
        return [tuple(rest)]
    whole[-1] += rest
    return list(map(tuple, whole))
