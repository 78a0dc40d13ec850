"""Hands the cases of a run out to agents, and takes in what they say of them. Lives on the loop of the kit."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockagent.conformance.attaching.asking import Finished, Next, Observed, Wrong
from mockagent.conformance.driving import Task
from mockagent.conformance.observing.lines import MOST_BYTES

WAITS_FOR = 20.0
"""Seconds for which an agent is kept waiting for a case, before it is told to ask again."""
_LOOKS_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Handed:
    """A case for an agent."""

    task: Task


@dataclass(frozen=True, slots=True)
class AllDone:
    """There are no more cases."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the client said was taken in."""


Reply: TypeAlias = Handed | AllDone | Noted | Wrong
NOT_NOW = Wrong(503, "there is no case just now; ask again")
_SUPERSEDED = Wrong(409, "another request asks under the same name")
_OVER = Wrong(410, "the case is over")


@dataclass(eq=False)
class Offer:
    """A case that waits for an agent, or is played by one. `finished` holds the exit status that the agent gave."""

    task: Task
    agent: str = ""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    finished: "asyncio.Future[int | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    told: int = 0

    @property
    def is_over(self) -> bool:
        return self.finished.done()


class Desk:
    """Where agents ask. `patience` is for how many seconds nobody may be there before the run goes on without."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._waiting: deque[Offer] = deque()
        self._offers: dict[str, Offer] = {}
        self._asking: dict[str, object] = {}
        self._seen: set[str] = set()
        self._dismissed: set[str] = set()
        self._is_over = False
        self._changed = asyncio.Event()
        self._busy_at: float | None = None

    def offer(self, task: Task) -> Offer:
        """Let agents have this case."""
        if self._busy_at is None:
            self._busy_at = self._now()
        offer = Offer(task)
        self._offers[task.case] = offer
        self._waiting.append(offer)
        self._change()
        return offer

    async def is_taken(self, offer: Offer) -> bool:
        """Wait until an agent has the case; False when none has been there for so long that none will come."""
        while not offer.taken.is_set():
            if self._is_somebody_there():
                self._busy_at = self._now()
            elif self._now() - (self._busy_at or 0.0) >= self._patience:
                return False
            try:
                await asyncio.wait_for(offer.taken.wait(), _LOOKS_EVERY)
            except TimeoutError:
                continue
        return True

    def close(self, offer: Offer) -> None:
        """The case is over, whatever its agent does."""
        if offer in self._waiting:
            self._waiting.remove(offer)
        if not offer.finished.done():
            offer.finished.set_result(None)
        self._busy_at = self._now() if offer.agent else self._busy_at
        self._change()

    def end(self) -> None:
        """There will be no more cases."""
        self._is_over = True
        self._change()

    async def dismissed(self, within: float) -> None:
        """Wait until every agent knows that there are no more cases, or for so many seconds."""
        try:
            async with asyncio.timeout(within):
                while not self._seen <= self._dismissed:
                    await asyncio.sleep(_LOOKS_EVERY)
        except TimeoutError:
            return

    async def next(self, asked: Next, is_there: Callable[[], bool]) -> Reply:
        """The agent's next case; `is_there` says whether it still waits for the answer."""
        self._finish_last(asked.agent)
        self._seen.add(asked.agent)
        mine = self._asking[asked.agent] = object()
        until = self._now() + WAITS_FOR
        try:
            while self._now() < until and is_there():
                if self._asking.get(asked.agent) is not mine:
                    return _SUPERSEDED
                if self._waiting:
                    return self._hand(self._waiting.popleft(), asked.agent)
                if self._is_over:
                    self._dismissed.add(asked.agent)
                    return AllDone()
                await self._wait()
            return NOT_NOW
        finally:
            if self._asking.get(asked.agent) is mine:
                del self._asking[asked.agent]

    def observe(self, asked: Observed, lines: bytes) -> Reply:
        """Keep what the application saw."""
        offer = self._open(asked.case)
        if isinstance(offer, Wrong):
            return offer
        if offer.told + len(lines) > MOST_BYTES:
            return Wrong(413, f"expected at most {MOST_BYTES} bytes of lines in a case")
        offer.told += len(lines)
        with offer.task.observations.open("ab") as file:
            file.write(lines if lines.endswith(b"\n") or not lines else lines + b"\n")
        return Noted()

    def finish(self, asked: Finished) -> Reply:
        """The client says that it is done."""
        offer = self._open(asked.case)
        if isinstance(offer, Wrong):
            return offer
        offer.finished.set_result(asked.status)
        return Noted()

    def _open(self, case: str) -> Offer | Wrong:
        offer = self._offers.get(case)
        if offer is None or not offer.taken.is_set():
            return Wrong(404, "no such case has been handed out")
        return _OVER if offer.is_over else offer

    def _hand(self, offer: Offer, agent: str) -> Handed:
        offer.agent = agent
        offer.taken.set()
        return Handed(offer.task)

    def _finish_last(self, agent: str) -> None:
        for offer in self._offers.values():
            if offer.agent == agent and not offer.is_over:
                offer.finished.set_result(None)

    def _is_somebody_there(self) -> bool:
        return bool(self._asking) or any(
            offer.taken.is_set() and not offer.is_over for offer in self._offers.values()
        )

    def _change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self) -> None:
        """Until something has changed, or it is time to look whether the agent is still there."""
        changed = self._changed
        try:
            await asyncio.wait_for(changed.wait(), 10 * _LOOKS_EVERY)
        except TimeoutError:
            return

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class Attached:
    """An agent as the client: told of its case when it asks, done when it says so, or asks for the next one."""

    who = "the client"

    def __init__(self, desk: Desk, task: Task) -> None:
        self._desk = desk
        self._offer = desk.offer(task)

    async def start(self) -> bool:
        return await self._desk.is_taken(self._offer)

    async def ended(self) -> int | None:
        return await asyncio.shield(self._offer.finished)

    async def end(self) -> None:
        self._desk.close(self._offer)

    def clear(self) -> None:
        self._desk.close(self._offer)

    def settle(self) -> None:
        """Nothing of it is the kit's to end."""

    def output(self) -> tuple[str, dict[str, str]]:
        return "", {}


def told(task: Task, host: str) -> dict[str, Any]:
    """The case as an agent is told of it, with `host` in the addresses, by which the agent knows this machine."""
    return {
        "url": _at(task.url, host),
        "http_url": _at(task.ready.http_url, host),
        "key": task.key,
        "case": task.case,
        "deadline_ms": round(1000 * task.deadline),
        "intent": dict(task.intent),
        "done": False,
    }


def _at(url: str, host: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts._replace(netloc=f"{host}:{parts.port}").geturl() if host else url
