"""Holds the plays of a mutant over real sockets, and says which requirements the kit found broken.

A server is judged by what the reference client saw of it, a client by the very judging of `mockagent conform client`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from broken_doors import DoorMutant
from knocking import found_at, found_of
from mutant_peers import MutantClient, MutantServer
from mutant_plays import PATIENT, scenario
from mutating import Makes, Memory, Mutant, Twist

from mockagent import catalogue
from mockagent.conformance.judging import results_of, verdict_on
from mockagent.conformance.planning import Case, cases_of
from mockagent.conformance.report import COURSE
from mockagent.conformance.seen import Seen, Witness
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Side
from mockagent.protocol.judge import Judge
from mockagent.scenario.lines import lines_to_play
from mockagent.server.app import Server
from mockagent.server.notices import Notice, SessionClosed
from mockagent.server.options import Options
from mockagent.testing.client import Account, ReferenceClient

SPEED = 5.0
"""So slow that a busy machine does not make a close late that comes at once: that is a second of the session."""
AT_ONCE = 12
"""Mutants that are tried side by side."""
_THINKS_FOR = 0.15
"""Seconds of the wall that a patient client takes before its Settings."""
_LIMIT, _MORE = 11.0, 2.0
"""Seconds of the session, and of the wall, beside its length, after which a play is over in any case."""


@dataclass
class Outcome:
    """What the kit says of a peer: the verdict on each requirement that it broke, and the first breach in words.

    `finished` is whether every play came to its end; `kit` what the unbroken side did wrong, by its own judgement.
    """

    broken: dict[str, Verdict] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    finished: bool = True
    kit: list[str] = field(default_factory=list)

    def note(self, requirement: str, words: str) -> None:
        """A breach; the first one counts."""
        self.broken.setdefault(requirement, verdict_on(catalogue.requirements()[requirement]))
        self.said.setdefault(requirement, words)


async def tried(mutants: Iterable[Mutant | DoorMutant]) -> dict[str, Outcome]:
    """What came of each mutant, by its name. Several are tried at once, and what is not killed once more, alone.

    For a machine that is busy with many sessions may make late what comes at once.
    """
    mutants = list(mutants)
    for name in {name for each in mutants if isinstance(each, Mutant) for name in each.plays}:
        _case(name)  # so that nothing has to be made ready while sessions wait for it
    for side in Side:
        await outcome_of(side, ("talks",))
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(mutant: Mutant | DoorMutant) -> tuple[str, Outcome]:
        async with turns:
            return mutant.name, await _of(mutant)

    outcomes = dict(await asyncio.gather(*map(in_turn, mutants)))
    for mutant in mutants:
        if not killed(mutant, outcomes[mutant.name]):
            outcomes[mutant.name] = await _of(mutant)
    return outcomes


def killed(mutant: Mutant | DoorMutant, outcome: Outcome) -> bool:
    """Whether the intended requirement was found broken, with none but its named companions."""
    return set(outcome.broken) == {mutant.breaks, *mutant.also} and not outcome.kit


async def _of(mutant: Mutant | DoorMutant) -> Outcome:
    if isinstance(mutant, Mutant):
        return await outcome_of(mutant.side, mutant.plays, mutant.makes)
    outcome = Outcome()
    is_door = mutant.side is Side.SERVER
    for requirement, words in await (found_at(mutant.door) if is_door else found_of(*mutant.door)):
        outcome.note(requirement, words)
    return outcome


def unbroken(memory: Memory) -> Twist:
    """A twist that changes nothing."""
    return Twist()


async def outcome_of(side: Side, plays: tuple[str, ...], makes: Makes = unbroken) -> Outcome:
    """What the kit says of the peer of that side that `makes` makes."""
    return await (_of_server(plays, makes) if side is Side.SERVER else _of_client(plays, makes))


@cache
def _case(name: str) -> Case:
    return cases_of([scenario(name)], catalogue.requirements(), level=1, speed=SPEED)[0]


def _within(name: str) -> float:
    """Seconds of the wall: one and a half times the play, and what a limit takes to run out."""
    return (1.5 * _case(name).lasts + _LIMIT) / SPEED + _MORE


def _options() -> Options:
    return Options(speed=SPEED, journal=False, gives_up=True, seed=1)


class _Client(ReferenceClient):
    """The kit's client: it knows the limits of the session, and can be patient."""

    def __init__(self, name: str) -> None:
        told = scenario(name)
        super().__init__(told, speed=SPEED, api_key=name)
        # Half of what the server takes: seen from here Welcome comes earlier. Usual times are too short to tell.
        after = told.switches.welcome_after * SPEED / 2 if told.switches.welcome_after > 0.1 else 0.0
        judge = Judge(catalogue.requirements(), replace(told.switches, welcome_after=after), told.dialect)
        self.account = Account(judge, catalogue.schemas())
        self._is_patient = name in PATIENT

    def _do(self, act: Any) -> None:
        if self._is_patient:
            self._is_patient = False
            self._start("settings", self._later(act))
        else:
            super()._do(act)

    async def _later(self, act: Any) -> None:
        await asyncio.sleep(_THINKS_FOR)
        super()._do(act)


async def _of_server(plays: tuple[str, ...], makes: Makes) -> Outcome:
    outcome = Outcome()
    server = MutantServer(makes, [scenario(name) for name in dict.fromkeys(plays)], _options())
    ready = await server.start()
    try:
        for name in plays:
            told = scenario(name)
            client = _Client(name)
            url = ready.url if told.dialect.value == "v1" else ready.early_access_url
            within = _within(name)
            await _in_time(client.play(url), within, lambda: None)
            outcome.finished &= client.is_over
            for found in client.account.violations:
                if found.requirement.binds is Side.SERVER:
                    outcome.note(found.requirement.id, f"expected {found.expected}, got {found.got}")
    finally:
        await server.stop()
    return outcome


async def _in_time(play: Coroutine[Any, Any, Any], within: float, too_late: Callable[[], None]) -> None:
    """The play, until it is over or time runs out; what its end makes it do then is no doing of the peer."""
    playing = asyncio.ensure_future(play)
    done, _ = await asyncio.wait({playing}, timeout=within)
    if not done:
        too_late()
    playing.cancel()
    with suppress(asyncio.CancelledError, ConnectionError):
        await playing


async def _of_client(plays: tuple[str, ...], makes: Makes) -> Outcome:
    outcome, memory = Outcome(), Memory()
    for name, seen in [each async for each in _held(plays, makes, memory)]:
        results = {each.row.asks: each for each in results_of(_case(name), seen, catalogue.requirements(), 1)}
        outcome.finished &= results[COURSE].verdict is Verdict.PASS
        for witness in seen.sessions:
            for fault in witness.faults:
                words = f"expected {fault.expected}, got {fault.got}"
                if fault.binds is Side.CLIENT:
                    outcome.note(fault.requirement, words)
                else:
                    outcome.kit.append(f"{fault.requirement}: {words}")
    return outcome


def _forget_the_rest(seen: Seen) -> None:
    """Nothing that happens from now on is held against the client."""
    for each in seen.sessions:
        each.record = lambda *_: None


async def _held(plays: tuple[str, ...], makes: Makes, memory: Memory) -> Any:
    """What is seen of the client in each play, one after the other."""
    seen, witnesses = Seen(), {}

    def witness(guest: Any) -> Witness:
        told = guest.scenario
        witnesses[guest.id] = Witness(guest.dialect, told.switches)
        seen.sessions.append(witnesses[guest.id])
        return witnesses[guest.id]

    def tell(notice: Notice) -> None:
        if isinstance(notice, SessionClosed):
            witnesses[notice.session].ending = notice.ending
            witnesses[notice.session].unmet = notice.unmet

    server = Server([scenario(name) for name in dict.fromkeys(plays)], _options(), tell, witness)
    ready = await server.start()
    try:
        for name in plays:
            told = scenario(name)
            seen = Seen(status=0)
            lines = lines_to_play(told)[0]
            client = MutantClient(makes, memory, told, lines, speed=SPEED, api_key=name)
            url = ready.url if told.dialect.value == "v1" else ready.early_access_url
            within = _within(name)
            await _in_time(client.play(url), within, lambda seen=seen: _forget_the_rest(seen))
            await server.drain(0.5)
            yield name, seen
    finally:
        await server.stop()
