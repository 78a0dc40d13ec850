"""What a fault came to: one word of five, or that it was never committed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mockagent.fuzz.sending import Fault
from mockagent.protocol.wire_frames import WireFrame, must_be_closed_over


class Verdict(StrEnum):
    """One word for what the peer did; `MEANINGS` says what it claims."""

    SURVIVED = "survived"
    REFUSED = "refused"
    CRASHED = "crashed"
    HUNG = "hung"
    LEAKED = "leaked"
    NOT_REACHED = "not reached"


MEANINGS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.SURVIVED: "the peer answered the stimulus that came after the fault",
        Verdict.REFUSED: "the peer said no in good order: an exception that stands for it, an Error, a close frame, or "
        "the end of a connection that RFC 6455 has it fail",
        Verdict.CRASHED: "the process ended, an exception escaped that stands for no refusal, or a connection that may "
        "go on broke without a close frame",
        Verdict.HUNG: "the stimulus was not answered in time, and nothing was closed",
        Verdict.LEAKED: "a secret came back, or memory, descriptors, threads or processes stayed behind",
        Verdict.NOT_REACHED: "the peer did not take the way to where the fault would be one",
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict and what was seen. `where` is what is alike for the same bug: an exception and its place."""

    verdict: Verdict
    detail: str = ""
    where: str = ""

    @property
    def signature(self) -> tuple[Verdict, str]:
        """What stays the same while a failure is made smaller."""
        return self.verdict, self.where

    def fails(self, fault: Fault) -> bool:
        """Whether a peer should not come to this: also a refusal of what it must take."""
        if self.verdict is Verdict.REFUSED:
            return bool(fault.must_be_taken)
        return self.verdict in (Verdict.CRASHED, Verdict.HUNG, Verdict.LEAKED)


def of_a_broken_connection(sent: Iterable[WireFrame]) -> Outcome:
    """What a connection that broke without a close frame means, after those frames.

    Who fails a connection, as RFC 6455 has it over some frames, should send a close frame before, but need not (7.1.7).
    """
    if must_be_closed_over(sent):
        return Outcome(Verdict.REFUSED, "dropped the connection, where a close frame should come first")
    return Outcome(Verdict.CRASHED, "the connection broke without a close frame", "no close frame")
