"""A client as the peer: its command runs beside a raw server of ours, which says what is right and then what is not.

One process takes as many faults as it lives through, in one session; whatever it does not live through, the next
fault meets a new one. After each fault it is asked to run a function that its Settings define, and to answer a ping
where they define none.
"""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from mockagent.conformance.processes import end_all, reap
from mockagent.fuzz import stimuli
from mockagent.fuzz.outcomes import Outcome, Verdict, of_a_broken_connection
from mockagent.fuzz.sending import Await, Sending, Step
from mockagent.fuzzing.growth import grown, held
from mockagent.fuzzing.link import Link
from mockagent.fuzzing.peer import PeerFailed
from mockagent.fuzzing.process import Run
from mockagent.harness.surroundings import surroundings_of_case
from mockagent.protocol import messages
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.message_types import PATHS
from mockagent.protocol.switches import Switches
from mockagent.server import door
from mockagent.server.answers import refusal
from mockagent.server.notices import Ready

CONNECTS_WITHIN = 30.0
"""Seconds from the start of the command to its connection."""
INTENT: Mapping[str, Any] = {"do": "talk", "replies": 1_000_000, "patience": 60.0, "pace": 1.0}
"""What the command is told to do, if it reads it: talk until the connection is closed."""

_DEADLINE_FOR = 3_600.0
_SAYS_WITHIN = 0.3
"""Seconds in which a process that dies has said why."""
_BEGINNING = ("Welcome", "Settings", "SettingsApplied")
_SURELY = frozenset({"Settings", "SettingsConfiguration", "FunctionCallResponse", "audio"})
"""What is waited for each time; anything else only until it did not come once."""


class Client:
    """`command` runs in that environment; each answer may take `within` seconds.

    `function` is the one that it was last asked to run; None as long as its Settings have shown none.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        dialect: Dialect = Dialect.V1,
        *,
        within: float = 3.0,
        connects_within: float = CONNECTS_WITHIN,
    ) -> None:
        self._command = command
        self._environment = environment
        self._dialect = dialect
        self._within = within
        self._connects_within = connects_within
        self._history: list[Sending] = []
        self._server: asyncio.Server | None = None
        self._url = ""
        self._key = ""
        self._came: asyncio.Queue[Link] = asyncio.Queue()
        self._run: Run | None = None
        self._never: set[str] = set()
        self._probes = 0
        self.function: str | None = None

    @property
    def history(self) -> tuple[Sending, ...]:
        return tuple(self._history)

    async def tried(self, sending: Sending, *, fresh: bool = False) -> Outcome:
        begins = _begins(sending.steps)
        may_go_on = self._run is not None and self._run.is_settled and begins and not fresh
        if not may_go_on:
            await self._begin()
        run = self._run
        assert run is not None
        self._history.append(sending)
        outcome = await self._sent(
            run, sending, sending.steps[len(_BEGINNING) :] if may_go_on else sending.steps
        )
        if outcome.verdict is Verdict.SURVIVED:
            left = ", ".join(grown(run.before, held(run.child.pid)))
            if left:
                outcome = Outcome(Verdict.LEAKED, left, left)
        if run.link.seen_secret:
            outcome = Outcome(Verdict.LEAKED, "the API key came in a frame", "key")
        if outcome.verdict not in (Verdict.SURVIVED, Verdict.NOT_REACHED) or run.link.is_over:
            outcome = await self._left_behind(run, outcome)
            await self._end()
        return outcome

    async def close(self) -> None:
        await self._end()
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _begin(self) -> None:
        """A new process, and its connection."""
        await self._end()
        self._history = []
        await self._listen()
        self._key = f"fuzz-{secrets.token_hex(16)}"
        run = Run(self._command, self._surroundings(), self._ready(), self._key)
        await run.start()
        self._run = run
        try:
            async with asyncio.timeout(self._connects_within):
                ended = asyncio.ensure_future(run.ended())
                coming = asyncio.ensure_future(self._came.get())
                await asyncio.wait({ended, coming}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            said = run.said()
            await self._end()
            raise PeerFailed(
                f"the command did not connect to {self._url} in {self._connects_within:g} s"
                f"{': ' + said if said else ''}"
            ) from None
        finally:
            ended.cancel()
        if not coming.done():
            coming.cancel()
            said = run.said()
            await self._end()
            raise PeerFailed(
                f"the command ended without a connection to {self._url}{': ' + said if said else ''}"
            )
        run.link = coming.result()
        run.link.secret = self._key.encode()
        await asyncio.sleep(Switches().welcome_after)

    async def _end(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.link.leave()
            await run.end()
        while not self._came.empty():
            self._came.get_nowait().drop()

    async def _listen(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._new_link, "127.0.0.1", 0)
            port = self._server.sockets[0].getsockname()[1]
            self._address = f"127.0.0.1:{port}"
            self._url = f"ws://{self._address}{PATHS[self._dialect]}"

    def _ready(self) -> Ready:
        urls = {dialect: f"ws://{self._address}{path}" for dialect, path in PATHS.items()}
        return Ready(urls[Dialect.V1], urls[Dialect.EARLY_ACCESS], f"http://{self._address}", ())

    def _surroundings(self) -> dict[str, str]:
        return {
            **surroundings_of_case(self._environment, self._ready(), self._key),
            "MOCKAGENT_URL": self._url,
            "MOCKAGENT_INTENT": json.dumps(dict(INTENT)),
            "MOCKAGENT_DEADLINE_MS": str(round(1000 * _DEADLINE_FOR)),
        }

    def _new_link(self) -> Link:
        return _Door(ServerProtocol(max_size=None), self._came.put_nowait)

    async def _sent(self, run: Run, sending: Sending, steps: Sequence[Step]) -> Outcome:
        link = run.link
        link.sent.clear()
        seen: Counter[str] = Counter({name: number for name, number in link.types.items() if run.is_settled})
        for step in steps:
            if isinstance(step, Await):
                if step.type in self._never:
                    return Outcome(Verdict.NOT_REACHED, f"the client sends no {step.type}")
                seen[step.type] += 1
                number, wanted = seen[step.type], step.type
                if not await link.until(lambda: link.types[wanted] >= number, self._within):  # noqa: B023
                    if link.is_over or run.has_ended:
                        return await self._died(run) or Outcome(
                            Verdict.NOT_REACHED, "the client left on the way"
                        )
                    if wanted not in _SURELY:
                        self._never.add(wanted)
                    return Outcome(Verdict.NOT_REACHED, f"no {wanted} came in {self._within:g} s")
            else:
                if step.wire.after:
                    await link.until(lambda: link.is_over, step.wire.after)
                run.said_types.update(stimuli.types_said([step.wire]))
                link.put(step.wire, Side.SERVER)
        if sending.silent_for:
            await link.until(lambda: link.is_over, sending.silent_for)
        return await self._asked(run, sending)

    async def _asked(self, run: Run, sending: Sending) -> Outcome:
        link = run.link
        if stimuli.is_closing(sending.wires):
            if await link.until(lambda: link.is_over, self._within) and link.close is not None:
                return Outcome(Verdict.SURVIVED, f"closed with {link.close}")
            return await self._died(run) or _hung("the close", self._within)
        if stimuli.is_open_ended(sending.wires):
            return await self._pinged(run)
        if not await self._settled(run):
            return await self._died(run) or _hung("Welcome", self._within)
        self.function = function = stimuli.client_side_function(run.settings(), self._dialect)
        if function is None:
            return await self._pinged(run)
        self._probes += 1
        stimulus = stimuli.turn_with_a_call(self._dialect, function, self._probes)
        (wanted,) = stimulus.answers
        link.messages.clear()  # a late answer to an earlier call is no sign of life
        for body in stimulus.says:
            link.say(body)
        if await link.until(lambda: any(map(stimulus.is_answer, link.messages)), self._within):
            return Outcome(Verdict.SURVIVED, f"answered with {wanted}")
        return await self._died(run) or _hung("a function call", self._within)

    async def _settled(self, run: Run) -> bool:
        """Bring the session to where functions can be called, as far as need be; whether the client went along."""
        link, wanted = run.link, messages.SETTINGS[self._dialect]
        if not link.types[wanted]:
            if not run.said_types["Welcome"]:
                link.say(messages.welcome(self._dialect, stimuli.ID))
            if not await link.until(lambda: link.types[wanted] > 0, self._within):
                return False
        if not run.said_types["SettingsApplied"]:
            link.say({"type": "SettingsApplied"})
            run.said_types["SettingsApplied"] += 1
        run.settle()
        return True

    async def _pinged(self, run: Run) -> Outcome:
        self._probes += 1
        data = f"probe {self._probes}".encode()
        run.link.ping(data)
        if await run.link.until(lambda: data in run.link.pongs, self._within):
            return Outcome(Verdict.SURVIVED, "answered a ping")
        return await self._died(run) or _hung("a ping", self._within)

    async def _died(self, run: Run) -> Outcome | None:
        """What the end of the process or of the connection means; None while it looks alive."""
        await run.ended_within(_SAYS_WITHIN)
        death = run.death()
        if death is not None:
            return death
        if run.link.close is not None:
            return Outcome(Verdict.REFUSED, f"closed with {run.link.close}", f"close {run.link.close}")
        if run.link.is_lost:
            return of_a_broken_connection(run.link.sent)
        return None

    async def _left_behind(self, run: Run, outcome: Outcome) -> Outcome:
        """The outcome, unless the command has ended and something of it has not."""
        if not run.has_ended:
            return outcome
        left = [pid for pid in end_all(self._key, None) if pid != run.child.pid]
        reap(left)
        if left:
            return Outcome(Verdict.LEAKED, f"{len(left)} processes outlived the command", "processes")
        return outcome


class _Door(Link):
    """Our end of a connection: lets in whoever brings a credential, as the service does."""

    def __init__(self, protocol: ServerProtocol, came: Any) -> None:
        super().__init__(protocol)
        self._came = came

    def _read(self) -> None:
        had = self.request
        super()._read()
        if self.request is not None and had is None:
            self._answer(self.request)

    def _answer(self, request: Request) -> None:
        assert isinstance(self.protocol, ServerProtocol)
        client = door.admit(request.path, list(request.headers.raw_items()))
        if isinstance(client, door.Refused):
            self.protocol.send_response(refusal(client, secrets.token_hex(16)))
            self.flush()
            return
        response = self.protocol.accept(request)
        if client.subprotocol is not None:
            response.headers["Sec-WebSocket-Protocol"] = client.subprotocol
        self.protocol.send_response(response)
        self.flush()
        if self.protocol.state is State.OPEN:
            self._came(self)


def _begins(steps: Sequence[Step]) -> bool:
    """Whether a sending first brings the session to where a settled one is."""
    first = [
        step.type if isinstance(step, Await) else stimuli.type_of(step.wire.data)
        for step in islice(steps, len(_BEGINNING))
        if isinstance(step, Await) or step.wire.payload.size < 1_000
    ]
    return [each.replace("SettingsConfiguration", "Settings") for each in first] == list(_BEGINNING)


def _hung(what: str, within: float) -> Outcome:
    return Outcome(Verdict.HUNG, f"{what} was not answered in {within:g} s", "no answer")
