"""Hypothesis plays the other side of a peer: it does what the session allows, or one thing that it does not.

The machine decides nothing about the protocol: the table of transitions says what may come, the judge what is wrong,
and `owed` what must still come.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck
from hypothesis import Phase as Stage
from hypothesis import settings as Settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mockagent.protocol.events import Audio, Dialect, Event, Frame, JsonObject, Malformed, Message, Side
from mockagent.protocol.trace import Trace, read
from mockagent.protocol.transitions import Phase
from mockagent.testing.machine.asked import Peer, dialect_of, opener_of, terms_of
from mockagent.testing.machine.line import Fault, Line, Loop
from mockagent.testing.machine.patience import Patience
from mockagent.testing.machine.peers import Opener
from mockagent.testing.machine.steps import WORDS, Choice, failure, frame_of, illegal, legal

PATIENCE = 5.0
"""Seconds of the wall that a peer has for what it owes."""
STEPS = 20
"""Steps of one run, over one session or several."""
_RUNS = 50
_OPENING = Choice(0, WORDS[0])
_MOST_OPENING = 4

_LET_BE = {Side.SERVER: (0.1, 0.5), Side.CLIENT: (0.02, 0.3)}
"""Session seconds for which a peer is let be, briefly or long: a server may speak then, a client owes nothing."""
_LONG = st.sampled_from((False, False, True))
_NOT_ALWAYS = (
    "The same steps went well when they were done again: what the peer does depends on when they come."
)

_OPENED = st.sampled_from((True, True, True, False))
_ENDS = ("not yet", "not yet", "hang up", "the service fails")
"""How a session may end; to a server the last two are one."""

choices = st.builds(Choice, st.integers(0, 1023), st.sampled_from(WORDS))


class _Play:
    """One run: a session, and after it the next.

    A fault is kept, and told by `check`: the step at which it shows may be another one each time, and Hypothesis
    takes a run that stops elsewhere for another test. After it nothing is done any more.
    """

    def __init__(
        self, loop: Loop, opener: Opener, patience: Patience, opening: JsonObject | None, traces: Path | None
    ) -> None:
        self._loop = loop
        self._opener = opener
        self._patience = patience
        self._opening = opening
        self._traces = traces
        self._lines: list[Line] = []
        self._has_ended = True
        self._fault: Fault | None = None

    @property
    def side(self) -> Side:
        """Whose part is played."""
        return self._opener.side.other

    @property
    def is_open(self) -> bool:
        return self._fault is None and not self._has_ended and not self._lines[-1].is_over

    def begin(self, opened: bool) -> None:
        """Come to a new session; with `opened` to where its conversation begins, whoever has to do what for it."""
        self.end()
        if self._fault is None:
            self._do(self._open)
        for _ in range(_MOST_OPENING if opened else 0):
            if self.is_open and self._lines[-1].session.phase is not Phase.ACTIVE:
                self.allowed(_OPENING)

    def allowed(self, choice: Choice) -> None:
        async def step() -> None:
            line = self._lines[-1]
            content = legal(line.worlds.judge, self.side, line.now(), choice, self._opening)
            if content is not None:
                await line.send(content)

        self._when_open(step)

    def barred(self, choice: Choice) -> None:
        async def step() -> None:
            line = self._lines[-1]
            line.has_strayed = self.side is Side.CLIENT
            await line.send(*illegal(line.session, self.side, choice))

        self._when_open(step)

    def rest(self, long: bool) -> None:
        self._when_open(lambda: self._lines[-1].rest(_LET_BE[self._opener.side][long]))

    def fail(self) -> None:
        """What a service does that fails: an Error, and the close without a status. A client has nothing like it."""

        async def step() -> None:
            line = self._lines[-1]
            await line.send_last(failure(line.session))
            await line.leave(None)

        if self.side is Side.SERVER and self.is_open and self._lines[-1].session.phase is Phase.ACTIVE:
            self._do(step)

    def end(self) -> None:
        """The session is over, and the peer comes to its end as well."""
        if not self._has_ended:
            self._has_ended = True
            self._do(lambda: self._opener.end(self._lines[-1]))

    def check(self) -> None:
        """AssertionError if the peer did anything wrong."""
        self.end()
        if self._fault is not None:
            raise Fault(self._report(self._fault))

    def again(self, event: Event) -> None:
        """What was done in a session that was recorded."""
        match event.content:
            case Message() | Audio() as content:
                self._when_open(lambda: self._lines[-1].send(content, frame_of(content)))
            case Malformed() as content:
                self._when_open(lambda: self._lines[-1].send(content, Frame(b"{")))

    async def _open(self) -> None:
        self._lines.append(await self._opener.open())
        self._has_ended = False
        await self._lines[-1].settle()

    def _when_open(self, step: Callable[[], Any]) -> None:
        if self.is_open:
            self._do(step)

    def _do(self, step: Callable[[], Any]) -> None:
        try:
            self._loop.run(step())
        except Fault as fault:
            self._fault = self._fault or fault
            self._patience.found()

    def _report(self, fault: Fault) -> str:
        parts = [str(fault)]
        for stale in self._traces.glob("machine-*.jsonl") if self._traces is not None else ():
            stale.unlink()
        for number, line in enumerate(self._lines, 1):
            parts.append(f"session {number}:\n{line.told()}")
            if self._traces is not None:
                self._traces.mkdir(parents=True, exist_ok=True)
                path = self._traces / f"machine-{number}.jsonl"
                path.write_text(self._opener.hidden(line.trace()), encoding="utf-8")
                parts.append(f"its trace: {path}")
        return self._opener.hidden("\n".join(parts))


def run_state_machine(
    peer: Peer,
    *,
    dialect: Dialect | str = Dialect.V1,
    settings: Settings | None = None,
    steps: int = STEPS,
    opening: JsonObject | None = None,
    headers: Mapping[str, str] | None = None,
    speed: float = 1.0,
    patience: float = PATIENCE,
    strict: bool = False,
    traces: str | os.PathLike[str] | None = None,
) -> None:
    """Play the other side of `peer` in every way that Hypothesis thinks of; AssertionError says what it does wrong.

    `peer` is a server, by its address or as what `serving` gives, or a client: a function of the address to connect
    to, plain or async, or a command in whose arguments {url} is replaced (its environment has MOCKAGENT_URL too). A
    client is started for each session, and must end by itself after it.

    `settings` are Hypothesis' own, `steps` the most steps of one run. To a server `opening` is the Settings that are
    sent, `headers` are those of the handshake, and `speed` is how many session seconds pass in one of the wall.
    `patience` is seconds of the wall for what the peer owes; with `strict` a SHOULD counts as a MUST. `traces` is a
    folder for the sessions of the last run that failed, which `replay` plays again.
    """
    where, terms = dialect_of(dialect), terms_of(patience, strict)
    opener = opener_of(peer, where, terms, headers=headers, speed=speed, opening=opening)
    chosen = _chosen(settings, steps)
    folder = None if traces is None else Path(traces)
    with Loop() as loop:

        def machine() -> RuleBasedStateMachine:
            return _machine(_Play(loop, opener, terms.patience, opening, folder))

        try:
            run_state_machine_as_test(cast(Any, machine), settings=chosen)
        except FlakyFailure as flaky:
            faults = [each for each in flaky.exceptions if isinstance(each, Fault)]
            if not faults:
                raise
            raise Fault(f"{faults[0]}\n{_NOT_ALWAYS}") from None
        finally:
            loop.run(opener.stop())


def replay(
    peer: Peer,
    *traces: str | os.PathLike[str],
    headers: Mapping[str, str] | None = None,
    speed: float = 1.0,
    patience: float = PATIENCE,
    strict: bool = False,
) -> None:
    """Do again what `run_state_machine` has written down, one session after the other; AssertionError as there.

    Text that was no message is not in a trace: another such text stands for it, and silence for audio.
    """
    if not traces:
        raise ValueError("expected at least one trace to do again, got none")
    recorded = [_read(Path(each)) for each in traces]
    terms = terms_of(patience, strict)
    opener = opener_of(peer, recorded[0].header.dialect, terms, headers=headers, speed=speed)
    with Loop() as loop:
        play = _Play(loop, opener, terms.patience, None, None)
        try:
            for each in recorded:
                play.begin(opened=False)
                for event in each.events:
                    if event.sender is play.side:
                        play.again(event)
            play.check()
        finally:
            loop.run(opener.stop())


def _chosen(settings: Settings | None, steps: int) -> Settings:
    """Those settings, or the usual ones, without what only costs time here: to Hypothesis all faults are one."""
    given = settings or Settings(max_examples=_RUNS, suppress_health_check=[HealthCheck.too_slow])
    return Settings(
        given,
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
        phases=[each for each in given.phases if each is not Stage.explain],
    )


def _read(path: Path) -> Trace:
    with path.open(encoding="utf-8", newline="\n") as lines:
        return read(lines, str(path))


def _machine(play: _Play) -> RuleBasedStateMachine:
    """The rules for one run of that play.

    None has a precondition: what a peer does in its own time must not decide what Hypothesis may draw.
    """

    class Conversation(RuleBasedStateMachine):
        @initialize(opened=_OPENED)
        def begins(self, opened: bool) -> None:
            play.begin(opened)

        @rule(steps=st.lists(choices, min_size=1, max_size=4))
        def does_what_is_allowed(self, steps: list[Choice]) -> None:
            for step in steps:
                play.allowed(step)

        @rule(step=choices)
        def does_what_is_not(self, step: Choice) -> None:
            play.barred(step)

        @rule(long=_LONG)
        def lets_time_pass(self, long: bool) -> None:
            play.rest(long)

        @rule(how=st.sampled_from(_ENDS), opened=_OPENED)
        def may_end(self, how: str, opened: bool) -> None:
            if how == "the service fails":
                play.fail()
            if how != "not yet" or not play.is_open:
                play.begin(opened)

        def teardown(self) -> None:
            play.check()

    return Conversation()
