"""What a campaign asks of a peer, whatever it is."""

from typing import Protocol

from mockagent.errors import MockagentError
from mockagent.fuzz.outcomes import Outcome
from mockagent.fuzz.sending import Sending


class PeerFailed(MockagentError):
    """The peer cannot be used at all: it does not start, or does not live before any fault."""


class Peer(Protocol):
    """Who is sent what. It keeps what lives, such as a process, from one sending to the next."""

    async def tried(self, sending: Sending, *, fresh: bool = False) -> Outcome:
        """What came of it; `fresh` begins anew before. After a failure it begins anew by itself.

        PeerFailed when there is nobody to send anything to.
        """

    @property
    def history(self) -> tuple[Sending, ...]:
        """All that was sent since it last began anew, up to the last one, in order; () where each begins anew."""

    async def close(self) -> None:
        """Leave nothing of it."""
