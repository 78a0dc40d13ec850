"""Faults one after the other, each followed by a stimulus; what a peer does not live through is made small and told.

What happens is told in values, so that a screen, a report and a store need not know each other.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mockagent.fuzz.outcomes import Outcome, Verdict
from mockagent.fuzz.sending import Fault, Sending, joined
from mockagent.fuzz.shrinking import shrunk
from mockagent.fuzzing.peer import Peer, PeerFailed

SHRINKS_FOR = 20.0
"""Seconds of the wall for making one failure smaller."""
_MOST_JOINED = 5_000
"""Steps of the longest history that is tried as one."""
_REPEATED = 200
"""Times that one sending is repeated to see whether it is the one that leaks."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One fault was committed."""

    fault: Fault
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """A failure of a new kind, as small as it could be made. `is_sure` is False where it did not happen again."""

    fault: Fault
    outcome: Outcome
    sending: Sending
    found_in: Sending
    tries: int
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Alike:
    """A failure that looks like one that is found already."""

    fault: Fault
    outcome: Outcome


Told: TypeAlias = Tried | Found | Alike


@dataclass(slots=True)
class Results:
    """What a campaign came to. `is_cut_short` says that its time was over before its faults were.

    `lost` is why nothing more could be sent to the peer, after some faults; "" where all went to it.
    """

    counts: Counter[Verdict] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    failed: int = 0
    lost: str = ""
    is_cut_short: bool = False

    @property
    def tried(self) -> int:
        """How many faults were committed."""
        return sum(number for verdict, number in self.counts.items() if verdict is not Verdict.NOT_REACHED)


async def campaign(
    faults: Iterable[Fault],
    peers: Sequence[Peer],
    tell: Callable[[Told], None] = lambda told: None,
    *,
    seconds: float | None = None,
    shrinks_for: float = SHRINKS_FOR,
) -> Results:
    """Commit all the faults, as many at once as there are peers, within so many seconds; PeerFailed as of them."""
    run = _Campaign(iter(faults), tell, seconds, shrinks_for)
    workers = [asyncio.ensure_future(run.work(peer)) for peer in peers]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for peer in peers:
            await peer.close()
    return run.results


class _Campaign:
    def __init__(
        self, faults: Iterator[Fault], tell: Callable[[Told], None], seconds: float | None, shrinks_for: float
    ) -> None:
        self.results = Results()
        self._faults = faults
        self._tell = tell
        self._now = asyncio.get_running_loop().time
        self._until = None if seconds is None else self._now() + seconds
        self._shrinks_for = shrinks_for
        self._known: set[tuple[str, ...]] = set()
        self._small: set[str] = set()

    async def work(self, peer: Peer) -> None:
        try:
            await self._work(peer)
        except PeerFailed as error:
            if not self.results.tried:
                raise
            self.results.lost = str(error)

    async def _work(self, peer: Peer) -> None:
        for fault in self._faults:
            if self.results.lost:
                return
            if self._until is not None and self._now() >= self._until:
                self.results.is_cut_short = True
                return
            outcome = await peer.tried(fault.sending)
            self.results.counts[outcome.verdict] += 1
            self._tell(Tried(fault, outcome))
            if outcome.fails(fault):
                self.results.failed += 1
                await self._note(peer, fault, outcome)

    async def _note(self, peer: Peer, fault: Fault, outcome: Outcome) -> None:
        kind = kind_of(fault, outcome)
        if kind in self._known:
            self._tell(Alike(fault, outcome))
            return
        self._known.add(kind)
        found = await self._smallest(peer, fault, outcome, peer.history)
        if found.sending.id in self._small:
            self._tell(Alike(fault, outcome))
            return
        self._small.add(found.sending.id)
        self.results.found.append(found)
        self._tell(found)

    async def _smallest(
        self, peer: Peer, fault: Fault, outcome: Outcome, history: Sequence[Sending]
    ) -> Found:
        async def still_fails(sending: Sending) -> bool:
            return (await peer.tried(sending, fresh=True)).signature == outcome.signature

        if outcome.verdict is Verdict.REFUSED:  # anything smaller might be refused with good reason
            return Found(fault, outcome, fault.sending, fault.sending, 0)
        whole = await self._reproduced(fault, outcome, history, still_fails)
        if whole is None:
            return Found(fault, outcome, fault.sending, fault.sending, 0, is_sure=False)
        until = self._now() + self._shrinks_for
        small, tries = await shrunk(whole, still_fails, lambda tries: self._now() >= until)
        return Found(fault, outcome, small, whole, tries)

    async def _reproduced(
        self,
        fault: Fault,
        outcome: Outcome,
        history: Sequence[Sending],
        still_fails: Callable[[Sending], Awaitable[bool]],
    ) -> Sending | None:
        """What is enough to see it again: the one sending, or that over and over, or all that went before."""
        if await still_fails(fault.sending):
            return fault.sending
        if outcome.verdict is Verdict.LEAKED:
            often = joined([fault.sending] * _REPEATED)
            if await still_fails(often):
                return often
        if len(history) > 1:
            before = joined(history)
            if len(before.steps) <= _MOST_JOINED and await still_fails(before):
                return before
        return None


def kind_of(fault: Fault, outcome: Outcome) -> tuple[str, ...]:
    """What failures of the same bug share: the place in the code; where none is known, also the family."""
    verdict, where = outcome.signature
    return (verdict, where) if " in " in where else (verdict, where, fault.family)
